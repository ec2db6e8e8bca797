// Totals and problems of a cart, as data: computed on the server, shown before anything is paid.
import { CURRENCY, money } from '../../mixins/money.ts';
import type { CartLine, CartProblem, CartView, Delivery, Totals } from './cart.contract.ts';
import type { CartState } from './cart.ts';

const FREE_DELIVERY_FROM = 5_000;
const DELIVERY_PRICES: Record<Delivery, number> = { standard: 395, express: 795, pickup: 0, none: 0 };

/** What a line can be bought for now. */
export interface CurrentOffer {
  readonly price: number;
  readonly active: boolean;
  readonly tracksStock: boolean;
  readonly available: number;
}

const itemsTotal = (lines: readonly CartLine[]): number => lines.reduce((sum, line) => sum + line.quantity * line.unitPrice, 0);

/** Minor units; standard delivery is free from 50 pounds on. */
export function deliveryPrice(delivery: Delivery, items: number): number {
  return delivery === 'standard' && items >= FREE_DELIVERY_FROM ? 0 : DELIVERY_PRICES[delivery];
}

export function totalsOf(lines: readonly CartLine[], delivery: Delivery): Totals {
  const items = itemsTotal(lines);
  const price = lines.length > 0 ? deliveryPrice(delivery, items) : 0;
  return { items, delivery: price, total: items + price, currency: CURRENCY };
}

function problemsOf(line: CartLine, offer: CurrentOffer | undefined): CartProblem[] {
  const { key, sku } = line;
  if (!offer?.active) return [{ code: 'NOT_FOR_SALE', key, sku }];
  const problems: CartProblem[] = [];
  if (offer.price !== line.unitPrice)
    problems.push({ code: 'PRICE_CHANGED', key, sku, was: money(line.unitPrice), now: money(offer.price) });
  if (offer.tracksStock && offer.available <= 0) problems.push({ code: 'OUT_OF_STOCK', key, sku, available: 0 });
  else if (offer.tracksStock && offer.available < line.quantity)
    problems.push({ code: 'NOT_ENOUGH', key, sku, available: offer.available });
  return problems;
}

/** The cart as its visitor sees it. A frozen cart has no problems: its order speaks for it. */
export function viewOf(state: CartState, version: number, offers: ReadonlyMap<string, CurrentOffer>): CartView {
  const { lines } = state;
  const totals = totalsOf(lines, 'standard');
  return {
    id: state.id,
    version,
    status: state.status,
    lines: lines.map((line) => ({ ...line, unitPrice: money(line.unitPrice), total: money(line.quantity * line.unitPrice) })),
    count: lines.reduce((sum, line) => sum + line.quantity, 0),
    totals: { items: money(totals.items), delivery: money(totals.delivery), total: money(totals.total) },
    deliveryOptions: (['standard', 'express', 'pickup'] as const).map((id) => ({
      id,
      price: money(deliveryPrice(id, totals.items)),
    })),
    problems: state.status === 'frozen' ? [] : lines.flatMap((line) => problemsOf(line, offers.get(line.sku))),
    ...(state.orderId ? { orderId: state.orderId } : {}),
  };
}
