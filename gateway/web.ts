// What the gateway uses of moleculer-web, typed: its own type file does not compile.
import type { Context, ServiceBroker } from 'moleculer';
import type { Meta } from '../mixins/meta.ts';
import type { WebRequest, WebResponse } from './exchange.ts';
import type { GatewayLogger } from './logging.ts';

/** An alias of moleculer-web: a path that calls an action, or a function of ours. */
export interface Alias {
  readonly method: string;
  readonly fullPath: string;
  readonly action: string | null;
  toString(): string;
}

export interface FoundAlias {
  readonly alias: Alias;
  readonly params: Readonly<Record<string, string>>;
}

export type PageHandler = (request: WebRequest, response: WebResponse) => void;

export interface WebRoute {
  readonly path: string;
  readonly mappingPolicy: 'restrict';
  readonly bodyParsers: false;
  readonly aliases: Readonly<Record<string, string | PageHandler>>;
  onBeforeCall(
    ctx: Context<unknown, Meta>,
    route: unknown,
    request: WebRequest,
    response: WebResponse,
    alias: Alias,
  ): Promise<void>;
  onAfterCall?(ctx: Context<unknown, Meta>, route: unknown, request: WebRequest, response: WebResponse, data: unknown): unknown;
}

export interface WebService {
  readonly broker: ServiceBroker;
  readonly logger: GatewayLogger;
  readonly aliases: Alias[];
  httpHandler(request: WebRequest, response: WebResponse): Promise<void>;
  addRoute(route: WebRoute): unknown;
  readonly actions: { rest(params: { req: WebRequest; res: WebResponse }, options: { meta: Meta }): Promise<unknown> };
}
