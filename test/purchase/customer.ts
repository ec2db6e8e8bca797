// A shop with goods, and customers who buy in it: what the purchase tests say, in the shop's words.
import type { InputOf, ResultOf } from '../../mixins/contract.ts';
import { newId } from '../../mixins/ids.ts';
import type { Meta } from '../../mixins/meta.ts';
import { money } from '../../mixins/money.ts';
import type { Principal } from '../../mixins/principal.ts';
import type { Actions } from '../../services/contracts.ts';
import { startShop, type TestShop } from '../support/shop.ts';
import { until } from '../support/until.ts';

export type Market = TestShop & {
  call<K extends keyof Actions & string>(name: K, params: InputOf<Actions[K]>, meta?: Meta): Promise<ResultOf<Actions[K]>>;
  /** Puts a product with one variant on sale and its units on the shelf; returns the SKU. */
  sell(price: number, units: number, sellerId?: string): Promise<string>;
};

export const CONTACT = {
  email: 'ada@example.com',
  name: 'Ada Byron',
  address: { line1: '12 St James’s Square', city: 'London', postcode: 'SW1Y 4JH', country: 'GB' },
};

export const ADMIN: Principal = { kind: 'account', id: 'acc_admin', role: 'admin', via: 'ses_admin' };
export const sellerOf = (id: string): Principal => ({ kind: 'account', id, role: 'seller', via: 'ses_seller' });
export const aGuest = (): Principal => ({ kind: 'guest', id: newId('gst') });
export const aCustomer = (): Principal => ({ kind: 'account', id: newId('acc'), role: 'customer', via: newId('ses') });

const SELLING = ['catalog', 'stock', 'carts', 'orders', 'payments'] as const;
let made = 0;

/** Starts the selling domains on `nodes` nodes. */
export async function startMarket(nodes = 1): Promise<Market> {
  const shop = await startShop({ services: SELLING, nodes });
  const call: Market['call'] = (name, params, meta = {}) => shop.broker.call(name, params as object, { meta });
  const sell: Market['sell'] = async (price, units, sellerId = 'acc_seller') => {
    const sku = `SKU-${++made}`;
    const variants = [{ sku, values: [], price: money(price) }];
    await call('catalog.upsert', { sellerId, products: [{ title: `Thing ${made}`, status: 'active', variants }] });
    if (units > 0) await call('stock.receive', { sku, quantity: units, reference: 'opening' });
    await until('it is on offer', async () => (await call('catalog.offers', { skus: [sku] })).offers.length === 1);
    return sku;
  };
  return { ...shop, call, sell };
}

/** Puts things into the visitor's cart and orders them. */
export async function buy(market: Market, who: Principal, goods: Record<string, number>, paymentMethod = 'pm_card_visa') {
  for (const [sku, quantity] of Object.entries(goods)) await market.call('carts.add', { sku, quantity }, { principal: who });
  return market.call('carts.checkout', { contact: CONTACT, paymentMethod }, { principal: who });
}

/** The code and data that a refused call answers with. */
export async function refusal(work: Promise<unknown>): Promise<{ type: string; data: Record<string, unknown> }> {
  return work.then(
    () => {
      throw new Error('It was not refused');
    },
    (error: { type: string; data: Record<string, unknown> }) => ({ type: error.type, data: error.data }),
  );
}
