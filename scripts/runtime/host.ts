// Runs chosen services on one broker: the same steps for `npm start`, `npm run node` and the tests.
import { type Service, ServiceBroker } from 'moleculer';
import { gatewaySettings } from '../../gateway/settings.ts';
import type { ViewStore } from '../../mixins/node.ts';
import { brokerOptions, type NodeSettings } from '../../moleculer.config.ts';
import { reasonOf, StartFailure } from './failure.ts';
import { requireFreePort } from './ports.ts';
import { loadServices } from './services.ts';

/** Starts a broker with the services; they are callable when it resolves. Nothing runs on when it rejects. */
export async function startBroker(settings: NodeSettings, services: ReadonlyMap<string, string>): Promise<ServiceBroker> {
  const broker = new ServiceBroker(brokerOptions(settings, await viewStore(settings)));
  try {
    await loadServices(broker, services);
    await broker.start();
  } catch (error) {
    await broker.stop();
    throw /^[A-Z_]+_URL: /.test(reasonOf(error)) ? new StartFailure(reasonOf(error), error) : error;
  }
  return broker;
}

/** MongoDB's driver is loaded only where it is used. */
async function viewStore({ mongoUrl }: NodeSettings): Promise<ViewStore | undefined> {
  if (mongoUrl === undefined) return undefined;
  const { MongoViews } = await import('../../mixins/view/mongo-adapter.ts');
  return new MongoViews(mongoUrl);
}

/**
 * Makes sure that the gateway can listen. `PORT` is what people and platforms set; the gateway's own variable is SOUK_PORT.
 * @throws StartFailure naming the variable when it is no port or a busy one
 */
export async function prepareHttp(env: NodeJS.ProcessEnv): Promise<void> {
  if (env.PORT) env.SOUK_PORT ??= env.PORT;
  try {
    const { port, host } = gatewaySettings(env);
    if (port > 65_535) throw new StartFailure(`PORT: ${port} is not a port`);
    await requireFreePort(port, host);
  } catch (error) {
    throw error instanceof StartFailure ? error : new StartFailure(reasonOf(error), error);
  }
}

/** The URL to open on this machine, of a started node that has the gateway. */
export function httpUrl(broker: ServiceBroker): string {
  const gateway = broker.getLocalService('gateway') as Service & { listening(): number };
  return `http://localhost:${gateway.listening()}`;
}
