// What operators and probes ask of any node, with or without a gateway: /livez, /readyz and /metrics on a port of its own.
// It listens on loopback unless SOUK_ADMIN_HOST says otherwise, since metrics are nobody else's business.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { ServiceBroker, ServiceSchema } from 'moleculer';
import { Health } from './health.ts';
import { type NodeMetrics, nodeMetrics } from './metrics.ts';
import { type Environment, whole } from './settings.ts';

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

const json = (status: number, value: unknown): Answer => ({
  status,
  type: 'application/json; charset=utf-8',
  text: JSON.stringify(value),
});

async function answerTo(path: string, health: Health, metrics: NodeMetrics): Promise<Answer> {
  if (path === '/livez') return json(200, { status: 'live' });
  if (path === '/readyz') {
    const readiness = await health.readiness();
    return json(readiness.ready ? 200 : 503, readiness);
  }
  if (path === '/metrics') return { status: 200, type: metrics.registry.contentType, text: await metrics.registry.metrics() };
  return json(404, { status: 'unknown path', paths: ['/livez', '/readyz', '/metrics'] });
}

/** A port that is taken is no reason not to sell: the node goes on and says so. */
async function listen(server: Server, port: number, host: string): Promise<boolean> {
  server.listen(port, host);
  return once(server, 'listening').then(
    () => true,
    () => false,
  );
}

export default function adminService(
  broker: ServiceBroker,
  env: Environment = process.env,
  metrics: NodeMetrics = nodeMetrics,
): ServiceSchema {
  const logger = broker.getLogger('admin');
  const port = whole(env, 'SOUK_ADMIN_PORT', 0);
  const host = env.SOUK_ADMIN_HOST ?? '127.0.0.1';
  const health = new Health(broker, () => false);
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = (request.url ?? '/').split('?')[0] ?? '/';
    const { status, type, text } = await answerTo(path, health, metrics).catch((error: unknown) => {
      logger.error({ err: error, path }, 'the admin port could not answer');
      return json(500, { status: 'failed' });
    });
    response.writeHead(status, { 'Content-Type': type, 'Cache-Control': 'no-store' }).end(text);
  };
  const server = createServer((request, response) => void handle(request, response));
  return {
    name: 'admin',
    methods: {
      /** The port it listens on, undefined while it does not. */
      listening: () => {
        const address = server.address();
        return typeof address === 'object' && address ? address.port : undefined;
      },
    },
    async started() {
      if (await listen(server, port, host)) logger.info({ host, address: server.address() }, 'metrics and probes are served');
      else logger.error({ host, port }, 'SOUK_ADMIN_PORT is taken: this node has no metrics and no probes');
    },
    async stopped() {
      server.closeAllConnections();
      if (server.listening) await new Promise((resolve) => server.close(resolve));
    },
  } as unknown as ServiceSchema;
}
