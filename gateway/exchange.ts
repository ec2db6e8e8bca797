// One request and its answer: what the gateway has learned about it, and the headers that its answer will carry.
// Headers are collected in one flat list and written once, which is what Node does fastest.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Context } from 'moleculer';
import type { Meta } from '../mixins/meta.ts';
import { ANONYMOUS, type Principal } from '../mixins/principal.ts';
import type { Peer } from './address.ts';
import type { Cookies } from './cookies.ts';
import { requestIdOf } from './request-meta.ts';
import type { Route } from './routing.ts';

const NO_COOKIES: Readonly<Cookies> = Object.freeze({});

/** Where the gateway is in its life: a draining one asks its clients to go elsewhere. */
export interface Life {
  draining: boolean;
}

export class Exchange {
  readonly startedAt = performance.now();
  readonly requestId: string;
  readonly peer: Peer;
  readonly life: Life;
  /** Headers of the answer: name, value, name, value. */
  readonly headers: string[];
  /** The route once it is known, for labels and for what the answer may be. */
  route: Route | undefined;
  principal: Principal = ANONYMOUS;
  cookies: Readonly<Cookies> = NO_COOKIES;

  constructor(request: IncomingMessage, peer: Peer, life: Life) {
    this.requestId = requestIdOf(request.headers);
    this.peer = peer;
    this.life = life;
    this.headers = ['X-Request-Id', this.requestId];
  }
}

/** Node's request with what moleculer-web and the gateway hang on it. */
export interface WebRequest extends IncomingMessage {
  exchange: Exchange;
  $ctx?: Context<unknown, Meta>;
  $params?: unknown;
}

export type WebResponse = ServerResponse<IncomingMessage>;

/** The path without its query, which may hold secrets. */
export function pathOf(request: IncomingMessage & { originalUrl?: string }): string {
  const url = request.originalUrl ?? request.url ?? '/';
  const end = url.indexOf('?');
  return end < 0 ? url : url.slice(0, end);
}

/** Text of the query, empty when there is none. */
export function queryOf(request: IncomingMessage & { originalUrl?: string }): string {
  const url = request.originalUrl ?? request.url ?? '/';
  const start = url.indexOf('?');
  return start < 0 ? '' : url.slice(start + 1);
}
