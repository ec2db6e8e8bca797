// The gateway's parts put together: each request passes admission, its action and the answer; whatever is thrown on the way
// leaves as problem details.
import type { Server } from 'node:http';
import type { Context, ServiceBroker } from 'moleculer';
import { failure } from '../mixins/errors.ts';
import type { Meta } from '../mixins/meta.ts';
import type { AccessLog } from './access-log.ts';
import { admit, type Gate } from './admission.ts';
import { grantReading, preflight } from './cross-site.ts';
import { drain } from './drain.ts';
import { Exchange, type Life, pathOf, type WebRequest, type WebResponse } from './exchange.ts';
import type { GatewayLogger } from './logging.ts';
import type { NodeMetrics } from './metrics.ts';
import { type Problems, problemHeaders } from './problem.ts';
import { outcomeOf } from './red.ts';
import { respond, write } from './respond.ts';
import type { Route, RouteTable } from './routing.ts';
import { secureData } from './security-headers.ts';
import type { Sessions } from './sessions.ts';
import type { GatewaySettings } from './settings.ts';

export interface GatewayParts {
  readonly broker: ServiceBroker;
  readonly settings: GatewaySettings;
  readonly table: RouteTable;
  readonly problems: Problems;
  readonly gate: Gate;
  readonly sessions: Sessions;
  readonly metrics: NodeMetrics;
  readonly logger: GatewayLogger;
  readonly accessLog: AccessLog;
}

export class Gateway {
  readonly parts: GatewayParts;
  readonly life: Life = { draining: false };
  /** Paths of the gateway's own pages, which are read only. */
  pages: ReadonlySet<string> = new Set();

  constructor(parts: GatewayParts) {
    this.parts = parts;
  }

  /** First touch of a request: its id, its peer, and what is counted when it ends. */
  open(request: WebRequest, response: WebResponse): void {
    const { proxies, origins } = this.parts.settings;
    const exchange = new Exchange(request, proxies.peerOf(request), this.life);
    request.exchange = exchange;
    response.on('close', () => this.#ended(request, response));
    if (!origins.any) return;
    const { origin } = request.headers;
    exchange.headers.push('Vary', 'Origin');
    if (origin !== undefined && origins.allows(origin)) grantReading(exchange.headers, origin);
  }

  /** Answers an OPTIONS request; a script of another site learns nothing unless its origin is allowed. */
  options(request: WebRequest, response: WebResponse): void {
    const { exchange, headers } = request;
    const methods = this.#methodsOf(pathOf(request));
    const { origin } = headers;
    secureData(exchange);
    if (origin !== undefined && this.parts.settings.origins.allows(origin)) exchange.headers.push(...preflight(methods));
    else exchange.headers.push('Allow', methods.concat('OPTIONS').join(', '));
    write(request, response, 204);
  }

  admit(ctx: Context<unknown, Meta>, request: WebRequest, route: Route): Promise<void> {
    return admit(this.parts.gate, ctx, request, route);
  }

  answer(request: WebRequest, response: WebResponse, result: unknown): void {
    const { headers } = request.exchange;
    const before = headers.length;
    respond(request, response, result, request.$ctx?.meta ?? {})
      .catch((error: unknown) => {
        headers.length = before;
        this.refuse(request, response, error);
      })
      .catch(() => response.destroy());
  }

  /** Nothing lives at this path, or not for this method. */
  missing(request: WebRequest, response: WebResponse): void {
    const methods = this.#methodsOf(pathOf(request).replace(/(.)\/$/, '$1'));
    if (methods.length === 0) {
      this.refuse(request, response, failure('NOT_FOUND', 'Nothing lives at this address'));
      return;
    }
    request.exchange.headers.push('Allow', methods.concat('OPTIONS').join(', '));
    this.refuse(request, response, failure('METHOD_NOT_ALLOWED', `Allowed here: ${methods.join(', ')}`));
  }

  /** Answers with a problem. What we did not expect is logged in full, and told to nobody else. */
  refuse(request: WebRequest, response: WebResponse, error: unknown): void {
    const { problems, logger, sessions } = this.parts;
    const { exchange } = request;
    if (response.destroyed) return;
    if (!problems.isKnown(error)) logger.error({ err: error, requestId: exchange.requestId }, 'a request failed unexpectedly');
    if (response.headersSent) {
      response.destroy();
      return;
    }
    const problem = problems.of(error, exchange.requestId, pathOf(request));
    sessions.refused(request, error);
    if (request.$ctx?.meta.replayed) exchange.headers.push('Idempotent-Replayed', 'true');
    secureData(exchange);
    exchange.headers.push('Cache-Control', 'no-store', ...problemHeaders(problem));
    write(request, response, problem.status, Buffer.from(JSON.stringify(problem)));
  }

  /** From now on /ready says no; resolves when the last request is answered. */
  async drain(server: Server): Promise<void> {
    this.life.draining = true;
    await drain(server, this.parts.settings.drainMs, this.parts.logger);
  }

  #methodsOf(path: string): string[] {
    return this.pages.has(path) ? ['GET', 'HEAD'] : this.parts.table.methodsOf(path);
  }

  #ended(request: WebRequest, response: WebResponse): void {
    const { exchange } = request;
    const ms = performance.now() - exchange.startedAt;
    const status = response.headersSent ? response.statusCode : 499;
    this.parts.metrics.request(exchange.route?.label ?? 'other', outcomeOf(status), ms / 1_000);
    this.parts.accessLog.write(exchange, request.method ?? '', pathOf(request), status, ms);
  }
}
