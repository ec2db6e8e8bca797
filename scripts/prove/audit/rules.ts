// The promises of the shop that concern several domains at once: orders against stock, money, carts and what clients were told.
import type { OrderStatus } from '../../../services/orders/order.contract.ts';
import type { OrderState } from '../../../services/orders/order.ts';
import { unitsBySku } from '../../../services/orders/orders.saga.ts';
import type { Acknowledged, Violation } from './evidence.ts';
import type { Money, MoneyBooks } from './money-books.ts';
import type { OrderLife } from './order-steps.ts';
import type { StockBooks, Units } from './stock-books.ts';

type Orders = ReadonlyMap<string, OrderLife>;

const BOUGHT: readonly OrderStatus[] = ['confirmed', 'packed', 'shipped', 'delivered'];
const NO_UNITS: Units = { held: 0, committed: 0, commits: 0, restocked: 0 };
const NO_MONEY: Money = { captures: 0, captured: 0, refunded: 0, held: 0 };

const isBought = ({ status }: OrderState): boolean => BOUGHT.includes(status);
const hasEnded = ({ status }: OrderState): boolean => ['cancelled', 'rejected', 'expired'].includes(status);

/** After the load has settled no order may be half done; only waiting for its customer is allowed. */
export function settled(orders: Orders): Violation[] {
  return [...orders.values()]
    .filter(({ state }) => state.status === 'placed' || state.status === 'cancelling')
    .map(({ id, state }) => ({ rule: 'every order settles', about: id, detail: `is still ${state.status}` }));
}

/** Sold exactly once what was ordered; nothing for an order that did not come about. */
export function units(orders: Orders, stock: StockBooks): Violation[] {
  const found: Violation[] = [];
  for (const { id, state } of orders.values()) {
    const wanted = unitsBySku(state.lines);
    const moved = stock.byOrder.get(id) ?? new Map<string, Units>();
    for (const sku of new Set([...wanted.keys(), ...moved.keys()])) {
      const detail = wrongUnits(state, wanted.get(sku) ?? 0, moved.get(sku) ?? NO_UNITS);
      if (detail) found.push({ rule: 'units of an order', about: `${id} ${sku}`, detail });
    }
  }
  for (const [orderId, skus] of stock.byOrder) {
    if (!orders.has(orderId))
      found.push({ rule: 'units of an order', about: orderId, detail: `stock moved without an order: ${[...skus.keys()]}` });
  }
  return found;
}

function wrongUnits(state: OrderState, wanted: number, { held, committed, commits, restocked }: Units): string | undefined {
  const kept = committed - restocked;
  if (isBought(state)) {
    if (commits !== 1 && wanted > 0) return `committed ${commits} times`;
    if (kept !== wanted) return `ordered ${wanted}, bought ${kept}`;
    return held > 0 ? `bought, and still holds ${held}` : undefined;
  }
  if (kept !== 0) return `is ${state.status}, and ${kept} units stay sold`;
  return hasEnded(state) && held > 0 ? `is ${state.status}, and still holds ${held}` : undefined;
}

/** Paid exactly once when bought, nothing kept otherwise; the same in our records and in the provider's ledger. */
export function money(orders: Orders, records: MoneyBooks, ledger: MoneyBooks): Violation[] {
  const found: Violation[] = [];
  const report = (about: string, detail: string): void => void found.push({ rule: 'money of an order', about, detail });
  for (const { id, state } of orders.values()) {
    for (const [where, books] of [['our records', records] as const, ['the provider', ledger] as const]) {
      const detail = wrongMoney(state, books.get(id) ?? NO_MONEY);
      if (detail) report(id, `${detail} (${where})`);
    }
  }
  for (const id of new Set([...records.keys(), ...ledger.keys()])) {
    const ours = records.get(id) ?? NO_MONEY;
    const theirs = ledger.get(id) ?? NO_MONEY;
    if (ours.captured - ours.refunded !== theirs.captured - theirs.refunded)
      report(id, `we believe to have ${ours.captured - ours.refunded}, the provider took ${theirs.captured - theirs.refunded}`);
    if (!orders.has(id) && ours.captured + theirs.captured > 0) report(id, 'charged without an order');
  }
  return found;
}

function wrongMoney(state: OrderState, { captures, captured, refunded, held }: Money): string | undefined {
  const { total } = state.totals;
  if (isBought(state)) {
    if (total > 0 && captures !== 1) return `bought, and captured ${captures} times`;
    return captured === total ? undefined : `bought for ${total}, and charged ${captured}`;
  }
  if (captured !== refunded) return `is ${state.status}, and ${captured - refunded} of ${captured} charged stay with us`;
  return hasEnded(state) && held > 0 ? `is ${state.status}, and ${held} stay reserved at the bank` : undefined;
}

/** Whatever a client was told of an order happened, and is still in the log. */
export function acknowledged(orders: Orders, told: readonly Acknowledged[]): Violation[] {
  const found: Violation[] = [];
  for (const { orderId, status, total } of told) {
    const order = orders.get(orderId);
    const report = (detail: string): void => void found.push({ rule: 'acknowledged means kept', about: orderId, detail });
    if (!order) report(`a client was told that it is ${status}; it is not in the log`);
    else if (!order.statuses.has(status)) report(`a client was told that it is ${status}; it was only ${[...order.statuses]}`);
    else if (total !== undefined && total !== order.state.totals.total)
      report(`a client was told a total of ${total}; it is ${order.state.totals.total}`);
  }
  return found;
}
