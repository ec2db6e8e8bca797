// The actor of one order's payment. It records what the provider says and never guesses; provider calls happen outside.
import { type DecideContext, defineActor } from '../../mixins/actor/definition.ts';
import { CURRENCY } from '../../mixins/money.ts';
import { type Observation, observe, type PaymentEvent } from './payment.observe.ts';
import type { AttemptState, PaymentState, RefundState } from './payment.state.ts';
import { orderIdOf } from './payments.contract.ts';
import type { Payment } from './payments.schema.contract.ts';

type Tried = Extract<PaymentEvent, { readonly data: { readonly attempt: number } }>['data'];

const initial = (id: string): PaymentState => ({
  orderId: orderIdOf(id),
  status: 'none',
  amount: 0,
  currency: CURRENCY,
  provider: '',
  attempts: [],
  refunded: 0,
  refunds: {},
  closed: false,
  createdAt: 0,
  updatedAt: 0,
});

/** After this nothing can be charged for the order. */
function close(state: PaymentState, { reason }: { readonly reason: string }, { now }: DecideContext): readonly PaymentEvent[] {
  if (state.closed) return [];
  const { orderId, amount, currency } = state;
  return [{ type: 'payment.closed', data: { orderId, amount, currency, reason, at: now } }];
}

function evolve(state: PaymentState, event: PaymentEvent): PaymentState {
  switch (event.type) {
    case 'payment.pending':
      return { ...tried(state, event.data, 'pending'), status: 'pending' };
    case 'payment.actionRequired':
      return { ...tried(state, event.data, 'requires_action'), status: 'requires_action', action: event.data.action };
    case 'payment.authorised':
      return { ...tried(state, event.data, 'authorised'), status: 'authorised' };
    case 'payment.declined': {
      const { code, message } = event.data;
      return { ...tried(state, event.data, 'declined', code), status: 'declined', decline: { code, message } };
    }
    case 'payment.captured':
      return { ...state, status: 'captured', updatedAt: event.data.at };
    case 'payment.voided': {
      const { action: _answered, ...rest } = state;
      return { ...rest, status: 'voided', updatedAt: event.data.at };
    }
    case 'payment.refunded': {
      const { key, amount, reason, refunded, at } = event.data;
      return withRefund(state, key, { amount, reason, at, failed: false }, refunded, at);
    }
    case 'payment.refundFailed': {
      const { key, amount, refunded, at } = event.data;
      const { reason = '' } = state.refunds[key] ?? {};
      return withRefund(state, key, { amount, reason, at, failed: true }, refunded, at);
    }
    case 'payment.closed':
      return {
        ...state,
        closed: true,
        closeReason: event.data.reason,
        createdAt: state.createdAt || event.data.at,
        updatedAt: event.data.at,
      };
    default:
      return event satisfies never;
  }
}

function tried(state: PaymentState, data: Tried, outcome: AttemptState['outcome'], code?: string): PaymentState {
  const { action: _answered, decline: _overtaken, ...rest } = state;
  const { attempt: n, at, intentId, amount, currency, provider, method, accountId } = data;
  const made: AttemptState = { n, outcome, ...(code === undefined ? {} : { code }), at, intentId };
  return {
    ...rest,
    ...(accountId === undefined ? {} : { accountId }),
    amount,
    currency,
    provider,
    intentId,
    method,
    attempts: [...state.attempts.filter((attempt) => attempt.n !== n), made],
    createdAt: state.createdAt || at,
    updatedAt: at,
  };
}

function withRefund(state: PaymentState, key: string, refund: RefundState, refunded: number, at: number): PaymentState {
  const status = refunded === 0 ? 'captured' : refunded === state.amount ? 'refunded' : 'partially_refunded';
  return { ...state, status, refunded, refunds: { ...state.refunds, [key]: refund }, updatedAt: at };
}

export const paymentActor = defineActor({
  stream: 'PAYMENTS',
  initial,
  decide: {
    observe: (state: PaymentState, input: Observation, { now }: DecideContext) => observe(state, input, now),
    close,
  },
  evolve,
});

/** The payment as others see it. */
export function toPayment(id: string, state: PaymentState, version: number): Payment {
  const { orderId, accountId, status, amount, currency, provider, method, decline, action } = state;
  return {
    id,
    orderId,
    ...(accountId === undefined ? {} : { accountId }),
    status,
    amount: { amount, currency },
    refunded: { amount: state.refunded, currency },
    provider,
    ...(method === undefined ? {} : { method }),
    attempts: state.attempts.map(({ n, outcome, code, at }) => ({ n, outcome, ...(code === undefined ? {} : { code }), at })),
    ...(decline === undefined || status !== 'declined' ? {} : { decline }),
    ...(action === undefined || status !== 'requires_action' ? {} : { action }),
    closed: state.closed,
    refundFailed: Object.values(state.refunds).some((refund) => refund.failed),
    createdAt: state.createdAt,
    updatedAt: state.updatedAt,
    version,
  };
}
