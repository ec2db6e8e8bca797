// Complete purchases over HTTP: a new session, two additions to the cart, checkout with payment, confirmed.
import type { Http } from '../prove/drive/http.ts';
import { Shopper } from '../prove/drive/shopper.ts';
import { inParallel, times } from '../prove/scenario.ts';
import { PRODUCTS, skuOf } from './catalogue.ts';
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

export function purchaseMeasurement(http: Http, runs: number): Measurement {
  let warm = false;
  return {
    what: `complete purchase (session, two cart adds, checkout with payment, confirmed), ${IN_FLIGHT} in flight`,
    bars: [
      { unit: 'orders/s', atLeast: 400 },
      { unit: 'ms checkout p95', atMost: 120 },
    ],
    runs,
    async measure() {
      if (!warm) await load(http, WARM_UP);
      warm = true;
      return load(http, ORDERS);
    },
  };
}
