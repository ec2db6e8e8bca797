// Two nodes and one provider on a real nats-server: whatever is repeated, raced, lost or restarted, our record ends as the
// provider's books say, and nobody is charged twice.

import { Actors } from '../../mixins/actor/actors.ts';
import { Log } from '../../mixins/log/log.ts';
import { money } from '../../mixins/money.ts';
import { startNats, type TestNats } from '../../test/support/nats.ts';
import { paymentActor } from './payment.ts';
import { paymentIdOf, payments } from './payments.contract.ts';
import { PaymentDesk } from './payments.desk.ts';
import { Faults } from './payments.schema.contract.ts';
import type { Effect, PaymentProvider } from './provider.ts';
import { Books, LEDGER } from './simulated/books.ts';
import { intentIdOf } from './simulated/intent.ts';
import { SimulatedProvider } from './simulated/simulated.provider.ts';

const SECRET = 'shared by both nodes';
const origin = () => ({ meta: {} });
const amount = money(1_000);

interface TestNode {
  readonly log: Log;
  readonly desk: PaymentDesk;
  readonly provider: SimulatedProvider;
  readonly heard: string[];
  stop(): Promise<void>;
}

let server: TestNats;
let a: TestNode;
let b: TestNode;
let count = 0;
const newOrder = (): string => `ord_${++count}`;

/** A node of the shop; `wrap` may stand between the shop and its provider. */
async function startNode(wrap: (provider: SimulatedProvider) => PaymentProvider = (provider) => provider): Promise<TestNode> {
  const log = await Log.connect({ connection: { servers: server.url } });
  await log.declare(payments.streams ?? []);
  const heard: string[] = [];
  const provider: SimulatedProvider = new SimulatedProvider({
    books: new Books(() => log),
    secret: SECRET,
    deliver: async (body, signature) => {
      const { eventId, intentId } = provider.verify(body, signature);
      await desk.hear(intentId, origin());
      heard.push(eventId);
    },
    onError: (what, error) => {
      throw new Error(what, { cause: error });
    },
    lateMs: 60,
    refundMs: 60,
  });
  const desk = new PaymentDesk(new Actors(paymentActor, () => log, { alone: () => false }), wrap(provider));
  return {
    log,
    desk,
    provider,
    heard,
    async stop() {
      await provider.stop();
      await log.close();
    },
  };
}

const attempt = (orderId: string, method = 'pm_card_visa', n = 1) => ({
  orderId,
  accountId: 'acc_1',
  amount,
  method,
  attempt: n,
});
const messages = async (stream: string): Promise<number> => (await a.log.jsm.streams.info(stream)).state.messages;
const codeOf = (error: unknown): unknown => (error as { type?: string }).type;
const outcomes = async (...work: Promise<unknown>[]) =>
  (await Promise.allSettled(work)).map((one) => (one.status === 'fulfilled' ? 'ok' : codeOf(one.reason)));

/** What the provider's books say: money taken minus money given back, and money still reserved. */
async function books(orderId: string): Promise<{ kept: number; held: number; effects: string[] }> {
  let kept = 0;
  let held = 0;
  const effects: string[] = [];
  for (let n = 1; n <= 5; n++) {
    for await (const { body } of a.log.steps(LEDGER, intentIdOf(orderId, n))) {
      for (const { type, data } of body.events as { type: string; data: { amount: number } }[]) {
        effects.push(type);
        if (type === 'intent.authorised') held += data.amount;
        if (type === 'intent.captured') [kept, held] = [kept + data.amount, held - data.amount];
        if (type === 'intent.refunded') kept -= data.amount;
        if (type === 'intent.refundFailed') kept += data.amount;
        // Voiding a challenge that was not answered gives nothing back.
        if (type === 'intent.voided') held -= Math.min(held, data.amount);
      }
    }
  }
  return { kept, held, effects };
}

async function until(done: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 5_000; !(await done()); ) {
    if (Date.now() > end) throw new Error('it did not happen in time');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
const becomes = (orderId: string, status: string) => until(async () => (await a.desk.find(orderId))?.status === status);

beforeAll(async () => {
  server = await startNats();
  a = await startNode();
  b = await startNode();
});
afterEach(() => {
  a.provider.faults = Faults.parse({});
  b.provider.faults = Faults.parse({});
});
afterAll(async () => {
  await a?.stop();
  await b?.stop();
  await server?.stop();
});

describe('one purchase', () => {
  it('is exactly two appends of ours and two effects of the provider', async () => {
    const orderId = newOrder();
    const before = [await messages('PAYMENTS'), await messages(LEDGER)] as const;
    expect((await a.desk.authorise(attempt(orderId), origin())).status).toBe('authorised');
    expect((await a.desk.capture(orderId, origin())).status).toBe('captured');
    expect([(await messages('PAYMENTS')) - before[0], (await messages(LEDGER)) - before[1]]).toEqual([2, 2]);
    expect(await books(orderId)).toMatchObject({ kept: 1_000, held: 0 });
  });

  it('keeps the time of an imported order', async () => {
    const orderId = newOrder();
    const past = { meta: { historic: { at: 1_260_000_000_000 } } };
    await a.desk.authorise(attempt(orderId), past);
    expect(await a.desk.capture(orderId, past)).toMatchObject({ createdAt: 1_260_000_000_000, updatedAt: 1_260_000_000_000 });
  });
});

describe('the same request again', () => {
  it('has no second effect, one after another or at once on both nodes', async () => {
    const orderId = newOrder();
    const results = await Promise.all([a, b, a, b].map((node) => node.desk.authorise(attempt(orderId), origin())));
    expect(results.map((payment) => [payment.status, payment.version])).toEqual(Array(4).fill(['authorised', 1]));
    await Promise.all([a, b, a, b].map((node) => node.desk.capture(orderId, origin())));
    expect(await a.desk.authorise(attempt(orderId), origin())).toMatchObject({ status: 'captured', version: 2 });
    expect((await books(orderId)).effects).toEqual(['intent.authorised', 'intent.captured']);
  });

  it('gives a declined attempt the same answer, although the card would succeed now', async () => {
    const orderId = newOrder();
    const first = await a.desk.authorise(attempt(orderId, 'pm_card_visa_chargeDeclinedInsufficientFunds'), origin());
    const again = await b.desk.authorise(attempt(orderId, 'pm_card_visa'), origin());
    expect(again).toEqual(first);
    expect(first.decline).toEqual({ code: 'insufficient_funds', message: 'Your card has insufficient funds.' });
  });

  it('has one outcome, also when both nodes reach the provider and it would have decided differently', async () => {
    a.provider.faults = Faults.parse({ declinePercent: 100 });
    const orderId = newOrder();
    const request = {
      idempotencyKey: `${orderId}:1`,
      orderId,
      attempt: 1,
      amount: 1_000,
      currency: 'GBP',
      methodToken: 'pm_card_visa',
    } as const;
    const both = await Promise.all([a, b, a, b].map((node) => node.provider.authorise(request)));
    const [type, ...more] = (await books(orderId)).effects;
    expect(both.map(({ intent }) => `intent.${intent.status}`)).toEqual(Array(4).fill(type));
    expect(more).toEqual([]);
  });

  it('is refused with another amount', async () => {
    const orderId = newOrder();
    await a.desk.authorise(attempt(orderId), origin());
    expect(await outcomes(b.desk.authorise({ ...attempt(orderId), amount: money(999) }, origin()))).toEqual([
      'PAYMENT_AMOUNT_MISMATCH',
    ]);
  });

  it('can be tried five times with other cards, and not a sixth time', async () => {
    const orderId = newOrder();
    for (let n = 1; n <= 5; n++) await a.desk.authorise(attempt(orderId, 'pm_card_visa_chargeDeclined', n), origin());
    expect(await outcomes(a.desk.authorise(attempt(orderId, 'pm_card_visa', 6), origin()))).toEqual([
      'PAYMENT_ATTEMPTS_EXHAUSTED',
    ]);
    expect((await a.desk.get(orderId)).attempts).toHaveLength(5);
  });
});

describe('two callers at once', () => {
  it('capturing and cancelling end with nothing kept, whoever is first', async () => {
    const orders = Array.from({ length: 25 }, newOrder);
    const results = await Promise.all(
      orders.map(async (orderId) => {
        await a.desk.authorise(attempt(orderId), origin());
        return outcomes(b.desk.capture(orderId, origin()), a.desk.cancel(orderId, 'changed my mind', origin()));
      }),
    );
    for (const [captured, cancelled] of results) {
      expect(cancelled).toBe('ok');
      expect(['ok', 'PAYMENT_CLOSED', 'PAYMENT_NOT_AUTHORISED']).toContain(captured);
    }
    for (const orderId of orders) {
      const { kept, held } = await books(orderId);
      const payment = await b.desk.get(orderId);
      expect({ orderId, kept, held, closed: payment.closed }).toEqual({ orderId, kept: 0, held: 0, closed: true });
      expect(['voided', 'refunded']).toContain(payment.status);
    }
  });

  it('authorising and cancelling end with nothing held', async () => {
    const orders = Array.from({ length: 25 }, newOrder);
    await Promise.all(
      orders.map((orderId) =>
        outcomes(a.desk.authorise(attempt(orderId), origin()), b.desk.cancel(orderId, 'too slow', origin())),
      ),
    );
    for (const orderId of orders) {
      expect(await books(orderId)).toMatchObject({ kept: 0, held: 0 });
      expect(await a.desk.get(orderId)).toMatchObject({ closed: true });
    }
  });

  it('refunding more than there is: one of them is refused', async () => {
    const orderId = newOrder();
    await a.desk.authorise(attempt(orderId), origin());
    await a.desk.capture(orderId, origin());
    const wish = (key: string) => ({ orderId, key, amount: money(600), reason: 'broken' });
    const results = await outcomes(a.desk.refund(wish('one'), origin()), b.desk.refund(wish('two'), origin()));
    expect(results.filter((one) => one === 'ok')).toHaveLength(1);
    expect(await books(orderId)).toMatchObject({ kept: 400 });
    expect(await b.desk.get(orderId)).toMatchObject({ status: 'partially_refunded', refunded: money(600) });
  });
});

it('a provider process with an old record looks again before it refuses', async () => {
  const orderId = newOrder();
  const id = intentIdOf(orderId, 1);
  await a.desk.authorise(attempt(orderId, 'pm_card_threeDSecure2Required'), origin());
  expect((await b.provider.retrieve(id)).status).toBe('requires_action');
  await a.provider.answer(id, 'succeed');
  expect(await b.provider.capture(id)).toMatchObject({ intent: { status: 'captured' } });
});

describe('a provider that is slow to be reached', () => {
  /** The operation waits at the gate until it is opened. */
  function gated(operation: 'authorise' | 'capture' | 'void') {
    let open = (): void => {};
    let arrived = (): void => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    const waiting = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const wrap = (provider: SimulatedProvider): PaymentProvider =>
      new Proxy(provider, {
        get(target, name) {
          const value: unknown = Reflect.get(target, name);
          if (typeof value !== 'function') return value;
          return async (...args: unknown[]): Promise<unknown> => {
            if (name === operation) {
              arrived();
              await gate;
            }
            return value.apply(target, args);
          };
        },
      });
    return { wrap, open, waiting };
  }

  it('authorises after the order was cancelled: it is given back at once', async () => {
    const { wrap, open, waiting } = gated('authorise');
    const slow = await startNode(wrap);
    const orderId = newOrder();
    const authorising = outcomes(slow.desk.authorise(attempt(orderId), origin()));
    await waiting;
    await b.desk.cancel(orderId, 'too slow', origin());
    open();
    expect(await authorising).toEqual(['PAYMENT_CLOSED']);
    expect((await books(orderId)).effects).toEqual(['intent.authorised', 'intent.voided']);
    await slow.stop();
  });

  it('captures after the order was cancelled: it is refused and the void is what we know', async () => {
    const { wrap, open, waiting } = gated('capture');
    const slow = await startNode(wrap);
    const orderId = newOrder();
    await slow.desk.authorise(attempt(orderId), origin());
    const capturing = outcomes(slow.desk.capture(orderId, origin()));
    await waiting;
    await b.desk.cancel(orderId, 'too slow', origin());
    open();
    expect(await capturing).toEqual(['PAYMENT_NOT_AUTHORISED']);
    expect(await a.desk.get(orderId)).toMatchObject({ status: 'voided' });
    await slow.stop();
  });

  it('voids after the money was captured: it is refunded instead', async () => {
    const { wrap, open, waiting } = gated('void');
    const slow = await startNode(wrap);
    const orderId = newOrder();
    await a.desk.authorise(attempt(orderId), origin());
    const { intentId } = await a.desk.intentOf(orderId);
    const cancelling = slow.desk.cancel(orderId, 'changed my mind', origin());
    await waiting;
    await a.provider.capture(intentId);
    open();
    expect(await cancelling).toMatchObject({ status: 'refunded', refunded: amount, closed: true });
    expect((await books(orderId)).effects).toEqual(['intent.authorised', 'intent.captured', 'intent.refunded']);
    await slow.stop();
  });
});

describe('cancelling', () => {
  it('refunds the rest of a captured payment, once', async () => {
    const orderId = newOrder();
    await a.desk.authorise(attempt(orderId), origin());
    await a.desk.capture(orderId, origin());
    await a.desk.refund({ orderId, key: 'part', amount: money(300), reason: 'late' }, origin());
    await Promise.all([a.desk.cancel(orderId, 'lost', origin()), b.desk.cancel(orderId, 'lost', origin())]);
    expect(await a.desk.get(orderId)).toMatchObject({ status: 'refunded', refunded: amount, closed: true });
    expect((await books(orderId)).effects.filter((type) => type === 'intent.refunded')).toHaveLength(2);
  });

  it('closes for good: a saga that still believes in the order cannot charge', async () => {
    const orderId = newOrder();
    expect(await a.desk.cancel(orderId, 'out of stock', origin())).toMatchObject({ status: 'none', closed: true });
    expect(await outcomes(b.desk.authorise(attempt(orderId), origin()))).toEqual(['PAYMENT_CLOSED']);
    expect((await books(orderId)).effects).toEqual([]);
  });

  it('refuses to capture what was given back', async () => {
    const orderId = newOrder();
    await a.desk.authorise(attempt(orderId), origin());
    await a.desk.cancel(orderId, 'no', origin());
    expect(await outcomes(b.desk.capture(orderId, origin()))).toEqual(['PAYMENT_CLOSED']);
  });
});

describe('a node that dies', () => {
  it('between authorising and capturing: another one captures', async () => {
    const first = await startNode();
    const orderId = newOrder();
    await first.desk.authorise(attempt(orderId), origin());
    await first.stop();
    const next = await startNode();
    expect((await next.desk.capture(orderId, origin())).status).toBe('captured');
    expect((await books(orderId)).effects).toEqual(['intent.authorised', 'intent.captured']);
    await next.stop();
  });

  /** The provider did it, and nobody wrote it down. */
  const lostAttempt = async (method = 'pm_card_visa'): Promise<string> => {
    const orderId = newOrder();
    const key = { idempotencyKey: `${orderId}:1`, orderId, attempt: 1, amount: 1_000, currency: 'GBP' } as const;
    await a.provider.authorise({ ...key, methodToken: method });
    return orderId;
  };

  it('before it wrote down an authorisation: the same attempt finds it', async () => {
    const orderId = await lostAttempt();
    expect(await b.desk.authorise(attempt(orderId), origin())).toMatchObject({ status: 'authorised' });
    expect((await books(orderId)).effects).toEqual(['intent.authorised']);
  });

  it('before it wrote down an authorisation: the next attempt uses it instead of charging again', async () => {
    const orderId = await lostAttempt();
    expect(await b.desk.authorise(attempt(orderId, 'pm_card_mastercard', 2), origin())).toMatchObject({ status: 'authorised' });
    expect((await books(orderId)).effects).toEqual(['intent.authorised']);
  });

  it('before it wrote down a decline: the next attempt follows it', async () => {
    const orderId = await lostAttempt('pm_card_visa_chargeDeclined');
    const payment = await b.desk.authorise(attempt(orderId, 'pm_card_mastercard', 2), origin());
    expect(payment.attempts.map((one) => one.outcome)).toEqual(['declined', 'authorised']);
  });

  it('before it wrote down an authorisation: cancelling gives it back all the same', async () => {
    const orderId = await lostAttempt();
    await b.desk.cancel(orderId, 'gone', origin());
    expect(await books(orderId)).toMatchObject({ held: 0, effects: ['intent.authorised', 'intent.voided'] });
  });
});

describe('an answer of the provider that never arrives', () => {
  const deaf =
    (operation: 'capture' | 'void' | 'refund', happens: boolean) =>
    (provider: SimulatedProvider): PaymentProvider =>
      new Proxy(provider, {
        get(target, name) {
          const value: unknown = Reflect.get(target, name);
          if (typeof value !== 'function') return value;
          return async (...args: unknown[]): Promise<Effect> => {
            if (name !== operation) return value.apply(target, args);
            if (happens) await value.apply(target, args);
            throw new Error('socket hang up');
          };
        },
      });

  it.each(['capture', 'void', 'refund'] as const)('is looked up when the %s has happened', async (operation) => {
    const node = await startNode(deaf(operation, true));
    const orderId = newOrder();
    await node.desk.authorise(attempt(orderId), origin());
    if (operation === 'void') {
      expect(await node.desk.cancel(orderId, 'no', origin())).toMatchObject({ status: 'voided' });
    } else {
      expect(await node.desk.capture(orderId, origin())).toMatchObject({ status: 'captured' });
    }
    if (operation === 'refund') {
      const wish = { orderId, key: 'r1', amount: money(200), reason: 'broken' };
      expect(await node.desk.refund(wish, origin())).toMatchObject({ status: 'partially_refunded' });
    }
    await node.stop();
  });

  it('is an error that may be tried again when it has not happened', async () => {
    const node = await startNode(deaf('capture', false));
    const orderId = newOrder();
    await node.desk.authorise(attempt(orderId), origin());
    expect(await outcomes(node.desk.capture(orderId, origin()))).toEqual(['PAYMENT_PROVIDER_UNAVAILABLE']);
    expect(await b.desk.capture(orderId, origin())).toMatchObject({ status: 'captured' });
    await node.stop();
  });
});

describe('results that come later', () => {
  it('arrive by webhook, however often, and change the payment once', async () => {
    a.provider.faults = Faults.parse({ duplicateWebhooks: 3, delayMs: 40, echo: true });
    const orderId = newOrder();
    expect(await a.desk.authorise(attempt(orderId, 'pm_card_lateWebhook'), origin())).toMatchObject({ status: 'pending' });
    await becomes(orderId, 'authorised');
    await a.desk.capture(orderId, origin());
    await until(async () => a.heard.filter((id) => id.includes(orderId)).length === 12);
    expect(await a.desk.get(orderId)).toMatchObject({ status: 'captured', version: 3 });
  });

  it('are asked for when the webhook is lost', async () => {
    a.provider.faults = Faults.parse({ loseEvery: 1 });
    const orderId = newOrder();
    await a.desk.authorise(attempt(orderId, 'pm_card_lateWebhookDeclined'), origin());
    await until(async () => (await b.desk.refresh(orderId, origin())).status === 'declined');
  });

  it('are decided although the provider’s process died meanwhile', async () => {
    const dying = await startNode();
    const orderId = newOrder();
    await dying.desk.authorise(attempt(orderId, 'pm_card_lateWebhook'), origin());
    await dying.stop();
    await until(async () => (await b.desk.refresh(orderId, origin())).status === 'authorised');
  });

  it('of a cancelled order hold nothing', async () => {
    const orderId = newOrder();
    await a.desk.authorise(attempt(orderId, 'pm_card_lateWebhook'), origin());
    await b.desk.cancel(orderId, 'too slow', origin());
    await new Promise((resolve) => setTimeout(resolve, 120));
    expect(await books(orderId)).toMatchObject({ held: 0, kept: 0, effects: ['intent.processing', 'intent.voided'] });
  });

  it('a passed challenge authorises and a failed one declines', async () => {
    const [good, bad] = [newOrder(), newOrder()];
    for (const orderId of [good, bad]) {
      const payment = await a.desk.authorise(attempt(orderId, 'pm_card_threeDSecure2Required'), origin());
      expect(payment).toMatchObject({
        status: 'requires_action',
        action: { url: `/payments/${paymentIdOf(orderId)}/challenge` },
      });
    }
    await a.provider.answer(intentIdOf(good, 1), 'succeed');
    await b.provider.answer(intentIdOf(bad, 1), 'fail');
    await becomes(good, 'authorised');
    await becomes(bad, 'declined');
    expect((await a.desk.get(bad)).decline?.code).toBe('authentication_failed');
  });

  it('another card withdraws the challenge; answering it afterwards reserves nothing', async () => {
    const orderId = newOrder();
    await a.desk.authorise(attempt(orderId, 'pm_card_authenticationRequired'), origin());
    const payment = await b.desk.authorise(attempt(orderId, 'pm_card_mastercard', 2), origin());
    expect(payment.attempts.map((one) => [one.outcome, one.code])).toEqual([
      ['declined', 'abandoned'],
      ['authorised', undefined],
    ]);
    expect((await a.provider.answer(intentIdOf(orderId, 1), 'succeed')).refused?.code).toBe('intent_unexpected_state');
    expect(await books(orderId)).toMatchObject({ held: 1_000 });
  });

  it('another card after the challenge was secretly passed: the passed one counts', async () => {
    a.provider.faults = Faults.parse({ loseEvery: 1 });
    const orderId = newOrder();
    await a.desk.authorise(attempt(orderId, 'pm_card_authenticationRequired'), origin());
    await b.provider.answer(intentIdOf(orderId, 1), 'succeed');
    const payment = await a.desk.authorise(attempt(orderId, 'pm_card_mastercard', 2), origin());
    expect(['authorised', 'declined']).toContain(payment.attempts[0]?.outcome);
    expect(await books(orderId)).toMatchObject({ held: 1_000 });
  });

  it('a refund that the bank sends back is reported, by webhook or when it is lost by asking', async () => {
    for (const loseEvery of [0, 1]) {
      a.provider.faults = Faults.parse({ loseEvery });
      const orderId = newOrder();
      await a.desk.authorise(attempt(orderId, 'pm_card_refundFail'), origin());
      await a.desk.capture(orderId, origin());
      expect(await a.desk.cancel(orderId, 'no', origin())).toMatchObject({ status: 'refunded', refundFailed: false });
      await until(async () =>
        (loseEvery ? b.desk.refresh(orderId, origin()) : a.desk.get(orderId)).then((one) => one.refundFailed),
      );
      expect(await a.desk.get(orderId)).toMatchObject({ status: 'captured', refunded: money(0), closed: true });
    }
  });
});
