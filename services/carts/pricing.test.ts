// Totals and problems of carts.
import { money } from '../../mixins/money.ts';
import type { CartLine } from './cart.contract.ts';
import { type CartState, cartActor } from './cart.ts';
import { type CurrentOffer, deliveryPrice, totalsOf, viewOf } from './pricing.ts';

const line = (sku: string, quantity: number, unitPrice: number): CartLine => ({
  key: sku,
  sku,
  productId: 'prd_1',
  sellerId: 'acc_1',
  title: sku,
  variant: '',
  quantity,
  unitPrice,
  tracksStock: true,
});
const offer = (change: Partial<CurrentOffer> = {}): CurrentOffer => ({
  price: 500,
  active: true,
  tracksStock: true,
  available: 10,
  ...change,
});
const cartOf = (...lines: CartLine[]): CartState => ({
  ...cartActor.initial('crt_gst_1'),
  owner: { kind: 'guest', id: 'gst_1' },
  lines,
});
const problems = (current: CurrentOffer | undefined, quantity = 2) =>
  viewOf(cartOf(line('MUG', quantity, 500)), 1, new Map(current ? [['MUG', current]] : [])).problems;

describe('totals', () => {
  it('given lines, then quantities count and delivery is added', () => {
    expect(totalsOf([line('A', 3, 333), line('B', 1, 1)], 'standard')).toEqual({
      items: 1_000,
      delivery: 395,
      total: 1_395,
      currency: 'GBP',
    });
    expect(totalsOf([line('A', 1, 1_000)], 'express').total).toBe(1_795);
    expect(totalsOf([line('A', 1, 1_000)], 'pickup').total).toBe(1_000);
  });

  it('given 50 pounds, then standard delivery is free, express is not', () => {
    expect(deliveryPrice('standard', 4_999)).toBe(395);
    expect(deliveryPrice('standard', 5_000)).toBe(0);
    expect(deliveryPrice('express', 5_000)).toBe(795);
  });

  it('given nothing, then nothing is to be paid', () => {
    expect(totalsOf([], 'express')).toEqual({ items: 0, delivery: 0, total: 0, currency: 'GBP' });
  });

  it('stay exact integers for large quantities', () => {
    expect(totalsOf([line('A', 1_000_000, 99_999_999)], 'pickup').total).toBe(99_999_999_000_000);
  });
});

describe('problems', () => {
  it('given everything as it was, then there are none', () => {
    expect(problems(offer())).toEqual([]);
  });

  it('given another price, then both are told', () => {
    expect(problems(offer({ price: 450 }))).toEqual([
      { code: 'PRICE_CHANGED', key: 'MUG', sku: 'MUG', was: money(500), now: money(450) },
    ]);
  });

  it('given too few or none, then it says how many are left', () => {
    expect(problems(offer({ available: 1 }))).toEqual([{ code: 'NOT_ENOUGH', key: 'MUG', sku: 'MUG', available: 1 }]);
    expect(problems(offer({ available: -3 }))).toEqual([{ code: 'OUT_OF_STOCK', key: 'MUG', sku: 'MUG', available: 0 }]);
    expect(problems(offer({ available: 0, tracksStock: false }))).toEqual([]);
  });

  it('given a product that is gone or not for sale, then that is the only problem', () => {
    expect(problems(undefined)).toEqual([{ code: 'NOT_FOR_SALE', key: 'MUG', sku: 'MUG' }]);
    expect(problems(offer({ active: false, price: 1, available: 0 }))).toEqual([
      { code: 'NOT_FOR_SALE', key: 'MUG', sku: 'MUG' },
    ]);
  });

  it('given a frozen cart, then its order speaks for it', () => {
    const frozen: CartState = { ...cartOf(line('MUG', 2, 500)), status: 'frozen', orderId: 'ord_1' };
    expect(viewOf(frozen, 3, new Map())).toMatchObject({
      problems: [],
      orderId: 'ord_1',
      status: 'frozen',
      version: 3,
      count: 2,
    });
  });
});
