// (b) One unit is left and 200 carts hold it: one buyer gets it, 199 are told.
import { count, Expectations, inParallel, type Scenario, visitors } from '../scenario.ts';

const SKU = 'PROVE-LAST';
const CARTS = 200;

export const lastUnit: Scenario = {
  key: 'b',
  title: `the last unit, ${CARTS} racing carts`,
  limitMs: 20_000,
  stock: { [SKU]: 1 },
  async run(stage) {
    const buyers = visitors(stage, CARTS, 0);
    await inParallel(buyers, CARTS, (buyer) => buyer.ask('POST', '/api/cart/add', { body: { sku: SKU, quantity: 1 } }));
    const results = await inParallel(buyers, CARTS, (buyer) => buyer.checkout());
    const found = new Expectations();
    found.equal('orders confirmed', count(results, 'confirmed'), 1);
    const refusals = new Set(results.flatMap((result) => (result.status === 'refused' ? [result.code] : [])));
    found.equal('reasons of refusal', [...refusals], ['OUT_OF_STOCK']);
    return { confirmed: count(results, 'confirmed'), refused: count(results, 'refused'), broken: found.broken };
  },
};
