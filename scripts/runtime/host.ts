// Runs chosen services on one broker: the same steps for `npm start`, `npm run node` and the tests.
import type { Server } from 'node:http';
import { type Service, ServiceBroker } from 'moleculer';
import { gatewaySettings } from '../../gateway/settings.ts';
import { brokerOptions, type NodeSettings } from '../../moleculer.config.ts';
import { reasonOf, StartFailure } from './failure.ts';
import { requireFreePort } from './ports.ts';
import { loadServices } from './services.ts';

/** Starts a broker with the services; they are callable when it resolves. Nothing runs on when it rejects. */
export async function startBroker(settings: NodeSettings, services: ReadonlyMap<string, string>): Promise<ServiceBroker> {
  const broker = new ServiceBroker(brokerOptions(settings));
  try {
    await loadServices(broker, services);
    await broker.start();
  } catch (error) {
    await broker.stop();
    throw error;
  }
  return broker;
}

export interface HttpAddress {
  readonly port: number;
  readonly host: string;
}

/**
 * Where the gateway will listen. `PORT` is what people and platforms set; the gateway's own variable is SOUK_PORT.
 * @throws StartFailure naming the variable when it is no port or a busy one
 */
export async function prepareHttp(env: NodeJS.ProcessEnv): Promise<HttpAddress> {
  if (env.PORT) env.SOUK_PORT ??= env.PORT;
  try {
    const { port, host } = gatewaySettings(env);
    if (port > 65_535) throw new StartFailure(`PORT: ${port} is not a port`);
    await requireFreePort(port, host);
    return { port, host };
  } catch (error) {
    throw error instanceof StartFailure ? error : new StartFailure(reasonOf(error), error);
  }
}

/** The URL to open on this machine. With port 0 it is known only now. */
export function httpUrl(broker: ServiceBroker, { port }: HttpAddress): string {
  const { server } = broker.getLocalService('gateway') as Service & { readonly server?: Server };
  const bound = server?.address();
  return `http://localhost:${typeof bound === 'object' && bound !== null ? bound.port : port}`;
}
