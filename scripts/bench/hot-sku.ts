// One hot SKU in process: reservations through the actor host on a nats-server of its own.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Actors, type ActorsOf } from '../../mixins/actor/actors.ts';
import { Log } from '../../mixins/log/log.ts';
import { MAX_HOLDS, skuActor } from '../../services/stock/sku.ts';
import { stock } from '../../services/stock/stock.contract.ts';
import { findNatsServer } from '../engines/nats-binary.ts';
import { startNatsChild } from '../engines/nats-child.ts';
import { times } from '../prove/scenario.ts';
import type { Measurement } from './row.ts';

const ROUNDS = 12;
/** Holds per SKU are bounded; each round stays below and gives them back, outside the measured time. */
const HOLDS = MAX_HOLDS - 1_000;
const UNITS = 1_000_000;
const HOUR_MS = 3_600_000;

/** Reservations per second. */
async function reserve(): Promise<number> {
  const dir = mkdtempSync(join(tmpdir(), 'souk-hot-'));
  const binary = await findNatsServer({ root: process.cwd(), env: process.env, say: () => {} });
  const nats = await startNatsChild({ binary: binary.path, version: binary.version, dir });
  const log = await Log.connect({ connection: { servers: nats.url } });
  try {
    await log.declare(stock.streams ?? []);
    return await rounds(new Actors(skuActor, () => log, { alone: () => true }));
  } finally {
    await log.close();
    await nats.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

async function rounds(skus: ActorsOf<typeof skuActor>): Promise<number> {
  const origin = () => ({ meta: {} });
  await skus.send('HOT', 'receive', { quantity: UNITS, reference: 'opening' }, origin());
  let ms = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const orders = times(HOLDS, (n) => `ord_${round}_${n}`);
    const expiresAt = Date.now() + HOUR_MS;
    const startedAt = performance.now();
    await Promise.all(orders.map((orderId) => skus.send('HOT', 'reserve', { orderId, quantity: 1, expiresAt }, origin())));
    // The first round warms up.
    if (round > 0) ms += performance.now() - startedAt;
    await Promise.all(orders.map((orderId) => skus.send('HOT', 'release', { orderId }, origin())));
  }
  return (HOLDS * (ROUNDS - 1) * 1_000) / ms;
}

export function hotSkuMeasurement(runs: number): Measurement {
  return {
    what: 'one hot SKU, reservations through the actor (in process)',
    bars: [{ unit: 'reservations/s', atLeast: 100_000 }],
    runs,
    measure: async () => [await reserve()],
  };
}
