// `npm run repl`: an operator on the bus of the running shop. Also piped: `echo "nodes" | npm run repl`.
import { ServiceBroker } from 'moleculer';
import { brokerOptions, nodeSettings } from '../moleculer.config.ts';
import { checkNats, natsConnection } from './engines/nats-url.ts';
import { runEntry } from './runtime/failure.ts';
import { attachRepl } from './runtime/repl-session.ts';
import { requireNatsUrl } from './runtime/running.ts';

const { env } = process;

await runEntry(async () => {
  const natsUrl = requireNatsUrl(env);
  await checkNats(natsConnection(natsUrl, env.SOUK_NATS_CREDS));
  const settings = nodeSettings(env, natsUrl, 'warn');
  const broker = new ServiceBroker(brokerOptions({ ...settings, nodeID: `repl-${process.pid}`, hosting: false }));
  await broker.start();
  await attachRepl(broker);
});
