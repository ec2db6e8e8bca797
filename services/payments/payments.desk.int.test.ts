// What is asked for again has no second effect, and what was cancelled holds nothing: our record against the provider's books.
import { money } from '../../mixins/money.ts';
import { AMOUNT, attempt, newOrder, origin, outcomes, TwoNodes } from './payments.desk.testing.ts';
import { Faults } from './payments.schema.contract.ts';
import { LEDGER } from './simulated/books.ts';

let nodes: TwoNodes;
beforeAll(async () => {
  nodes = await TwoNodes.start();
});
afterEach(() => nodes.behave());
afterAll(() => nodes?.stop());

describe('one purchase', () => {
  it('is exactly two appends of ours and two effects of the provider', async () => {
    const orderId = newOrder();
    const before = [await nodes.messages('PAYMENTS'), await nodes.messages(LEDGER)] as const;
    expect((await nodes.a.desk.authorise(attempt(orderId), origin())).status).toBe('authorised');
    expect((await nodes.a.desk.capture(orderId, origin())).status).toBe('captured');
    expect([(await nodes.messages('PAYMENTS')) - before[0], (await nodes.messages(LEDGER)) - before[1]]).toEqual([2, 2]);
    expect(await nodes.books(orderId)).toMatchObject({ kept: 1_000, held: 0 });
  });

  it('keeps the time of an imported order', async () => {
    const orderId = newOrder();
    const past = { meta: { historic: { at: 1_260_000_000_000 } } };
    await nodes.a.desk.authorise(attempt(orderId), past);
    expect(await nodes.a.desk.capture(orderId, past)).toMatchObject({
      createdAt: 1_260_000_000_000,
      updatedAt: 1_260_000_000_000,
    });
  });
});

describe('the same request again', () => {
  it('has no second effect, one after another or at once on both nodes', async () => {
    const orderId = newOrder();
    const results = await Promise.all(
      [nodes.a, nodes.b, nodes.a, nodes.b].map((node) => node.desk.authorise(attempt(orderId), origin())),
    );
    expect(results.map((payment) => [payment.status, payment.version])).toEqual(Array(4).fill(['authorised', 1]));
    await Promise.all([nodes.a, nodes.b, nodes.a, nodes.b].map((node) => node.desk.capture(orderId, origin())));
    expect(await nodes.a.desk.authorise(attempt(orderId), origin())).toMatchObject({ status: 'captured', version: 2 });
    expect((await nodes.books(orderId)).effects).toEqual(['intent.authorised', 'intent.captured']);
  });

  it('gives a declined attempt the same answer, although the card would succeed now', async () => {
    const orderId = newOrder();
    const first = await nodes.a.desk.authorise(attempt(orderId, 'pm_card_visa_chargeDeclinedInsufficientFunds'), origin());
    const again = await nodes.b.desk.authorise(attempt(orderId, 'pm_card_visa'), origin());
    expect(again).toEqual(first);
    expect(first.decline).toEqual({ code: 'insufficient_funds', message: 'Your card has insufficient funds.' });
  });

  it('has one outcome, also when both nodes reach the provider and it would have decided differently', async () => {
    nodes.a.provider.faults = Faults.parse({ declinePercent: 100 });
    const orderId = newOrder();
    const request = {
      idempotencyKey: `${orderId}:1`,
      orderId,
      attempt: 1,
      amount: 1_000,
      currency: 'GBP',
      methodToken: 'pm_card_visa',
    } as const;
    const both = await Promise.all([nodes.a, nodes.b, nodes.a, nodes.b].map((node) => node.provider.authorise(request)));
    const [type, ...more] = (await nodes.books(orderId)).effects;
    expect(both.map(({ intent }) => `intent.${intent.status}`)).toEqual(Array(4).fill(type));
    expect(more).toEqual([]);
  });

  it('is refused with another amount', async () => {
    const orderId = newOrder();
    await nodes.a.desk.authorise(attempt(orderId), origin());
    expect(await outcomes(nodes.b.desk.authorise({ ...attempt(orderId), amount: money(999) }, origin()))).toEqual([
      'PAYMENT_AMOUNT_MISMATCH',
    ]);
  });

  it('can be tried five times with other cards, and not a sixth time', async () => {
    const orderId = newOrder();
    for (let n = 1; n <= 5; n++) await nodes.a.desk.authorise(attempt(orderId, 'pm_card_visa_chargeDeclined', n), origin());
    expect(await outcomes(nodes.a.desk.authorise(attempt(orderId, 'pm_card_visa', 6), origin()))).toEqual([
      'PAYMENT_ATTEMPTS_EXHAUSTED',
    ]);
    expect((await nodes.a.desk.get(orderId)).attempts).toHaveLength(5);
  });
});

describe('cancelling', () => {
  it('refunds the rest of a captured payment, once', async () => {
    const orderId = newOrder();
    await nodes.a.desk.authorise(attempt(orderId), origin());
    await nodes.a.desk.capture(orderId, origin());
    await nodes.a.desk.refund({ orderId, key: 'part', amount: money(300), reason: 'late' }, origin());
    await Promise.all([nodes.a.desk.cancel(orderId, 'lost', origin()), nodes.b.desk.cancel(orderId, 'lost', origin())]);
    expect(await nodes.a.desk.get(orderId)).toMatchObject({ status: 'refunded', refunded: AMOUNT, closed: true });
    expect((await nodes.books(orderId)).effects.filter((type) => type === 'intent.refunded')).toHaveLength(2);
  });

  it('closes for good: a saga that still believes in the order cannot charge', async () => {
    const orderId = newOrder();
    expect(await nodes.a.desk.cancel(orderId, 'out of stock', origin())).toMatchObject({ status: 'none', closed: true });
    expect(await outcomes(nodes.b.desk.authorise(attempt(orderId), origin()))).toEqual(['PAYMENT_CLOSED']);
    expect((await nodes.books(orderId)).effects).toEqual([]);
  });

  it('refuses to capture what was given back', async () => {
    const orderId = newOrder();
    await nodes.a.desk.authorise(attempt(orderId), origin());
    await nodes.a.desk.cancel(orderId, 'no', origin());
    expect(await outcomes(nodes.b.desk.capture(orderId, origin()))).toEqual(['PAYMENT_CLOSED']);
  });
});
