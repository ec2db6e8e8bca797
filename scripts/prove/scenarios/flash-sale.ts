// (a) 5,000 buyers with full carts press the button at once, for 100 units.
import { count, Expectations, inParallel, type Scenario, visitors } from '../scenario.ts';

const SKU = 'PROVE-FLASH';
const BUYERS = 5_000;
const UNITS = 100;
const WIDTH = 256;
/** All answers within this time, also for those who get nothing and on a busy machine; `npm run bench` measures how fast it is. */
const ANSWERED_MS = 30_000;

export const flashSale: Scenario = {
  key: 'a',
  title: `${BUYERS.toLocaleString('en')} buyers for ${UNITS} units`,
  limitMs: 60_000,
  stock: { [SKU]: UNITS },
  async run(stage) {
    const buyers = visitors(stage, BUYERS, 0);
    await inParallel(buyers, WIDTH, (buyer) => buyer.ask('POST', '/api/cart/add', { body: { sku: SKU, quantity: 1 } }));
    const startedAt = performance.now();
    const results = await inParallel(buyers, WIDTH, (buyer) => buyer.checkout());
    const answeredMs = Math.round(performance.now() - startedAt);
    const found = new Expectations();
    found.equal('orders confirmed', count(results, 'confirmed'), UNITS);
    found.equal('buyers refused', count(results, 'refused'), BUYERS - UNITS);
    found.expect(answeredMs <= ANSWERED_MS, 'time', `all answers after ${answeredMs} ms`);
    return { confirmed: count(results, 'confirmed'), refused: count(results, 'refused'), broken: found.broken };
  },
};
