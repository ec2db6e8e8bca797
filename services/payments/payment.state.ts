// What we know of one payment, and what may be asked of it before the provider is asked: pure rules.
import type { Money } from '../../mixins/money.ts';
import { paymentErrors } from './payments.contract.ts';
import {
  type Decline,
  MAX_ATTEMPTS,
  type MethodSummary,
  type PaymentAction,
  type PaymentStatus,
} from './payments.schema.contract.ts';

/** Partial refunds per payment: keeps the state small. */
export const MAX_REFUNDS = 50;

export interface AttemptState {
  readonly n: number;
  readonly outcome: 'requires_action' | 'pending' | 'authorised' | 'declined';
  readonly code?: string;
  readonly at: number;
  readonly intentId: string;
}

export interface RefundState {
  readonly amount: number;
  readonly reason: string;
  readonly at: number;
  readonly failed: boolean;
}

export interface PaymentState {
  readonly orderId: string;
  readonly accountId?: string;
  readonly status: PaymentStatus;
  readonly amount: number;
  readonly currency: Money['currency'];
  readonly provider: string;
  /** The provider's intent of the latest attempt. */
  readonly intentId?: string;
  readonly method?: MethodSummary;
  readonly attempts: readonly AttemptState[];
  readonly decline?: Decline;
  readonly action?: PaymentAction;
  readonly refunded: number;
  readonly refunds: Readonly<Record<string, RefundState>>;
  readonly closed: boolean;
  readonly closeReason?: string;
  readonly createdAt: number;
  readonly updatedAt: number;
}

export interface AttemptRequest {
  readonly attempt: number;
  readonly amount: Money;
}

/** Waiting for somebody else: the cardholder or the provider. */
export const isOpen = (state: PaymentState): boolean => state.status === 'requires_action' || state.status === 'pending';

/** The money was taken; some of it may have been given back. */
export const isCaptured = (state: PaymentState): boolean =>
  state.status === 'captured' || state.status === 'partially_refunded' || state.status === 'refunded';

/** Reserved or taken: no other attempt may be made. */
export const holdsMoney = (state: PaymentState): boolean => state.status === 'authorised' || isCaptured(state);

/** What a refund may still give back, in minor units. */
export const refundable = (state: PaymentState): number => (isCaptured(state) ? state.amount - state.refunded : 0);

/**
 * Whether an attempt is `new` or was `made` already (repeating it must not touch the provider).
 * @throws PAYMENT_CLOSED, PAYMENT_AMOUNT_MISMATCH, PAYMENT_IN_PLACE, PAYMENT_ATTEMPT_UNKNOWN, PAYMENT_ATTEMPTS_EXHAUSTED
 */
export function judgeAttempt(state: PaymentState, request: AttemptRequest): 'made' | 'new' {
  const { amount, attempt } = request;
  const same = state.amount === amount.amount && state.currency === amount.currency;
  if (attempt <= state.attempts.length) {
    if (!same) throw mismatch(state, amount);
    return 'made';
  }
  if (state.closed) throw paymentErrors('PAYMENT_CLOSED', undefined, { orderId: state.orderId });
  if (holdsMoney(state) || isOpen(state)) {
    if (!same) throw mismatch(state, amount);
    if (holdsMoney(state)) throw paymentErrors('PAYMENT_IN_PLACE', undefined, { orderId: state.orderId, status: state.status });
  }
  if (attempt > MAX_ATTEMPTS) throw paymentErrors('PAYMENT_ATTEMPTS_EXHAUSTED', undefined, { attempts: state.attempts.length });
  if (attempt !== state.attempts.length + 1) {
    throw paymentErrors('PAYMENT_ATTEMPT_UNKNOWN', undefined, { expected: state.attempts.length + 1 });
  }
  return 'new';
}

/**
 * Whether a refund is `new` or was `made` already under this key.
 * @throws PAYMENT_NOT_CAPTURED, REFUND_KEY_REUSED, REFUND_TOO_LARGE, REFUNDS_EXHAUSTED
 */
export function judgeRefund(state: PaymentState, key: string, amount: number): 'made' | 'new' {
  const before = state.refunds[key];
  if (before && before.amount !== amount) throw paymentErrors('REFUND_KEY_REUSED', undefined, { key, amount: before.amount });
  if (before) return 'made';
  if (!isCaptured(state)) throw paymentErrors('PAYMENT_NOT_CAPTURED', undefined, { status: state.status });
  if (amount > refundable(state)) throw paymentErrors('REFUND_TOO_LARGE', undefined, { left: refundable(state) });
  if (Object.keys(state.refunds).length >= MAX_REFUNDS)
    throw paymentErrors('REFUNDS_EXHAUSTED', undefined, { most: MAX_REFUNDS });
  return 'new';
}

const mismatch = (state: PaymentState, wanted: Money) =>
  paymentErrors('PAYMENT_AMOUNT_MISMATCH', undefined, {
    expected: { amount: state.amount, currency: state.currency },
    given: { amount: wanted.amount, currency: wanted.currency },
  });
