// A forgotten order is recalled from the real log.
import { type Market, startMarket } from '../../test/purchase/customer.ts';
import { SETTLED_KEPT } from './sku.ts';

let market: Market;
beforeAll(async () => {
  market = await startMarket();
});
afterAll(() => market.stop());

it('a sale that the SKU has forgotten is neither made again nor lost when it is undone', async () => {
  const sku = await market.sell(500, 20_000);
  const sell = async (orderId: string, since: number) => {
    await market.call('stock.reserve', { sku, orderId, quantity: 1, expiresAt: since + 900_000, since });
    await market.call('stock.commit', { sku, orderId, since });
  };
  const placedAt = Date.now();
  await sell('ord_stalled', placedAt);
  const others = Math.ceil(1.3 * SETTLED_KEPT);
  // Placed later than anything that can be forgotten here, so that only the stalled order is looked up.
  for (let sold = 0; sold < others; sold += 200) {
    await Promise.all(Array.from({ length: 200 }, (_, i) => sell(`ord_other-${sold + i}`, Date.now() + 60_000)));
  }
  const before = await market.call('stock.get', { sku });
  await market.call('stock.commit', { sku, orderId: 'ord_stalled', since: placedAt });
  expect(await market.call('stock.get', { sku })).toEqual(before);
  await market.call('stock.undo', { sku, orderId: 'ord_stalled', since: placedAt });
  expect(await market.call('stock.get', { sku })).toMatchObject({
    onHand: before.onHand + 1,
    sold: before.sold - 1,
    reserved: 0,
  });
});
