// The HTTP server: it listens when the gateway is ready to tell who is who, and stops without losing anybody.
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { WebRequest, WebResponse } from './exchange.ts';
import type { Gateway } from './gateway.ts';

/** Longer than load balancers keep idle connections, so that they close first. */
const KEEP_ALIVE_MS = 65_000;
/** A request that takes longer to arrive is a slow attack. */
const ARRIVAL_MS = 30_000;

export class Listener {
  readonly #gateway: Gateway;
  #server: Server | undefined;

  constructor(gateway: Gateway) {
    this.#gateway = gateway;
  }

  /** The port it listens on, undefined while it does not. */
  get port(): number | undefined {
    const address = this.#server?.address();
    return typeof address === 'object' && address ? address.port : undefined;
  }

  async open(handle: (request: WebRequest, response: WebResponse) => Promise<void>): Promise<void> {
    const { settings, logger } = this.#gateway.parts;
    this.#server = createServer((request, response) => {
      // What fails even to be refused ends this connection, never the node.
      handle(request as WebRequest, response).catch((error: unknown) => {
        logger.error({ err: error }, 'a request could not be answered');
        response.destroy();
      });
    });
    this.#server.keepAliveTimeout = KEEP_ALIVE_MS;
    this.#server.requestTimeout = ARRIVAL_MS;
    this.#server.listen(settings.port, settings.host);
    await once(this.#server, 'listening');
    logger.info({ port: this.port }, 'the gateway listens');
  }

  /** Resolves when everybody has been answered. */
  async close(): Promise<void> {
    if (this.#server) await this.#gateway.drain(this.#server);
  }
}
