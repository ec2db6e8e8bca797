// The simulated provider's own rules: what it holds, takes and gives back, whatever it is asked and however often.
import {
  answer,
  capture,
  intentIdOf,
  nextDue,
  open,
  refund,
  type SimulatedIntent,
  type Step,
  settle,
  voidIntent,
} from './intent.ts';
import { methodOf } from './tokens.ts';

const NOW = 1_000_000;
const request = {
  idempotencyKey: 'ord_1:1',
  orderId: 'ord_1',
  attempt: 1,
  amount: 1_000,
  currency: 'GBP',
  methodToken: '',
} as const;
const opened = (method: string, decline = false) =>
  open({ ...request, methodToken: method }, methodOf(method), { now: NOW, lateMs: 500, decline });
const give = (key: string, amount: number) => ({ intentId: 'pi_ord_1_1', key, amount, reason: 'broken' });
/** Applies steps one after another and returns all of them. */
function run(start: SimulatedIntent, ...steps: ((intent: SimulatedIntent) => Step)[]): Step[] {
  let intent = start;
  return steps.map((step) => {
    const result = step(intent);
    intent = result.intent;
    return result;
  });
}
const effects = (steps: readonly Step[]) => steps.map(({ effect, refused }) => effect?.type ?? refused?.code ?? 'nothing');
const refunding = (key: string, amount: number) => (intent: SimulatedIntent) => refund(intent, give(key, amount), NOW, 500);

it('gives one attempt one intent, whoever asks', () => {
  expect(opened('pm_card_visa').intent.id).toBe(intentIdOf('ord_1', 1));
});

it.each([
  ['pm_card_visa', 'authorised', 'intent.authorised'],
  ['pm_card_visa_chargeDeclinedLostCard', 'declined', 'intent.declined'],
  ['pm_card_authenticationRequired', 'requires_action', 'intent.challenged'],
  ['pm_card_lateWebhook', 'processing', 'intent.processing'],
  ['pm_card_nobody', 'declined', 'intent.declined'],
])('%s begins %s', (method, status, type) => {
  const { intent, effect } = opened(method);
  expect(intent.status).toBe(status);
  expect(effect).toEqual({ type, key: 'open', amount: 1_000 });
});

it('declines an unknown method in words for the customer, and anything when told to misbehave', () => {
  expect(opened('pm_card_nobody').intent.decline?.code).toBe('payment_method_unknown');
  expect(opened('pm_card_visa', true).intent.decline?.code).toBe('generic_decline');
});

it('captures once and cannot void afterwards', () => {
  const { intent } = opened('pm_card_visa');
  expect(effects(run(intent, capture, capture, voidIntent))).toEqual(['intent.captured', 'nothing', 'intent_unexpected_state']);
});

it('voids once and cannot capture afterwards', () => {
  const { intent } = opened('pm_card_visa');
  expect(effects(run(intent, voidIntent, voidIntent, capture))).toEqual(['intent.voided', 'nothing', 'intent_unexpected_state']);
});

it('has nothing to void on a declined attempt', () => {
  expect(effects(run(opened('pm_card_visa_chargeDeclined').intent, voidIntent, capture))).toEqual([
    'nothing',
    'intent_unexpected_state',
  ]);
});

it('never gives back more than it took, and each key once', () => {
  const [taken] = run(opened('pm_card_visa').intent, capture) as [Step];
  const steps = run(
    taken.intent,
    refunding('a', 700),
    refunding('a', 700),
    refunding('b', 301),
    refunding('b', 300),
    refunding('c', 1),
  );
  expect(effects(steps)).toEqual(['intent.refunded', 'nothing', 'amount_too_large', 'intent.refunded', 'amount_too_large']);
});

it('lets the cardholder pass or fail the challenge, once', () => {
  const { intent } = opened('pm_card_authenticationRequired');
  const pass = (one: SimulatedIntent) => answer(one, 'succeed');
  const fail = (one: SimulatedIntent) => answer(one, 'fail');
  expect(effects(run(intent, pass, pass, capture))).toEqual(['intent.authorised', 'intent_unexpected_state', 'intent.captured']);
  expect(run(intent, fail)[0]?.intent.decline?.code).toBe('authentication_failed');
  const poor = opened('pm_card_authenticationRequiredChargeDeclinedInsufficientFunds').intent;
  expect(run(poor, pass)[0]?.intent.decline?.code).toBe('insufficient_funds');
});

it('decides a late authorisation when its time has come, and not after it was voided', () => {
  const { intent } = opened('pm_card_lateWebhook');
  expect(nextDue(intent)).toBe(NOW + 500);
  expect(settle(intent, NOW + 499)).toBeUndefined();
  const decided = settle(intent, NOW + 500);
  expect(decided?.effect.type).toBe('intent.authorised');
  expect(decided && settle(decided.intent, NOW + 9_999)).toBeUndefined();
  expect(settle(voidIntent(intent).intent, NOW + 9_999)).toBeUndefined();
  expect(settle(opened('pm_card_lateWebhookDeclined').intent, NOW + 500)?.effect.type).toBe('intent.declined');
});

it.each([
  ['pm_card_pendingRefund', 'pending', 'intent.refundSettled', 'succeeded'],
  ['pm_card_refundFail', 'succeeded', 'intent.refundFailed', 'failed'],
])('a refund of %s begins %s and ends later', (method, begins, type, ends) => {
  const steps = run(opened(method).intent, capture, refunding('a', 1_000));
  const made = steps[1]?.intent as SimulatedIntent;
  expect(made.refunds.a?.status).toBe(begins);
  const settled = settle(made, NOW + 500);
  expect(settled?.effect).toEqual({ type, key: 'refund-settled:a', amount: 1_000 });
  expect(settled?.intent.refunds.a?.status).toBe(ends);
  expect(settled && nextDue(settled.intent)).toBeUndefined();
});

it('can refund again what the bank has sent back', () => {
  const steps = run(opened('pm_card_refundFail').intent, capture, refunding('a', 1_000));
  const back = settle(steps[1]?.intent as SimulatedIntent, NOW + 500)?.intent as SimulatedIntent;
  expect(effects(run(back, refunding('b', 1_000)))).toEqual(['intent.refunded']);
});
