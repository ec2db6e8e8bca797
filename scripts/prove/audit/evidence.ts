// What an audit looks at: every message of the log, what clients were told, and what the shop shows. And what it reports.
import type { LogMessage } from '../../../mixins/log/message.ts';
import type { OrderRow, OrderStatus } from '../../../services/orders/order.contract.ts';
import type { Payment } from '../../../services/payments/payments.schema.contract.ts';
import type { StockLevel } from '../../../services/stock/stock.contract.ts';

/** An order that a client was told of in an answer. */
export interface Acknowledged {
  readonly orderId: string;
  readonly status: OrderStatus;
  /** Minor units, when the answer named them. */
  readonly total?: number;
}

/** What the shop's read models answered after the load, by whoever asked. Absent lists are not checked. */
export interface Shown {
  readonly orders?: readonly OrderRow[];
  readonly payments?: readonly Payment[];
  readonly levels?: readonly StockLevel[];
}

export interface Evidence {
  /** Of the streams STOCK, CARTS, ORDERS, PAYMENTS and LEDGER, from their beginning. */
  readonly messages: readonly LogMessage[];
  readonly acknowledged: readonly Acknowledged[];
  readonly shown: Shown;
}

export interface Violation {
  /** Which promise was broken, such as `stock conservation`. */
  readonly rule: string;
  /** The SKU, order, payment or cart. */
  readonly about: string;
  readonly detail: string;
}

/** The steps of every actor of one stream, in their order. */
export type Histories = ReadonlyMap<string, readonly LogMessage[]>;

export function historiesOf(messages: readonly LogMessage[], stream: string): Histories {
  const histories = new Map<string, LogMessage[]>();
  for (const message of messages) {
    if (message.stream !== stream) continue;
    const steps = histories.get(message.id);
    if (steps) steps.push(message);
    else histories.set(message.id, [message]);
  }
  for (const steps of histories.values()) steps.sort((a, b) => a.seq - b.seq);
  return histories;
}

/** The events of one actor's steps. The log is read as the domains' contracts declare it. */
export function eventsOf<E>(steps: readonly LogMessage[]): E[] {
  return steps.flatMap((step) => step.body.events as unknown as E[]);
}
