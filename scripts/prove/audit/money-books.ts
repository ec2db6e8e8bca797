// Money per order, counted twice: from our payment records and from the provider's own ledger.
import type { PaymentEvent } from '../../../services/payments/payment.observe.ts';
import { orderIdOf } from '../../../services/payments/payments.contract.ts';
import type { EffectType } from '../../../services/payments/simulated/intent.ts';
import { eventsOf, type Histories } from './evidence.ts';

export interface Money {
  captures: number;
  /** Minor units taken, and given back again. */
  captured: number;
  refunded: number;
  /** Reserved and neither taken nor given back. */
  held: number;
}

export type MoneyBooks = ReadonlyMap<string, Money>;

interface LedgerEvent {
  readonly type: EffectType;
  readonly data: { readonly orderId: string; readonly amount: number };
}

class Books {
  readonly orders = new Map<string, Money>();

  of(orderId: string): Money {
    const known = this.orders.get(orderId);
    if (known) return known;
    const money: Money = { captures: 0, captured: 0, refunded: 0, held: 0 };
    this.orders.set(orderId, money);
    return money;
  }
}

/** What our own payments say. */
export function recordBooks(payments: Histories): MoneyBooks {
  const books = new Books();
  for (const [id, steps] of payments) {
    const money = books.of(orderIdOf(id));
    for (const { type, data } of eventsOf<PaymentEvent>(steps)) {
      if (type === 'payment.authorised') money.held += data.amount;
      if (type === 'payment.voided') money.held = 0;
      if (type === 'payment.captured') take(money, data.amount);
      if (type === 'payment.refunded') money.refunded += data.amount;
      if (type === 'payment.refundFailed') money.refunded -= data.amount;
    }
  }
  return books.orders;
}

/** What the provider really did: one subject per intent, several intents per order. */
export function ledgerBooks(ledger: Histories): MoneyBooks {
  const books = new Books();
  for (const steps of ledger.values()) {
    let held = 0;
    for (const { type, data } of eventsOf<LedgerEvent>(steps)) {
      const money = books.of(data.orderId);
      if (type === 'intent.authorised') held = data.amount;
      if (type === 'intent.authorised') money.held += data.amount;
      if (type === 'intent.voided') money.held -= held;
      if (type === 'intent.captured') take(money, data.amount);
      if (type === 'intent.refunded') money.refunded += data.amount;
      if (type === 'intent.refundFailed') money.refunded -= data.amount;
    }
  }
  return books.orders;
}

function take(money: Money, amount: number): void {
  money.captures++;
  money.captured += amount;
  money.held = Math.max(0, money.held - amount);
}
