// Which event may follow which in the life of an order. Written down a second time on purpose: the domain's own rules are on trial.
import type { OrderStatus } from '../../../services/orders/order.contract.ts';
import { type OrderState, orderActor } from '../../../services/orders/order.ts';
import type { OrderEvent } from '../../../services/orders/orders.contract.ts';
import { eventsOf, type Histories, type Violation } from './evidence.ts';

const UNPAID: readonly OrderStatus[] = ['placed', 'awaiting_payment'];
const SENDING: readonly OrderStatus[] = ['confirmed', 'packed', 'shipped'];

/** Statuses in which an event may happen. */
const LEGAL: Readonly<Record<Exclude<OrderEvent['type'], 'order.placed'>, readonly OrderStatus[]>> = {
  'order.awaitingPayment': UNPAID,
  'order.paymentChosen': ['awaiting_payment'],
  'order.confirmed': UNPAID,
  'order.rejected': UNPAID,
  'order.expired': UNPAID,
  'order.packed': SENDING,
  'order.shipped': SENDING,
  'order.delivered': SENDING,
  'order.cancelRequested': ['placed', 'awaiting_payment', 'confirmed', 'packed'],
  'order.cancelled': ['cancelling'],
};

export interface OrderLife {
  readonly id: string;
  readonly state: OrderState;
  /** Every status it ever had. */
  readonly statuses: ReadonlySet<OrderStatus>;
}

export interface OrderLives {
  readonly orders: ReadonlyMap<string, OrderLife>;
  readonly violations: readonly Violation[];
}

export function orderLives(histories: Histories): OrderLives {
  const orders = new Map<string, OrderLife>();
  const violations: Violation[] = [];
  for (const [id, steps] of histories) {
    const statuses = new Set<OrderStatus>();
    let state = orderActor.initial(id);
    for (const event of eventsOf<OrderEvent>(steps)) {
      const first = statuses.size === 0;
      const legal = event.type === 'order.placed' ? first : !first && LEGAL[event.type].includes(state.status);
      if (!legal) violations.push({ rule: 'legal order steps', about: id, detail: `${event.type} while ${state.status}` });
      state = orderActor.evolve(state, event);
      statuses.add(state.status);
    }
    orders.set(id, { id, state, statuses });
  }
  return { orders, violations };
}
