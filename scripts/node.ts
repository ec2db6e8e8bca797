// `SERVICES=orders,stock npm run node`: one node with a part of the shop (all of it without SERVICES), on the NATS server of
// NATS_URL or of the `npm start` that runs on the same data folder.
import { join } from 'node:path';
import { nodeSettings } from '../moleculer.config.ts';
import { checkNats, natsConnection } from './engines/nats-url.ts';
import { checkEngines } from './engines/reachable.ts';
import { openDataFolder } from './runtime/data-folder.ts';
import { graceOf, onStopSignal } from './runtime/drain.ts';
import { runEntry } from './runtime/failure.ts';
import { boundHeapGrowth } from './runtime/heap.ts';
import { httpUrl, prepareHttp, startBroker } from './runtime/host.ts';
import { requireNatsUrl } from './runtime/running.ts';
import { chooseServices, findServices } from './runtime/services.ts';

const { env } = process;

await runEntry(async () => {
  boundHeapGrowth();
  const services = chooseServices(findServices(join(import.meta.dirname, '..')), env.SERVICES);
  env.SOUK_DATA = openDataFolder(env);
  const natsUrl = requireNatsUrl(env);
  await checkNats(natsConnection(natsUrl, env.SOUK_NATS_CREDS));
  await checkEngines(env);
  const hasGateway = services.has('gateway');
  if (hasGateway) await prepareHttp(env);
  const starting = startBroker(nodeSettings(env, natsUrl), services);
  onStopSignal(graceOf(env), async () => (await starting).stop());
  const broker = await starting;
  const where = hasGateway ? ` at ${httpUrl(broker)}` : '';
  console.log(
    `Node ${broker.nodeID} runs ${[...services.keys()].join(', ')}${where}, ready after ${process.uptime().toFixed(1)} s`,
  );
});
