// What the lines of a cart can be bought for now: prices from the catalogue, availability from stock, one call each.
import type { ServiceContext } from '../contracts.ts';
import type { CartLine } from './cart.contract.ts';
import type { CurrentOffer } from './pricing.ts';

export async function offersFor(ctx: ServiceContext, lines: readonly CartLine[]): Promise<Map<string, CurrentOffer>> {
  if (lines.length === 0) return new Map();
  const skus = [...new Set(lines.map((line) => line.sku))];
  const [{ offers }, { levels }] = await Promise.all([ctx.call('catalog.offers', { skus }), ctx.call('stock.levels', { skus })]);
  const available = new Map(levels.map((level) => [level.sku, level.available]));
  return new Map(
    offers.map(({ sku, price, active, tracksStock }) => [
      sku,
      { price: price.amount, active, tracksStock, available: available.get(sku) ?? 0 },
    ]),
  );
}
