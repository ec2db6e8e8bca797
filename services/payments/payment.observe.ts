// Compares the provider's record of an intent with what we know and says what is new in it, so that lost, late, repeated and
// reordered news all end the same. The provider is the truth; a payment only ever moves forward.
import type { EventOf } from '../../mixins/contract.ts';
import { type AttemptState, holdsMoney, isCaptured, isOpen, type PaymentState } from './payment.state.ts';
import { paymentErrors, type payments } from './payments.contract.ts';
import type { Decline } from './payments.schema.contract.ts';
import type { Intent } from './provider.ts';

export type PaymentEvent = EventOf<typeof payments>;

export interface Observation {
  readonly provider: string;
  readonly intent: Intent;
}

const ABANDONED: Decline = { code: 'abandoned', message: 'The payment was not completed' };

/**
 * Everything that this record of the provider adds to what we know; nothing when it is old news.
 * @throws PAYMENT_CLOSED, PAYMENT_IN_PLACE, PAYMENT_ATTEMPT_UNKNOWN when the intent has no place here: money it holds must be given back
 */
export function observe(state: PaymentState, { provider, intent }: Observation, at: number): readonly PaymentEvent[] {
  const known = state.attempts.find((attempt) => attempt.intentId === intent.id);
  if (!known) refuseStranger(state, intent);
  else if (intent.id !== state.intentId) return refuseForgotten(state, intent);
  const base = { ...baseOf(intent), provider, at };
  return [...newsOfAttempt(state, base, intent, known), ...newsOfMoney(state, base, intent, known)];
}

/** Whether the intent holds money or may still come to hold some. */
export const isAlive = (intent: Intent): boolean => intent.status !== 'declined' && intent.status !== 'voided';

/** An intent we have not seen may only be the next attempt of a payment that is free to be tried. */
function refuseStranger(state: PaymentState, intent: Intent): void {
  if (state.closed) throw paymentErrors('PAYMENT_CLOSED', undefined, { orderId: state.orderId });
  if (holdsMoney(state) || isOpen(state)) throw paymentErrors('PAYMENT_IN_PLACE', undefined, { orderId: state.orderId });
  if (intent.attempt !== state.attempts.length + 1) {
    throw paymentErrors('PAYMENT_ATTEMPT_UNKNOWN', undefined, { expected: state.attempts.length + 1 });
  }
}

/** An earlier attempt was given up for a later one; when it comes alive all the same, it must not hold money twice. */
function refuseForgotten(state: PaymentState, intent: Intent): readonly PaymentEvent[] {
  if (isAlive(intent)) throw paymentErrors('PAYMENT_IN_PLACE', undefined, { orderId: state.orderId });
  return [];
}

type Base = ReturnType<typeof baseOf> & { readonly provider: string; readonly at: number };

const baseOf = (intent: Intent) => ({
  orderId: intent.orderId,
  ...(intent.accountId === undefined ? {} : { accountId: intent.accountId }),
  amount: intent.amount,
  currency: intent.currency,
  intentId: intent.id,
});

function newsOfAttempt(state: PaymentState, base: Base, intent: Intent, known: AttemptState | undefined): PaymentEvent[] {
  const before = known?.outcome;
  if (before === 'authorised' || before === 'declined') return [];
  const data = { ...base, attempt: intent.attempt, method: intent.method };
  switch (intent.status) {
    case 'processing':
      return before === undefined ? [{ type: 'payment.pending', data }] : [];
    case 'requires_action':
      if (before === 'requires_action') return [];
      return [{ type: 'payment.actionRequired', data: { ...data, action: intent.action ?? { url: '' } } }];
    case 'declined':
      return [{ type: 'payment.declined', data: { ...data, ...(intent.decline ?? ABANDONED) } }];
    case 'voided':
      return state.closed ? [] : [{ type: 'payment.declined', data: { ...data, ...ABANDONED } }];
    case 'authorised':
    case 'captured':
      return [{ type: 'payment.authorised', data }];
    default:
      return intent.status satisfies never;
  }
}

function newsOfMoney(state: PaymentState, base: Base, intent: Intent, known: AttemptState | undefined): PaymentEvent[] {
  if (intent.status === 'voided') {
    const held = known !== undefined && (state.status === 'authorised' || (state.closed && isOpen(state)));
    return held ? [{ type: 'payment.voided', data: base }] : [];
  }
  if (intent.status !== 'captured') return [];
  const news: PaymentEvent[] = newsOfRefunds(state, base, intent);
  if (known === undefined || !isCaptured(state))
    news.unshift({ type: 'payment.captured', data: { ...base, method: intent.method } });
  return news;
}

function newsOfRefunds(state: PaymentState, base: Base, intent: Intent): PaymentEvent[] {
  const news: PaymentEvent[] = [];
  let refunded = state.refunded;
  for (const [key, { amount, reason, status }] of Object.entries(intent.refunds)) {
    const known = state.refunds[key];
    if (!known) {
      refunded += amount;
      news.push({ type: 'payment.refunded', data: { ...base, amount, key, reason, refunded, full: refunded === intent.amount } });
    }
    if (status === 'failed' && known?.failed !== true) {
      refunded -= amount;
      news.push({ type: 'payment.refundFailed', data: { ...base, amount, key, refunded } });
    }
  }
  return news;
}
