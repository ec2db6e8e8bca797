// Joins the bus of the running shop as a node that only calls: for the REPL and for tools.
import { ServiceBroker } from 'moleculer';
import { brokerOptions, nodeSettings } from '../../moleculer.config.ts';
import { checkNats, natsConnection } from '../engines/nats-url.ts';
import { requireNatsUrl } from './running.ts';

/** A started broker without services. `role` begins its node id. @throws StartFailure when no shop is running */
export async function joinShop(env: NodeJS.ProcessEnv, role: string): Promise<ServiceBroker> {
  const natsUrl = requireNatsUrl(env);
  await checkNats(natsConnection(natsUrl, env.SOUK_NATS_CREDS));
  const settings = nodeSettings(env, natsUrl, 'warn');
  const broker = new ServiceBroker(brokerOptions({ ...settings, nodeID: `${role}-${process.pid}`, hosting: false }));
  await broker.start();
  return broker;
}
