// Two nodes at once, a slow provider, lost answers and dead nodes: the provider decides, we end as its books say, nobody pays twice.
import { money } from '../../mixins/money.ts';
import { AMOUNT, attempt, deaf, gated, newOrder, origin, outcomes, TwoNodes, until } from './payments.desk.testing.ts';
import { intentIdOf } from './simulated/intent.ts';

let nodes: TwoNodes;
beforeAll(async () => {
  nodes = await TwoNodes.start();
});
afterEach(() => nodes.behave());
afterAll(() => nodes?.stop());

describe('two callers at once', () => {
  it('capturing and cancelling end with nothing kept, whoever is first', async () => {
    const orders = Array.from({ length: 25 }, newOrder);
    const results = await Promise.all(
      orders.map(async (orderId) => {
        await nodes.a.desk.authorise(attempt(orderId), origin());
        return outcomes(nodes.b.desk.capture(orderId, origin()), nodes.a.desk.cancel(orderId, 'changed my mind', origin()));
      }),
    );
    for (const [captured, cancelled] of results) {
      expect(cancelled).toBe('ok');
      expect(['ok', 'PAYMENT_CLOSED', 'PAYMENT_NOT_AUTHORISED']).toContain(captured);
    }
    for (const orderId of orders) {
      const { kept, held } = await nodes.books(orderId);
      const payment = await nodes.b.desk.get(orderId);
      expect({ orderId, kept, held, closed: payment.closed }).toEqual({ orderId, kept: 0, held: 0, closed: true });
      expect(['voided', 'refunded']).toContain(payment.status);
    }
  });

  it('authorising and cancelling end with nothing held', async () => {
    const orders = Array.from({ length: 25 }, newOrder);
    await Promise.all(
      orders.map((orderId) =>
        outcomes(nodes.a.desk.authorise(attempt(orderId), origin()), nodes.b.desk.cancel(orderId, 'too slow', origin())),
      ),
    );
    for (const orderId of orders) {
      expect(await nodes.books(orderId)).toMatchObject({ kept: 0, held: 0 });
      expect(await nodes.a.desk.get(orderId)).toMatchObject({ closed: true });
    }
  });

  it('refunding more than there is: one of them is refused', async () => {
    const orderId = newOrder();
    await nodes.a.desk.authorise(attempt(orderId), origin());
    await nodes.a.desk.capture(orderId, origin());
    const wish = (key: string) => ({ orderId, key, amount: money(600), reason: 'broken' });
    const results = await outcomes(nodes.a.desk.refund(wish('one'), origin()), nodes.b.desk.refund(wish('two'), origin()));
    expect(results.filter((one) => one === 'ok')).toHaveLength(1);
    expect(await nodes.books(orderId)).toMatchObject({ kept: 400 });
    expect(await nodes.b.desk.get(orderId)).toMatchObject({ status: 'partially_refunded', refunded: money(600) });
  });
});

it('a provider process with an old record looks again before it refuses', async () => {
  const orderId = newOrder();
  const id = intentIdOf(orderId, 1);
  await nodes.a.desk.authorise(attempt(orderId, 'pm_card_threeDSecure2Required'), origin());
  expect((await nodes.b.provider.retrieve(id)).status).toBe('requires_action');
  await nodes.a.provider.answer(id, 'succeed');
  expect(await nodes.b.provider.capture(id)).toMatchObject({ intent: { status: 'captured' } });
});

describe('a provider that is slow to be reached', () => {
  it('authorises after the order was cancelled: it is given back at once', async () => {
    const { wrap, open, waiting } = gated('authorise');
    const slow = await nodes.start(wrap);
    const orderId = newOrder();
    const authorising = outcomes(slow.desk.authorise(attempt(orderId), origin()));
    await waiting;
    await nodes.b.desk.cancel(orderId, 'too slow', origin());
    open();
    expect(await authorising).toEqual(['PAYMENT_CLOSED']);
    expect((await nodes.books(orderId)).effects).toEqual(['intent.authorised', 'intent.voided']);
    await slow.stop();
  });

  it('captures after the order was cancelled: it is refused and the void is what we know', async () => {
    const { wrap, open, waiting } = gated('capture');
    const slow = await nodes.start(wrap);
    const orderId = newOrder();
    await slow.desk.authorise(attempt(orderId), origin());
    const capturing = outcomes(slow.desk.capture(orderId, origin()));
    await waiting;
    await nodes.b.desk.cancel(orderId, 'too slow', origin());
    open();
    expect(await capturing).toEqual(['PAYMENT_NOT_AUTHORISED']);
    expect(await nodes.a.desk.get(orderId)).toMatchObject({ status: 'voided' });
    await slow.stop();
  });

  it('voids after the money was captured: it is refunded instead', async () => {
    const { wrap, open, waiting } = gated('void');
    const slow = await nodes.start(wrap);
    const orderId = newOrder();
    await nodes.a.desk.authorise(attempt(orderId), origin());
    const { intentId } = await nodes.a.desk.intentOf(orderId);
    const cancelling = slow.desk.cancel(orderId, 'changed my mind', origin());
    await waiting;
    await nodes.a.provider.capture(intentId);
    open();
    expect(await cancelling).toMatchObject({ status: 'refunded', refunded: AMOUNT, closed: true });
    expect((await nodes.books(orderId)).effects).toEqual(['intent.authorised', 'intent.captured', 'intent.refunded']);
    await slow.stop();
  });
});

describe('a node that dies', () => {
  it('between authorising and capturing: another one captures', async () => {
    const first = await nodes.start();
    const orderId = newOrder();
    await first.desk.authorise(attempt(orderId), origin());
    await first.stop();
    const next = await nodes.start();
    expect((await next.desk.capture(orderId, origin())).status).toBe('captured');
    expect((await nodes.books(orderId)).effects).toEqual(['intent.authorised', 'intent.captured']);
    await next.stop();
  });

  /** The provider did it, and nobody wrote it down. */
  const lostAttempt = async (method = 'pm_card_visa'): Promise<string> => {
    const orderId = newOrder();
    const key = { idempotencyKey: `${orderId}:1`, orderId, attempt: 1, amount: 1_000, currency: 'GBP' } as const;
    await nodes.a.provider.authorise({ ...key, methodToken: method });
    return orderId;
  };

  it('before it wrote down an authorisation: the same attempt finds it', async () => {
    const orderId = await lostAttempt();
    expect(await nodes.b.desk.authorise(attempt(orderId), origin())).toMatchObject({ status: 'authorised' });
    expect((await nodes.books(orderId)).effects).toEqual(['intent.authorised']);
  });

  it('before it wrote down an authorisation: the next attempt uses it instead of charging again', async () => {
    const orderId = await lostAttempt();
    expect(await nodes.b.desk.authorise(attempt(orderId, 'pm_card_mastercard', 2), origin())).toMatchObject({
      status: 'authorised',
    });
    expect((await nodes.books(orderId)).effects).toEqual(['intent.authorised']);
  });

  it('before it wrote down a decline: the next attempt follows it', async () => {
    const orderId = await lostAttempt('pm_card_visa_chargeDeclined');
    const payment = await nodes.b.desk.authorise(attempt(orderId, 'pm_card_mastercard', 2), origin());
    expect(payment.attempts.map((one) => one.outcome)).toEqual(['declined', 'authorised']);
  });

  it('before it wrote down an authorisation: cancelling gives it back all the same', async () => {
    const orderId = await lostAttempt();
    await nodes.b.desk.cancel(orderId, 'gone', origin());
    expect(await nodes.books(orderId)).toMatchObject({ held: 0, effects: ['intent.authorised', 'intent.voided'] });
  });
});

describe('an answer of the provider that never arrives', () => {
  it.each(['capture', 'void', 'refund'] as const)('is looked up when the %s has happened', async (operation) => {
    const node = await nodes.start(deaf(operation, true));
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
    const node = await nodes.start(deaf('capture', false));
    const orderId = newOrder();
    await node.desk.authorise(attempt(orderId), origin());
    expect(await outcomes(node.desk.capture(orderId, origin()))).toEqual(['PAYMENT_PROVIDER_UNAVAILABLE']);
    expect(await nodes.b.desk.capture(orderId, origin())).toMatchObject({ status: 'captured' });
    await node.stop();
  });
});

it('a log that crashes and comes back charges nobody twice and loses nothing that was answered', async () => {
  const persistent = async (work: () => Promise<unknown>): Promise<void> => {
    await until(async () => (await outcomes(work()))[0] === 'ok', 25_000);
  };
  const orders = Array.from({ length: 40 }, newOrder);
  const buying = orders.map(async (orderId, n) => {
    await new Promise((resolve) => setTimeout(resolve, n * 5));
    const [first, second] = n % 2 ? [nodes.a, nodes.b] : [nodes.b, nodes.a];
    await persistent(() => first.desk.authorise(attempt(orderId), origin()));
    await persistent(() => second.desk.capture(orderId, origin()));
  });
  await new Promise((resolve) => setTimeout(resolve, 60));
  await nodes.crash();
  await Promise.all(buying);
  for (const orderId of orders) {
    expect((await nodes.books(orderId)).effects).toEqual(['intent.authorised', 'intent.captured']);
    expect(await nodes.b.desk.get(orderId)).toMatchObject({ status: 'captured', version: 2 });
  }
});
