// Complete purchases over HTTP: a new session, two additions to the cart, checkout with payment, confirmed.

import type { Http } from '../prove/drive/http.ts';
import type { Instance } from '../prove/drive/instance.ts';
import { Shopper } from '../prove/drive/shopper.ts';
import { inParallel, times } from '../prove/scenario.ts';
import { PRODUCTS, skuOf } from './catalogue.ts';
import { cpuSeconds } from './cpu.ts';
import { type Measurement, quantile } from './row.ts';

const IN_FLIGHT = 32;
const WARM_UP = 500;
const ORDERS = 3_000;

/** Orders per second and the p95 of the checkout in milliseconds. @throws when an order is not confirmed */
async function load(http: Http, orders: number): Promise<readonly [perSecond: number, p95: number]> {
  const checkouts: number[] = [];
  const startedAt = performance.now();
  await inParallel(times(orders, Number), IN_FLIGHT, async (_, n) => {
    const shopper = new Shopper({ http, acknowledged: [], patienceMs: 0 });
    await shopper.arrive();
    await shopper.add(skuOf((n * 7) % PRODUCTS), 1);
    await shopper.add(skuOf((n * 13 + 1) % PRODUCTS), 2);
    const checkoutAt = performance.now();
    const order = await shopper.checkout();
    checkouts.push(performance.now() - checkoutAt);
    if (order.status !== 'confirmed') throw new Error(`An order is ${JSON.stringify(order)}`);
  });
  return [(orders * 1_000) / (performance.now() - startedAt), quantile(checkouts, 0.95)];
}

export function purchaseMeasurement(http: Http, instance: Instance, runs: number): Measurement {
  let warm = false;
  /** CPU so far of the node, its nats-server and ourselves. */
  const cpu = () => [instance.nodePid, instance.natsPid, process.pid].map(cpuSeconds);
  return {
    what: `complete purchase (session, two cart adds, checkout with payment, confirmed), ${IN_FLIGHT} in flight`,
    bars: [
      { unit: 'orders/s', atLeast: 400 },
      { unit: 'ms checkout p95', atMost: 120 },
      { unit: 'ms CPU per order, node' },
      { unit: 'ms CPU per order, nats-server' },
      { unit: 'ms CPU per order, load generator' },
    ],
    runs,
    async measure() {
      if (!warm) await load(http, WARM_UP);
      warm = true;
      const before = cpu();
      const figures = await load(http, ORDERS);
      return [...figures, ...cpu().map((after, n) => ((after - (before[n] ?? 0)) * 1_000) / ORDERS)];
    },
  };
}
