// `npm start`: the whole shop in one node, with everything it needs, on this machine. Prints where it is and how to sign in.
import { join } from 'node:path';
import { nodeSettings } from '../moleculer.config.ts';
import { type NatsEngine, provideNats } from './engines/nats.ts';
import { checkEngines } from './engines/reachable.ts';
import { lockDataFolder, openDataFolder, type RunRecord, readRecord, writeRecord } from './runtime/data-folder.ts';
import { graceOf, onStopSignal } from './runtime/drain.ts';
import { runEntry } from './runtime/failure.ts';
import { boundHeapGrowth } from './runtime/heap.ts';
import { httpUrl, prepareHttp, startBroker } from './runtime/host.ts';
import { findServices } from './runtime/services.ts';
import { choice } from './runtime/settings.ts';
import { DEMO_LOGINS, seedIfEmpty } from './seed/seed.ts';

const root = join(import.meta.dirname, '..');
const { env } = process;
const say = (line: string): void => console.log(line);

await runEntry(async () => {
  const running = new AsyncDisposableStack();
  let started: Promise<void> = Promise.resolve();
  onStopSignal(graceOf(env), async () => {
    // A start that is under way ends by itself, or fails; either way its parts are known only then.
    await started.catch(() => undefined);
    await running.disposeAsync();
  });
  started = start(running);
  await started.catch(async (error: unknown) => {
    await running.disposeAsync();
    throw error;
  });
});

async function start(running: AsyncDisposableStack): Promise<void> {
  boundHeapGrowth();
  const demo = wantsDemo();
  const dataFolder = takeDataFolder(running);
  const former = readRecord(dataFolder);
  if (former && former.stoppedAt === undefined)
    say(`The run before (process ${former.pid}) did not stop by itself; going on from what is on disk.`);
  await prepareHttp(env);
  await checkEngines(env);
  const nats = await provideNats({ env, root, dataFolder, formerUrl: former?.natsUrl, say });
  running.defer(() => nats.stop());
  const settings = nodeSettings(env, nats.url, 'warn');
  const broker = await startBroker(settings, findServices(root));
  running.defer(() => broker.stop());
  const url = httpUrl(broker);
  const record: RunRecord = { pid: process.pid, nodeID: settings.nodeID, natsUrl: nats.url, httpUrl: url, startedAt: Date.now() };
  writeRecord(dataFolder, record);
  running.defer(() => writeRecord(dataFolder, { ...record, stoppedAt: Date.now() }));
  const seeded = demo && (await seedIfEmpty(broker));
  announce(url, nats);
  if (demo) announceLogins(seeded);
  say(`\n  Ready after ${process.uptime().toFixed(1)} s. Ctrl-C stops it.\n`);
}

function takeDataFolder(running: AsyncDisposableStack): string {
  const folder = openDataFolder(env);
  // Every part of the node, and every child, means the same folder by it.
  env.SOUK_DATA = folder;
  const lock = lockDataFolder(folder);
  running.defer(() => lock.release());
  return folder;
}

/** A production shop has no public passwords. */
function wantsDemo(): boolean {
  return choice(env, 'SOUK_DEMO', ['on', 'off'], env.NODE_ENV === 'production' ? 'off' : 'on') === 'on';
}

function announce(url: string, nats: NatsEngine): void {
  say(`\n  Souk is open: ${url}`);
  say(`  API: ${url}/api/docs   status: ${url}/api/status`);
  say(`  Log: ${nats.url}  (${nats.description})`);
}

function announceLogins(seeded: boolean): void {
  say(`\n  Demo logins${seeded ? ' (the demo shop was set up just now)' : ''}:`);
  for (const { role, email, password } of DEMO_LOGINS) say(`    ${role.padEnd(9)} ${email.padEnd(20)} ${password}`);
}
