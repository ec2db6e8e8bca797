// What a payment records of the provider's word, in every order in which news can arrive.
import { replay } from '../../mixins/actor/definition.ts';
import type { PaymentEvent } from './payment.observe.ts';
import { judgeAttempt, judgeRefund, MAX_REFUNDS, type PaymentState } from './payment.state.ts';
import { paymentActor, toPayment } from './payment.ts';
import type { Intent, IntentStatus } from './provider.ts';

const ID = 'pay_ord_1';
const context = (version: number) => ({ now: 5_000, by: 'system', version, newId: (prefix: string) => `${prefix}_1` });

const intent = (status: IntentStatus, more: Partial<Intent> = {}): Intent => ({
  id: 'pi_ord_1_1',
  orderId: 'ord_1',
  attempt: 1,
  amount: 1_000,
  currency: 'GBP',
  status,
  method: { brand: 'visa', last4: '4242' },
  refunds: {},
  ...more,
});
const second = (status: IntentStatus) => intent(status, { id: 'pi_ord_1_2', attempt: 2 });
const declined = intent('declined', { decline: { code: 'insufficient_funds', message: 'No money' } });
const returned = (status: 'pending' | 'succeeded' | 'failed', amount = 400) => ({ r1: { amount, reason: 'broken', status } });

const fresh = (): PaymentState => paymentActor.initial(ID);

/** The payment after these records of the provider (or `close`) arrived one after another, and the events they caused. */
function heard(...news: (Intent | 'close')[]): { state: PaymentState; types: string[]; events: PaymentEvent[] } {
  let state = fresh();
  const events: PaymentEvent[] = [];
  for (const one of news) {
    const input = one === 'close' ? undefined : { provider: 'simulated', intent: one };
    const caused = input
      ? paymentActor.decide.observe(state, input, context(events.length))
      : paymentActor.decide.close(state, { reason: 'the customer changed their mind' }, context(events.length));
    for (const event of caused) state = paymentActor.evolve(state, event);
    events.push(...caused);
  }
  expect(replay(paymentActor, ID, events)).toEqual(state);
  return { state, events, types: events.map((event) => event.type) };
}
const refusal = (work: () => unknown): unknown => {
  try {
    work();
  } catch (error) {
    return (error as { type?: string }).type;
  }
  return 'nothing was refused';
};
const observing = (state: PaymentState, seen: Intent) => () =>
  paymentActor.decide.observe(state, { provider: 'simulated', intent: seen }, context(1));

describe('the happy way', () => {
  it('is two steps: authorised, captured', () => {
    const { state, types } = heard(intent('authorised'), intent('captured'));
    expect(types).toEqual(['payment.authorised', 'payment.captured']);
    expect(toPayment(ID, state, 2)).toMatchObject({
      orderId: 'ord_1',
      status: 'captured',
      amount: { amount: 1_000, currency: 'GBP' },
      refunded: { amount: 0, currency: 'GBP' },
      method: { brand: 'visa', last4: '4242' },
      attempts: [{ n: 1, outcome: 'authorised', at: 5_000 }],
      closed: false,
    });
  });

  it('says what the readers of each event need', () => {
    const { events } = heard(intent('authorised', { accountId: 'acc_1' }));
    expect(events[0]?.data).toEqual({
      orderId: 'ord_1',
      accountId: 'acc_1',
      amount: 1_000,
      currency: 'GBP',
      provider: 'simulated',
      intentId: 'pi_ord_1_1',
      attempt: 1,
      method: { brand: 'visa', last4: '4242' },
      at: 5_000,
    });
  });
});

describe('news that come again, late or in another order', () => {
  const ways: [string, Intent[], PaymentState['status']][] = [
    ['the same record twice', [intent('authorised'), intent('authorised')], 'authorised'],
    ['an old record after a newer one', [intent('authorised'), intent('captured'), intent('authorised')], 'captured'],
    ['a challenge reported after it was passed', [intent('authorised'), intent('requires_action')], 'authorised'],
    ['pending reported after the challenge', [intent('requires_action'), intent('processing')], 'requires_action'],
    ['authorised reported after it was voided', [intent('authorised'), intent('voided'), intent('authorised')], 'voided'],
    ['declined twice', [declined, declined], 'declined'],
  ];
  it.each(ways)('%s adds nothing', (_title, news, status) => {
    const { state, events } = heard(...news);
    expect(state.status).toBe(status);
    const types = events.map((event) => event.type);
    expect(new Set(types).size).toBe(types.length);
  });

  it('catches up when every step in between was missed', () => {
    const { types, state } = heard(intent('captured', { refunds: returned('succeeded') }));
    expect(types).toEqual(['payment.authorised', 'payment.captured', 'payment.refunded']);
    expect(state).toMatchObject({ status: 'partially_refunded', refunded: 400 });
  });
});

describe('attempts', () => {
  it('are kept with their outcome; a later one may succeed', () => {
    const { state, types } = heard(declined, second('authorised'));
    expect(types).toEqual(['payment.declined', 'payment.authorised']);
    expect(state.attempts.map(({ n, outcome, code }) => [n, outcome, code])).toEqual([
      [1, 'declined', 'insufficient_funds'],
      [2, 'authorised', undefined],
    ]);
    expect(toPayment(ID, state, 2).decline).toBeUndefined();
  });

  it('show where the cardholder has to confirm, only as long as that is open', () => {
    const asked = intent('requires_action', { action: { url: '/payments/pay_ord_1/challenge' } });
    expect(toPayment(ID, heard(asked).state, 1).action).toEqual({ url: '/payments/pay_ord_1/challenge' });
    expect(toPayment(ID, heard(asked, intent('authorised')).state, 2).action).toBeUndefined();
  });

  it('that were given up count as declined, so that another one can follow', () => {
    const { state, types } = heard(intent('requires_action'), intent('voided'), second('authorised'));
    expect(types).toEqual(['payment.actionRequired', 'payment.declined', 'payment.authorised']);
    expect(state.status).toBe('authorised');
  });

  it('never hold money twice: a second authorisation is refused so that its caller gives it back', () => {
    expect(refusal(observing(heard(intent('authorised')).state, second('authorised')))).toBe('PAYMENT_IN_PLACE');
  });

  it('that were overtaken and come alive all the same are refused too', () => {
    const { state } = heard(declined, second('authorised'));
    expect(refusal(observing(state, intent('authorised')))).toBe('PAYMENT_IN_PLACE');
    expect(observing(state, declined)()).toEqual([]);
  });

  it('are judged before the provider is asked', () => {
    const amount = { amount: 1_000, currency: 'GBP' } as const;
    const held = heard(intent('authorised')).state;
    const refused = heard(declined).state;
    const closed = heard(declined, 'close').state;
    expect(judgeAttempt(fresh(), { attempt: 1, amount })).toBe('new');
    expect(judgeAttempt(held, { attempt: 1, amount })).toBe('made');
    expect(judgeAttempt(refused, { attempt: 2, amount: { ...amount, amount: 900 } })).toBe('new');
    expect(judgeAttempt(closed, { attempt: 1, amount })).toBe('made');
    expect(refusal(() => judgeAttempt(held, { attempt: 1, amount: { ...amount, amount: 900 } }))).toBe('PAYMENT_AMOUNT_MISMATCH');
    expect(refusal(() => judgeAttempt(held, { attempt: 2, amount: { ...amount, amount: 900 } }))).toBe('PAYMENT_AMOUNT_MISMATCH');
    expect(refusal(() => judgeAttempt(held, { attempt: 2, amount }))).toBe('PAYMENT_IN_PLACE');
    expect(refusal(() => judgeAttempt(closed, { attempt: 2, amount }))).toBe('PAYMENT_CLOSED');
    expect(refusal(() => judgeAttempt(fresh(), { attempt: 2, amount }))).toBe('PAYMENT_ATTEMPT_UNKNOWN');
    expect(refusal(() => judgeAttempt(fresh(), { attempt: 6, amount }))).toBe('PAYMENT_ATTEMPTS_EXHAUSTED');
  });
});

describe('a closed payment', () => {
  it('is closed once and stays closed', () => {
    const { types, state } = heard('close', 'close');
    expect(types).toEqual(['payment.closed']);
    expect(state).toMatchObject({ closed: true, status: 'none', closeReason: 'the customer changed their mind' });
  });

  it('takes no attempt that arrives afterwards', () => {
    expect(refusal(observing(heard('close').state, intent('authorised')))).toBe('PAYMENT_CLOSED');
  });

  it('records what becomes of the money it held', () => {
    expect(heard(intent('authorised'), 'close', intent('voided')).types).toEqual([
      'payment.authorised',
      'payment.closed',
      'payment.voided',
    ]);
    expect(heard(intent('requires_action'), 'close', intent('voided')).state.status).toBe('voided');
    const tooLate = intent('captured', { refunds: returned('succeeded', 1_000) });
    const { types, state } = heard(intent('authorised'), 'close', tooLate);
    expect(types.slice(2)).toEqual(['payment.captured', 'payment.refunded']);
    expect(state).toMatchObject({ status: 'refunded', refunded: 1_000, closed: true });
  });
});

describe('refunds', () => {
  const paid = [intent('authorised'), intent('captured')];

  it('are counted once per key, and the last one says that nothing is left', () => {
    const part = intent('captured', { refunds: returned('succeeded') });
    const all = intent('captured', { refunds: { ...part.refunds, r2: { amount: 600, reason: 'late', status: 'succeeded' } } });
    const { state, events } = heard(...paid, part, part, all, part);
    expect(state).toMatchObject({ status: 'refunded', refunded: 1_000 });
    expect(events.slice(2).map(({ type, data }) => [type, data.amount, 'full' in data && data.full])).toEqual([
      ['payment.refunded', 400, false],
      ['payment.refunded', 600, true],
    ]);
  });

  it('that the bank sends back make the money ours again', () => {
    const made = intent('captured', { refunds: returned('succeeded') });
    const back = intent('captured', { refunds: returned('failed') });
    const { state, types } = heard(...paid, made, back, back, made);
    expect(types.slice(2)).toEqual(['payment.refunded', 'payment.refundFailed']);
    expect(state).toMatchObject({ status: 'captured', refunded: 0 });
    expect(toPayment(ID, state, 4).refundFailed).toBe(true);
  });

  it('are judged before the provider is asked', () => {
    const { state } = heard(...paid, intent('captured', { refunds: returned('succeeded') }));
    expect(judgeRefund(state, 'r1', 400)).toBe('made');
    expect(judgeRefund(state, 'r2', 600)).toBe('new');
    expect(refusal(() => judgeRefund(state, 'r1', 300))).toBe('REFUND_KEY_REUSED');
    expect(refusal(() => judgeRefund(state, 'r2', 601))).toBe('REFUND_TOO_LARGE');
    expect(refusal(() => judgeRefund(heard(intent('authorised')).state, 'r1', 1))).toBe('PAYMENT_NOT_CAPTURED');
    const many = Object.fromEntries(
      Array.from({ length: MAX_REFUNDS }, (_, i) => [`k${i}`, { amount: 1, reason: 'r', at: 1, failed: false }]),
    );
    expect(refusal(() => judgeRefund({ ...state, refunds: many }, 'r2', 1))).toBe('REFUNDS_EXHAUSTED');
  });
});
