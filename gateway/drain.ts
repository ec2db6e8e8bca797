// The end of a gateway: it stops accepting, answers what is in flight, and closes every connection as it falls idle.
// Moleculer stops all services of a node at once, so this happens before any of them, while they can still answer.
import type { Server } from 'node:http';
import type { GatewayLogger } from './logging.ts';

const SWEEP_MS = 25;

/** Resolves when the last connection is closed; after `limitMs` the remaining ones are cut. */
export async function drain(server: Server, limitMs: number, logger: GatewayLogger): Promise<void> {
  if (!server.listening) return;
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  // A connection that is busy now is kept alive after its answer; nobody else would close it.
  const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MS);
  const cut = setTimeout(() => {
    logger.warn({ limitMs }, 'requests were still in flight at the end of the grace period and are cut');
    server.closeAllConnections();
  }, limitMs);
  await closed;
  clearInterval(sweep);
  clearTimeout(cut);
}
