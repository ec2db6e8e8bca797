// How an intent of the simulated provider behaves: pure rules of an outside system with its own books. Every function says
// what the next record is and which effect it is; no effect means that it was done before, `refused` that it cannot be done.

import type { Decline } from '../payments.schema.contract.ts';
import type { AuthoriseRequest, Intent, IntentRefund, RefundRequest } from '../provider.ts';
import { type Behaviour, type DeclineCode, declineOf } from './cards.ts';
import type { SimulatedMethod } from './tokens.ts';

export interface SimulatedIntent extends Intent {
  readonly behaviour: Behaviour;
  readonly createdAt: number;
  /** When a processing intent, or each unsettled refund, is decided; milliseconds since the epoch. */
  readonly dueAt?: number;
  readonly refundsDue: Readonly<Record<string, number>>;
}

export type EffectType =
  | 'intent.processing'
  | 'intent.challenged'
  | 'intent.authorised'
  | 'intent.declined'
  | 'intent.captured'
  | 'intent.voided'
  | 'intent.refunded'
  | 'intent.refundSettled'
  | 'intent.refundFailed';

export interface BookEffect {
  readonly type: EffectType;
  /** Unique per effect of an intent: what the books use to write it once. */
  readonly key: string;
  /** Minor units that moved. */
  readonly amount: number;
}

export interface Step {
  readonly intent: SimulatedIntent;
  readonly effect?: BookEffect;
  readonly refused?: Decline;
}

/** One attempt has one intent, whoever asks and however often. */
export function intentIdOf(orderId: string, attempt: number): string {
  return `pi_${orderId}_${attempt}`;
}

const UNKNOWN_METHOD: SimulatedMethod = {
  behaviour: { first: 'decline', code: 'payment_method_unknown' },
  summary: { brand: 'unknown', last4: '0000' },
};

export interface OpenOptions {
  readonly now: number;
  /** How long a late result takes. */
  readonly lateMs: number;
  /** Decline whatever the card would do. */
  readonly decline: boolean;
}

/** The first record of an attempt. An unknown method is declined, as a bank would do. */
export function open(
  request: AuthoriseRequest,
  method: SimulatedMethod | undefined,
  options: OpenOptions,
): Required<Omit<Step, 'refused'>> {
  const { behaviour: own, summary } = method ?? UNKNOWN_METHOD;
  const behaviour: Behaviour = options.decline ? { first: 'decline', code: 'generic_decline' } : own;
  const { orderId, accountId, attempt, amount, currency } = request;
  const id = intentIdOf(orderId, attempt);
  const blank = {
    id,
    orderId,
    ...(accountId === undefined ? {} : { accountId }),
    attempt,
    amount,
    currency,
    method: summary,
    refunds: {},
    refundsDue: {},
    behaviour,
    createdAt: options.now,
  };
  const key = 'open';
  switch (behaviour.first) {
    case 'challenge':
      return {
        intent: { ...blank, status: 'requires_action', action: { url: `/payments/pay_${orderId}/challenge` } },
        effect: { type: 'intent.challenged', key, amount },
      };
    case 'late':
      return {
        intent: { ...blank, status: 'processing', dueAt: options.now + options.lateMs },
        effect: { type: 'intent.processing', key, amount },
      };
    case 'decline':
      return decide({ ...blank, status: 'declined' }, behaviour.code ?? 'generic_decline', key);
    case 'authorise':
      return decide({ ...blank, status: 'authorised' }, undefined, key);
    default:
      return behaviour.first satisfies never;
  }
}

/** The bank's word on an attempt. */
function decide(intent: SimulatedIntent, code: DeclineCode | undefined, key: string): Required<Omit<Step, 'refused'>> {
  const { dueAt: _decided, action: _answered, ...rest } = intent;
  const { amount } = intent;
  return code
    ? { intent: { ...rest, status: 'declined', decline: declineOf(code) }, effect: { type: 'intent.declined', key, amount } }
    : { intent: { ...rest, status: 'authorised' }, effect: { type: 'intent.authorised', key, amount } };
}

const refusal = (intent: SimulatedIntent, wish: string): Step => ({
  intent,
  refused: { code: 'intent_unexpected_state', message: `An intent that is ${intent.status} cannot be ${wish}` },
});

export function capture(intent: SimulatedIntent): Step {
  if (intent.status === 'captured') return { intent };
  if (intent.status !== 'authorised') return refusal(intent, 'captured');
  return {
    intent: { ...intent, status: 'captured' },
    effect: { type: 'intent.captured', key: 'capture', amount: intent.amount },
  };
}

/** Gives the reservation back. What was declined or voided holds nothing, so there is nothing to do. */
export function voidIntent(intent: SimulatedIntent): Step {
  if (intent.status === 'voided' || intent.status === 'declined') return { intent };
  if (intent.status === 'captured') return refusal(intent, 'voided');
  const { dueAt: _dropped, action: _withdrawn, ...rest } = intent;
  return { intent: { ...rest, status: 'voided' }, effect: { type: 'intent.voided', key: 'void', amount: intent.amount } };
}

const given = (refunds: Readonly<Record<string, IntentRefund>>): number =>
  Object.values(refunds).reduce((sum, refund) => sum + (refund.status === 'failed' ? 0 : refund.amount), 0);

/** `settleMs`: how long a slow or failing refund stays open. The provider never gives back more than it took. */
export function refund(intent: SimulatedIntent, request: RefundRequest, now: number, settleMs: number): Step {
  const { key, amount, reason } = request;
  if (intent.refunds[key]) return { intent };
  if (intent.status !== 'captured') return refusal(intent, 'refunded');
  const left = intent.amount - given(intent.refunds);
  if (amount > left) return { intent, refused: { code: 'amount_too_large', message: `Only ${left} are left to refund` } };
  const { refund: habit } = intent.behaviour;
  const made: IntentRefund = { amount, reason, status: habit === 'slow' ? 'pending' : 'succeeded' };
  return {
    intent: {
      ...intent,
      refunds: { ...intent.refunds, [key]: made },
      refundsDue: habit ? { ...intent.refundsDue, [key]: now + settleMs } : intent.refundsDue,
    },
    effect: { type: 'intent.refunded', key: `refund:${key}`, amount },
  };
}

/** The cardholder's answer to the challenge. */
export function answer(intent: SimulatedIntent, outcome: 'succeed' | 'fail'): Step {
  if (intent.status !== 'requires_action') return refusal(intent, 'confirmed');
  return decide(intent, outcome === 'fail' ? 'authentication_failed' : intent.behaviour.code, 'answer');
}

/** What time alone has changed; undefined when nothing is due. */
export function settle(intent: SimulatedIntent, now: number): Required<Omit<Step, 'refused'>> | undefined {
  if (intent.dueAt !== undefined && intent.dueAt <= now) return decide(intent, intent.behaviour.code, 'settle');
  const due = Object.entries(intent.refundsDue).find(([, at]) => at <= now);
  const refunded = due && intent.refunds[due[0]];
  if (!due || !refunded) return undefined;
  const [key] = due;
  const failed = intent.behaviour.refund === 'fails';
  const { [key]: _settled, ...refundsDue } = intent.refundsDue;
  return {
    intent: {
      ...intent,
      refundsDue,
      refunds: { ...intent.refunds, [key]: { ...refunded, status: failed ? 'failed' : 'succeeded' } },
    },
    effect: {
      type: failed ? 'intent.refundFailed' : 'intent.refundSettled',
      key: `refund-settled:${key}`,
      amount: refunded.amount,
    },
  };
}

/** When the next thing falls due by itself, or undefined. */
export function nextDue(intent: SimulatedIntent): number | undefined {
  const times = [...(intent.dueAt === undefined ? [] : [intent.dueAt]), ...Object.values(intent.refundsDue)];
  return times.length === 0 ? undefined : Math.min(...times);
}
