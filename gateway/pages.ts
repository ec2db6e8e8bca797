// What the gateway answers by itself: health, status, the API description and its readable page.

import type { Contract } from '../mixins/contract.ts';
import { failure } from '../mixins/errors.ts';
import { hasRole } from '../mixins/principal.ts';
import type { WebRequest, WebResponse } from './exchange.ts';
import type { Gateway } from './gateway.ts';
import { Health } from './health.ts';
import { acceptedBy, type Representation } from './representation.ts';
import { alreadyHas } from './request-meta.ts';
import { write } from './respond.ts';
import { secureData, securePage } from './security-headers.ts';
import { projectVersion, type Sheet, siteOf } from './site.ts';
import { StatusReport } from './status.ts';
import type { PageHandler } from './web.ts';

function sendJson(request: WebRequest, response: WebResponse, status: number, value: unknown): void {
  secureData(request.exchange);
  request.exchange.headers.push('Content-Type', 'application/json; charset=utf-8', 'Cache-Control', 'no-store');
  write(request, response, status, Buffer.from(JSON.stringify(value)));
}

/** Sends something that stays as it is until the next start. */
async function sendFixed(
  request: WebRequest,
  response: WebResponse,
  type: string,
  representation: Representation,
): Promise<void> {
  const { headers } = request.exchange;
  const etag = `W/"${representation.tag}"`;
  headers.push('Cache-Control', 'public, no-cache', 'Vary', 'Accept-Encoding', 'ETag', etag);
  if (alreadyHas(request.headers['if-none-match'], etag)) return write(request, response, 304);
  headers.push('Content-Type', type);
  const encoding = representation.worthCompressing
    ? representation.preferred(acceptedBy(request.headers['accept-encoding']))
    : undefined;
  if (encoding === undefined) return write(request, response, 200, representation.bytes);
  headers.push('Content-Encoding', encoding);
  return write(request, response, 200, await representation.encoded(encoding));
}

function sendSheet(request: WebRequest, response: WebResponse, { page, representation }: Sheet): Promise<void> {
  securePage(request.exchange, page);
  return sendFixed(request, response, 'text/html; charset=utf-8', representation);
}

/** Alias and handler of every page, for moleculer-web. */
export function pagesOf(gateway: Gateway, contracts: readonly Contract[]): Record<string, PageHandler> {
  const site = siteOf(contracts, projectVersion());
  const { broker, gate, settings } = gateway.parts;
  const health = new Health(broker, () => gateway.life.draining);
  const status = new StatusReport(broker, health, () => gate.limiter, settings.views);
  const guarded =
    (work: (request: WebRequest, response: WebResponse) => Promise<void>): PageHandler =>
    (request, response) => {
      work(request, response).catch((error: unknown) => gateway.refuse(request, response, error));
    };
  return {
    'GET /': guarded((request, response) => sendSheet(request, response, site.front)),
    'GET /api/docs': guarded((request, response) => sendSheet(request, response, site.docs)),
    'GET /api/openapi.json': guarded((request, response) => {
      secureData(request.exchange);
      return sendFixed(request, response, 'application/json; charset=utf-8', site.description);
    }),
    'GET /health': (request, response) => sendJson(request, response, 200, { status: 'live' }),
    'GET /ready': guarded(async (request, response) => {
      const readiness = await health.readiness();
      sendJson(request, response, readiness.ready ? 200 : 503, readiness);
    }),
    'GET /api/status': guarded(async (request, response) => {
      const { principal } = await gate.identities.identify(request.headers);
      if (principal.kind === 'account' && principal.scopes && !principal.scopes.includes('status:read')) {
        throw failure('FORBIDDEN', 'This API key lacks the scope status:read', { scope: 'status:read' });
      }
      sendJson(request, response, 200, await status.read(hasRole(principal, 'admin')));
    }),
  };
}
