// One line per answered request: what, by whom, how long. Never a query (it may hold secrets), a body or a token.
import type { Exchange } from './exchange.ts';
import type { GatewayLogger } from './logging.ts';

const SLOW_MS = 1_000;

/** Logs failures of ours as errors, slow answers as warnings, the rest as information. */
export function logAccess(
  logger: GatewayLogger,
  exchange: Exchange,
  method: string,
  path: string,
  status: number,
  ms: number,
): void {
  const { principal, peer, requestId, route } = exchange;
  const fields = {
    requestId,
    method,
    path,
    route: route?.pattern,
    status,
    ms: Math.round(ms * 10) / 10,
    ip: peer.ip,
    by: principal.kind === 'anonymous' ? 'anonymous' : principal.id,
  };
  if (status >= 500) logger.error(fields, 'request failed');
  else if (ms > SLOW_MS) logger.warn(fields, 'request was slow');
  else logger.info(fields, 'request');
}
