// The rules of one order: which step may follow which. The saga drives it; nothing else moves an unpaid order.
import { type DecideContext, defineActor } from '../../mixins/actor/definition.ts';
import { failure } from '../../mixins/errors.ts';
import { CURRENCY } from '../../mixins/money.ts';
import type { Owner, Totals } from '../carts/cart.contract.ts';
import type { OrderLine, OrderStatus, Parcel, Shortage, Waiting } from './order.contract.ts';
import { type OrderEvent, orderErrors } from './orders.contract.ts';

export const MAX_ATTEMPTS = 5;

type Placed = Extract<OrderEvent, { type: 'order.placed' }>['data'];

export interface OrderState {
  readonly id: string;
  readonly status: OrderStatus;
  readonly cartId: string;
  readonly owner: Owner | undefined;
  readonly lines: readonly OrderLine[];
  readonly totals: Totals;
  readonly delivery: string;
  readonly country: string;
  readonly paymentMethod: string;
  readonly attempt: number;
  /** The request that chose the payment method last; repeated, it chooses nothing. */
  readonly chosenBy?: string;
  readonly placedAt: number;
  readonly expiresAt: number;
  readonly confirmedAt: number | undefined;
  readonly waiting: Waiting | undefined;
  readonly shortages: readonly Shortage[];
  readonly reason: string | undefined;
  readonly parcels: readonly Parcel[];
}

export interface ChoosePayment {
  readonly method: string;
  readonly operation?: string | undefined;
}

export interface Send {
  readonly status: 'packed' | 'shipped' | 'delivered';
  /** The parcel to move; all of them when absent. */
  readonly sellerId?: string | undefined;
  readonly carrier?: string | undefined;
  readonly tracking?: string | undefined;
  readonly ifMatch?: number | undefined;
}

const PAYABLE: readonly OrderStatus[] = ['placed', 'awaiting_payment'];
const STEPS = ['open', 'packed', 'shipped', 'delivered'] as const;

export const isUnpaid = ({ status }: Pick<OrderState, 'status'>): boolean => PAYABLE.includes(status);
export const hasEnded = ({ status }: Pick<OrderState, 'status'>): boolean =>
  ['cancelled', 'rejected', 'expired', 'delivered'].includes(status);
/** The saga still has something to do or to wait for. */
export const isOpen = (state: Pick<OrderState, 'status'>): boolean => isUnpaid(state) || state.status === 'cancelling';

const decide = {
  place(_state: OrderState, input: Omit<Placed, 'at'>, { version, now }: DecideContext): OrderEvent[] {
    return version > 0 ? [] : [{ type: 'order.placed', data: { ...input, at: now } }];
  },

  awaitPayment(state: OrderState, waiting: Waiting & { attempt: number }, { now }: DecideContext): OrderEvent[] {
    if (!isUnpaid(state) || waiting.attempt !== state.attempt) return [];
    const same = state.waiting?.reason === waiting.reason && state.waiting.code === waiting.code;
    return state.status === 'awaiting_payment' && same
      ? []
      : [{ type: 'order.awaitingPayment', data: { ...waiting, orderId: state.id, at: now } }];
  },

  choosePayment(state: OrderState, { method, operation }: ChoosePayment, { now, version }: DecideContext): OrderEvent[] {
    if (operation !== undefined && state.chosenBy === operation) return [];
    if (version === 0) throw orderErrors('ORDER_NOT_FOUND');
    if (state.confirmedAt !== undefined) throw orderErrors('ORDER_ALREADY_PAID');
    if (state.status !== 'awaiting_payment')
      throw orderErrors(isUnpaid(state) ? 'ORDER_WRONG_STATUS' : 'ORDER_CLOSED', undefined, { status: state.status });
    if (state.waiting?.reason !== 'declined')
      throw orderErrors('ORDER_WRONG_STATUS', 'The last attempt has not ended yet', { waiting: state.waiting });
    if (state.attempt >= MAX_ATTEMPTS) throw orderErrors('TOO_MANY_ATTEMPTS', undefined, { attempts: state.attempt });
    const chosen = { orderId: state.id, attempt: state.attempt + 1, paymentMethod: method, at: now };
    return [{ type: 'order.paymentChosen', data: { ...chosen, ...(operation ? { operation } : {}) } }];
  },

  confirm(state: OrderState, { amount }: { amount: number }, { now }: DecideContext): OrderEvent[] {
    if (!isUnpaid(state)) return [];
    return [{ type: 'order.confirmed', data: { orderId: state.id, amount, currency: state.totals.currency, at: now } }];
  },

  reject(
    state: OrderState,
    input: { reason: 'out_of_stock' | 'payment_failed'; shortages: Shortage[] },
    { now }: DecideContext,
  ): OrderEvent[] {
    return isUnpaid(state) ? [{ type: 'order.rejected', data: { ...input, orderId: state.id, at: now } }] : [];
  },

  expire(state: OrderState, _input: Record<string, never>, { now }: DecideContext): OrderEvent[] {
    return isUnpaid(state) ? [{ type: 'order.expired', data: { orderId: state.id, at: now } }] : [];
  },

  /** Customers may cancel until something is packed, staff until something is shipped. */
  requestCancel(
    state: OrderState,
    { reason, staff }: { reason?: string | undefined; staff: boolean },
    { now, version }: DecideContext,
  ): OrderEvent[] {
    if (version === 0) throw orderErrors('ORDER_NOT_FOUND');
    if (state.status === 'cancelling' || state.status === 'cancelled') return [];
    const allowed: readonly OrderStatus[] = ['placed', 'awaiting_payment', 'confirmed', ...(staff ? (['packed'] as const) : [])];
    const started = state.parcels.some((parcel) =>
      staff ? ['shipped', 'delivered'].includes(parcel.status) : parcel.status !== 'open',
    );
    if (!allowed.includes(state.status) || started)
      throw orderErrors('ORDER_NOT_CANCELLABLE', undefined, { status: state.status });
    return [{ type: 'order.cancelRequested', data: { orderId: state.id, ...(reason ? { reason } : {}), at: now } }];
  },

  cancelled(state: OrderState, _input: Record<string, never>, { now }: DecideContext): OrderEvent[] {
    return state.status === 'cancelling' ? [{ type: 'order.cancelled', data: { orderId: state.id, at: now } }] : [];
  },

  send(state: OrderState, { status, sellerId, carrier, tracking, ifMatch }: Send, { now, version }: DecideContext): OrderEvent[] {
    if (version === 0) throw orderErrors('ORDER_NOT_FOUND');
    const parcels = state.parcels.filter((parcel) => sellerId === undefined || parcel.sellerId === sellerId);
    if (parcels.length > 0 && parcels.every((parcel) => parcel.status === status)) return [];
    if (ifMatch !== undefined && ifMatch !== version) throw failure('VERSION_MISMATCH', undefined, { version });
    const previous = STEPS[STEPS.indexOf(status) - 1];
    const ready = parcels.filter((parcel) => parcel.status === previous || (status === 'shipped' && parcel.status === 'open'));
    if (!['confirmed', 'packed', 'shipped'].includes(state.status) || ready.length === 0) {
      throw orderErrors('ORDER_WRONG_STATUS', undefined, { status: state.status, parcels });
    }
    return ready.map((parcel): OrderEvent => {
      const data = { orderId: state.id, sellerId: parcel.sellerId, at: now };
      if (status !== 'shipped') return { type: `order.${status}`, data };
      return { type: 'order.shipped', data: { ...data, ...(carrier ? { carrier } : {}), ...(tracking ? { tracking } : {}) } };
    });
  },
};

function place(state: OrderState, data: Placed): OrderState {
  const { owner, cartId, lines, totals, delivery, country, paymentMethod, expiresAt, at } = data;
  const sellers = [...new Set(lines.map((line) => line.sellerId))];
  const parcels = sellers.map((sellerId): Parcel => ({ sellerId, status: 'open' }));
  return {
    ...state,
    status: 'placed',
    owner,
    cartId,
    lines,
    totals,
    delivery,
    country,
    paymentMethod,
    attempt: 1,
    expiresAt,
    placedAt: at,
    parcels,
  };
}

/** The order is as far as its slowest parcel. */
function moveParcel(state: OrderState, sellerId: string, change: Omit<Parcel, 'sellerId'>): OrderState {
  const parcels = state.parcels.map((parcel) => (parcel.sellerId === sellerId ? { ...parcel, ...change } : parcel));
  const slowest = Math.min(...parcels.map((parcel) => STEPS.indexOf(parcel.status)));
  const status = slowest === 0 ? 'confirmed' : (STEPS[slowest] as Exclude<Parcel['status'], 'open'>);
  return { ...state, parcels, status };
}

function evolve(state: OrderState, event: OrderEvent): OrderState {
  switch (event.type) {
    case 'order.placed':
      return place(state, event.data);
    case 'order.awaitingPayment': {
      const { orderId: _id, attempt: _attempt, at: _at, ...waiting } = event.data;
      return { ...state, status: 'awaiting_payment', waiting };
    }
    case 'order.paymentChosen': {
      const { attempt, paymentMethod, operation } = event.data;
      const chosenBy = operation ? { chosenBy: operation } : {};
      return { ...state, status: 'placed', attempt, paymentMethod, waiting: undefined, ...chosenBy };
    }
    case 'order.confirmed':
      return { ...state, status: 'confirmed', confirmedAt: event.data.at, waiting: undefined };
    case 'order.rejected':
      return { ...state, status: 'rejected', reason: event.data.reason, shortages: event.data.shortages, waiting: undefined };
    case 'order.expired':
      return { ...state, status: 'expired', waiting: undefined };
    case 'order.packed':
      return moveParcel(state, event.data.sellerId, { status: 'packed' });
    case 'order.shipped': {
      const { sellerId, carrier, tracking } = event.data;
      return moveParcel(state, sellerId, {
        status: 'shipped',
        ...(carrier ? { carrier } : {}),
        ...(tracking ? { tracking } : {}),
      });
    }
    case 'order.delivered':
      return moveParcel(state, event.data.sellerId, { status: 'delivered' });
    case 'order.cancelRequested':
      return { ...state, status: 'cancelling', reason: event.data.reason };
    case 'order.cancelled':
      return { ...state, status: 'cancelled', waiting: undefined };
    default:
      return event satisfies never;
  }
}

export const orderActor = defineActor({
  stream: 'ORDERS',
  initial: (id): OrderState => ({
    id,
    status: 'placed',
    cartId: '',
    owner: undefined,
    lines: [],
    totals: { items: 0, delivery: 0, total: 0, currency: CURRENCY },
    delivery: '',
    country: '',
    paymentMethod: '',
    attempt: 0,
    placedAt: 0,
    expiresAt: 0,
    confirmedAt: undefined,
    waiting: undefined,
    shortages: [],
    reason: undefined,
    parcels: [],
  }),
  decide,
  evolve,
});
