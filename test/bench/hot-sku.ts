// One hot SKU in process: `node test/bench/hot-sku.ts [rounds]` starts a nats-server of its own and prints reservations per second
// through the actor, and beside it what the log does by itself: appends and cold loads of many actors.
import { Actors } from '../../mixins/actor/actors.ts';
import { Log } from '../../mixins/log/log.ts';
import { skuActor } from '../../services/stock/sku.ts';
import { stock } from '../../services/stock/stock.contract.ts';
import { counterActor } from '../support/counter.ts';
import { startNats } from '../support/nats.ts';

const BAR = 100_000;
/** Below the limit of open holds, so that nothing is refused. */
const HOLDS = 8_000;
const ACTORS = 5_000;
const IN_FLIGHT = 64;
const SKU = 'HOT';

const rounds = Number(process.argv[2] ?? 12);
const origin = () => ({ meta: {} });

function line(what: string, perSecond: number, more: string): void {
  process.stdout.write(`${what.padEnd(46)} ${Math.round(perSecond).toLocaleString('en').padStart(9)}/s   ${more}\n`);
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

/** Operations per second of `count` calls that are all there at once. */
async function rate(count: number, work: (i: number) => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await Promise.all(Array.from({ length: count }, (_, i) => work(i)));
  return (count * 1_000) / (performance.now() - started);
}

/** The same with a bounded number in flight. */
async function rateInFlight(count: number, work: (i: number) => Promise<unknown>): Promise<number> {
  let next = 0;
  const started = performance.now();
  await Promise.all(
    Array.from({ length: IN_FLIGHT }, async () => {
      while (next < count) await work(next++);
    }),
  );
  return (count * 1_000) / (performance.now() - started);
}

async function hotSku(log: Log): Promise<void> {
  const skus = new Actors(skuActor, () => log, { alone: () => true });
  await skus.send(SKU, 'receive', { quantity: 10_000_000, reference: 'bench' }, origin());
  const reserving: number[] = [];
  const committing: number[] = [];
  const before = await log.end('STOCK');
  for (let round = 0; round < rounds; round++) {
    const expiresAt = Date.now() + 600_000;
    const orderId = (i: number) => `ord_${round}_${i}`;
    reserving.push(
      await rate(HOLDS, (i) => skus.send(SKU, 'reserve', { orderId: orderId(i), quantity: 1, expiresAt }, origin())),
    );
    committing.push(await rate(HOLDS, (i) => skus.send(SKU, 'commit', { orderId: orderId(i) }, origin())));
  }
  const appends = (await log.end('STOCK')) - before;
  const { state } = await skus.read(SKU);
  if (state.sold !== rounds * HOLDS || state.reserved !== 0) throw new Error('The figures of the SKU are wrong');
  const reached = median(reserving);
  line('reservations of one hot SKU', reached, `bar ${BAR.toLocaleString('en')}/s, ratio ${(reached / BAR).toFixed(2)}`);
  line('sales of the same', median(committing), `${Math.round((2 * rounds * HOLDS) / appends)} commands per append`);
}

async function manyActors(log: Log): Promise<void> {
  const writers = new Actors(counterActor, () => log, { alone: () => true, keep: ACTORS });
  const writing = await rateInFlight(ACTORS, (i) => writers.send(`c${i}`, 'add', { key: 'k', by: 1 }, origin()));
  line(`appends, ${IN_FLIGHT} in flight`, writing, 'one actor each');
  const readers = new Actors(counterActor, () => log, { alone: () => true, keep: 1 });
  line(
    `cold loads, ${IN_FLIGHT} in flight`,
    await rateInFlight(ACTORS, (i) => readers.read(`c${i}`)),
    'last message of each actor',
  );
  const cold = new Actors(skuActor, () => log, { alone: () => true });
  const started = performance.now();
  await cold.read(SKU);
  line(
    'cold load of the hot SKU',
    1_000 / (performance.now() - started),
    `${(performance.now() - started).toFixed(1)} ms, snapshot and tail`,
  );
}

const server = await startNats();
const log = await Log.connect({ connection: { servers: server.url } });
await log.declare([...(stock.streams ?? []), { name: 'COUNTERS' }]);
process.stdout.write(`nats-server ${server.version}, every figure with its acknowledgement from the log\n`);
await hotSku(log);
await manyActors(log);
await log.close();
await server.stop();
