// What the gateway answers by itself: health, status, the API description and its readable page.
import { failure } from '../mixins/errors.ts';
import { hasRole } from '../mixins/principal.ts';
import type { WebRequest, WebResponse } from './exchange.ts';
import type { Gateway } from './gateway.ts';
import { Health } from './health.ts';
import { write } from './respond.ts';
import { secureData } from './security-headers.ts';
import { StatusReport } from './status.ts';
import type { PageHandler } from './web.ts';

function sendJson(request: WebRequest, response: WebResponse, status: number, value: unknown): void {
  secureData(request.exchange);
  request.exchange.headers.push('Content-Type', 'application/json; charset=utf-8', 'Cache-Control', 'no-store');
  write(request, response, status, Buffer.from(JSON.stringify(value)));
}

/** Alias and handler of every page, for moleculer-web. */
export function pagesOf(gateway: Gateway): Record<string, PageHandler> {
  const { broker, gate } = gateway.parts;
  const health = new Health(broker, () => gateway.life.draining);
  const status = new StatusReport(broker, health, () => gate.limiter);
  const guarded =
    (work: (request: WebRequest, response: WebResponse) => Promise<void>): PageHandler =>
    (request, response) => {
      work(request, response).catch((error: unknown) => gateway.refuse(request, response, error));
    };
  return {
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
