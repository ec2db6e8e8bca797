// Where the import works: in the shop that runs on this data folder or at NATS_URL, or in a node of its own with every
// service, started for the import and stopped after it.
import { ServiceBroker } from 'moleculer';
import { brokerOptions, nodeSettings } from '../../moleculer.config.ts';
import { provideNats } from '../engines/nats.ts';
import { checkNats, natsConnection } from '../engines/nats-url.ts';
import { isAlive } from '../engines/processes.ts';
import { checkEngines } from '../engines/reachable.ts';
import { lockDataFolder, openDataFolder, readRecord, writeRecord } from '../runtime/data-folder.ts';
import { StartFailure } from '../runtime/failure.ts';
import { boundHeapGrowth } from '../runtime/heap.ts';
import { startBroker } from '../runtime/host.ts';
import { findServices } from '../runtime/services.ts';
import { type Shop, shopOf } from './shop.ts';

/** Services that the import calls. */
const NEEDED = ['accounts', 'catalog', 'stock', 'carts', 'orders', 'payments'];
const DISCOVERY_MS = 10_000;

export interface Session {
  readonly shop: Shop;
  /** In words, for the person at the terminal. */
  readonly where: string;
  /** True when the shop runs in this process. */
  readonly own: boolean;
}

export interface SessionOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly root: string;
  readonly say: (line: string) => void;
}

/** Opens a session; `running` ends it. @throws StartFailure when there is no server, or no shop on it */
export async function openSession(options: SessionOptions, running: AsyncDisposableStack): Promise<Session> {
  const natsUrl = runningShop(options.env);
  return natsUrl === undefined ? ownNode(options, running) : attach(natsUrl, options, running);
}

function runningShop(env: NodeJS.ProcessEnv): string | undefined {
  if (env.NATS_URL) return env.NATS_URL;
  const record = readRecord(openDataFolder(env));
  return record && record.stoppedAt === undefined && isAlive(record.pid) ? record.natsUrl : undefined;
}

async function attach(natsUrl: string, { env }: SessionOptions, running: AsyncDisposableStack): Promise<Session> {
  await checkNats(natsConnection(natsUrl, env.SOUK_NATS_CREDS));
  const settings = { ...nodeSettings(env, natsUrl, 'warn'), nodeID: `import-${process.pid}` };
  const broker = new ServiceBroker(brokerOptions(settings));
  running.defer(() => broker.stop());
  await broker.start();
  await broker.waitForServices(NEEDED, DISCOVERY_MS).catch((error: unknown) => {
    throw new StartFailure(`No shop answers on ${new URL(natsUrl).host}: start one with npm start, or leave out NATS_URL`, error);
  });
  return { shop: shopOf(broker), where: `the running shop on ${new URL(natsUrl).host}`, own: false };
}

async function ownNode(options: SessionOptions, running: AsyncDisposableStack): Promise<Session> {
  const { env, root, say } = options;
  boundHeapGrowth();
  const dataFolder = openDataFolder(env);
  env.SOUK_DATA = dataFolder;
  const lock = lockDataFolder(dataFolder);
  running.defer(() => lock.release());
  await checkEngines(env);
  const former = readRecord(dataFolder);
  const nats = await provideNats({ env, root, dataFolder, formerUrl: former?.natsUrl, say });
  running.defer(() => nats.stop());
  const settings = nodeSettings(env, nats.url, 'warn');
  const services = new Map([...findServices(root)].filter(([, file]) => !file.includes('gateway')));
  const broker = await startBroker(settings, services);
  running.defer(() => broker.stop());
  const record = { pid: process.pid, nodeID: settings.nodeID, natsUrl: nats.url, startedAt: Date.now() };
  writeRecord(dataFolder, record);
  running.defer(() => writeRecord(dataFolder, { ...record, stoppedAt: Date.now() }));
  return { shop: shopOf(broker), where: `a node of its own (${nats.description})`, own: true };
}
