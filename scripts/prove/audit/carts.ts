// Each checkout of a cart has exactly one order, each order exactly one checkout; an order that came to nothing leaves no cart frozen.

import type { CartState } from '../../../services/carts/cart.ts';
import type { CartEvent } from '../../../services/carts/carts.contract.ts';
import { eventsOf, type Histories, type Violation } from './evidence.ts';
import type { OrderLife } from './order-steps.ts';

const RULE = 'one order per checkout';

export function carts(histories: Histories, orders: ReadonlyMap<string, OrderLife>): Violation[] {
  const found: Violation[] = [];
  const checkouts = new Map<string, string>();
  for (const [cartId, steps] of histories) {
    for (const event of eventsOf<CartEvent>(steps)) {
      if (event.type !== 'cart.checkedOut') continue;
      found.push(...ofCheckout(cartId, event.data, orders, checkouts.get(event.data.orderId)));
      checkouts.set(event.data.orderId, cartId);
    }
    found.push(...ofFrozen(cartId, steps.at(-1)?.body.state as CartState | undefined, orders));
  }
  for (const { id, state } of orders.values()) {
    if (!checkouts.has(id))
      found.push({ rule: RULE, about: id, detail: `no cart was ever checked out for it (${state.cartId})` });
  }
  return found;
}

function ofCheckout(
  cartId: string,
  { orderId, totals }: Extract<CartEvent, { type: 'cart.checkedOut' }>['data'],
  orders: ReadonlyMap<string, OrderLife>,
  before: string | undefined,
): Violation[] {
  const order = orders.get(orderId);
  if (before !== undefined) return [{ rule: RULE, about: cartId, detail: `checked out twice for ${orderId}` }];
  if (!order) return [{ rule: RULE, about: cartId, detail: `checked out for ${orderId}, which is not there` }];
  const same = order.state.cartId === cartId && order.state.totals.total === totals.total;
  return same ? [] : [{ rule: RULE, about: cartId, detail: `${orderId} is not what was checked out` }];
}

function ofFrozen(cartId: string, state: CartState | undefined, orders: ReadonlyMap<string, OrderLife>): Violation[] {
  if (state?.status !== 'frozen' || state.orderId === undefined) return [];
  const order = orders.get(state.orderId);
  // After a purchase the cart is emptied at its next use, not before.
  if (order && !['rejected', 'expired', 'cancelled'].includes(order.state.status)) return [];
  return [{ rule: RULE, about: cartId, detail: `frozen for ${state.orderId}, which is ${order?.state.status ?? 'not there'}` }];
}
