// The flash sale of the proof, measured: how many get a unit and how long the last one waits.
import type { Http } from '../prove/drive/http.ts';
import type { Staff } from '../prove/drive/staff.ts';
import { count, inParallel, PRICE, visitors } from '../prove/scenario.ts';
import type { Measurement } from './row.ts';

const BUYERS = 5_000;
const UNITS = 100;
const WIDTH = 256;

export function flashSaleMeasurement(http: Http, staff: Staff, runs: number): Measurement {
  let sale = 0;
  return {
    what: `flash sale, ${BUYERS.toLocaleString('en')} buyers for ${UNITS} units`,
    bars: [
      { unit: 'confirmed', atLeast: UNITS, atMost: UNITS },
      { unit: 's until all have an answer', atMost: 10 },
    ],
    runs,
    async measure() {
      const sku = `BENCH-FLASH-${++sale}`;
      await staff.offer([{ sku, title: sku, price: PRICE }]);
      await staff.receive(sku, UNITS);
      const buyers = visitors({ http, acknowledged: [] }, BUYERS, 0);
      await inParallel(buyers, WIDTH, (buyer) => buyer.ask('POST', '/api/cart/add', { body: { sku, quantity: 1 } }));
      const startedAt = performance.now();
      const results = await inParallel(buyers, WIDTH, (buyer) => buyer.checkout());
      return [count(results, 'confirmed'), (performance.now() - startedAt) / 1_000];
    },
  };
}
