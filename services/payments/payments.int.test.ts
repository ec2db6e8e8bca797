// The service on two nodes: who may see and do what, lists, webhooks over the public door, switches for proofs, and that no card
// number is ever written down anywhere.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { money } from '../../mixins/money.ts';
import { nodeOf } from '../../mixins/node.ts';
import type { Principal } from '../../mixins/principal.ts';
import { paymentIdOf } from './payments.contract.ts';
import { AGENT, as, CUSTOMER, GUEST, type Pair, STRANGER, startPair, type TestNode, until } from './payments.testing.ts';
import { sign } from './simulated/webhooks.ts';

const SECRET = 'known to the tests';
let pair: Pair;
let a: TestNode;
let b: TestNode;
let count = 0;
const newOrder = (kind = 'own'): string => `ord_${kind}${++count}`;

beforeAll(async () => {
  process.env.SIMULATED_WEBHOOK_SECRET = SECRET;
  pair = await startPair();
  ({ a, b } = pair);
});
afterAll(async () => {
  delete process.env.SIMULATED_WEBHOOK_SECRET;
  await pair?.stop();
});
afterEach(() => a.call('faults', {}));

const attempt = (orderId: string, method = 'pm_card_visa') => ({
  orderId,
  accountId: 'acc_customer',
  amount: money(1_000),
  method,
  attempt: 1,
});
async function paid(orderId: string, method?: string): Promise<string> {
  await a.call('authorise', attempt(orderId, method));
  return (await a.call('capture', { orderId })).id;
}
const codeOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'ok',
    (error: { type?: unknown }) => error.type,
  );

describe('a payment is seen', () => {
  it.each([
    ['its customer', 'own', CUSTOMER, 'ok'],
    ['the guest who ordered', 'guest', GUEST, 'ok'],
    ['staff', 'own', AGENT, 'ok'],
    ['another customer', 'own', STRANGER, 'PAYMENT_NOT_FOUND'],
    ['a guest who did not order', 'own', GUEST, 'PAYMENT_NOT_FOUND'],
    ['a customer who is not that guest', 'guest', CUSTOMER, 'PAYMENT_NOT_FOUND'],
  ] satisfies [string, string, Principal, string][])('by %s or not', async (_who, kind, principal, expected) => {
    const orderId = newOrder(kind);
    const { accountId: _nobody, ...guests } = attempt(orderId);
    await a.call('authorise', kind === 'guest' ? guests : attempt(orderId));
    const id = paymentIdOf(orderId);
    expect(await codeOf(b.call('get', { id }, as(principal)))).toBe(expected);
    expect(await codeOf(b.call('ofOrder', { orderId }, as(principal)))).toBe(expected);
    expect(await codeOf(b.call('confirm', { id }, as(principal)))).toBe(expected);
  });

  it('by nobody when it does not exist or the id is not one of a payment', async () => {
    expect(await codeOf(a.call('get', { id: 'pay_ord_none' }, as(AGENT)))).toBe('PAYMENT_NOT_FOUND');
    expect(await codeOf(a.call('get', { id: 'ord_own1' }, as(AGENT)))).toBe('PAYMENT_NOT_FOUND');
    expect(await a.call('state', { orderId: 'ord_none' })).toEqual({});
  });
});

describe('paying', () => {
  it('with another method goes through the order and answers with the payment', async () => {
    const orderId = newOrder();
    const payment = await a.call('charge', { orderId, paymentMethod: 'pm_card_amex' }, as(CUSTOMER));
    expect(payment).toMatchObject({ id: paymentIdOf(orderId), status: 'authorised', method: { brand: 'amex', last4: '0005' } });
    expect(await codeOf(a.call('charge', { orderId: newOrder(), paymentMethod: 'pm_card_visa' }, as(STRANGER)))).toBe(
      'PAYMENT_NOT_FOUND',
    );
  });

  it('with a challenge: the bank asks, the customer answers, we ask how it ended', async () => {
    const orderId = newOrder();
    const { id, action } = await a.call('authorise', attempt(orderId, 'pm_card_threeDSecure2Required'));
    expect(action?.url).toBe(`/payments/${id}/challenge`);
    expect(await codeOf(b.call('challenge', { id, outcome: 'succeed' }, as(STRANGER)))).toBe('PAYMENT_NOT_FOUND');
    expect(await b.call('challenge', { id, outcome: 'succeed' }, as(CUSTOMER))).toEqual({ accepted: true });
    expect(await a.call('confirm', { id }, as(CUSTOMER))).toMatchObject({ status: 'authorised' });
    expect(await codeOf(b.call('challenge', { id, outcome: 'fail' }, as(CUSTOMER)))).toBe('PAYMENT_NO_ACTION');
  });

  it('back in parts by an admin, each key once, the rest without an amount', async () => {
    const id = await paid(newOrder());
    const part = { id, amount: 300, reason: 'one cup was broken', key: 'rma-1' };
    await a.call('refundPart', part);
    expect(await b.call('refundPart', part)).toMatchObject({ status: 'partially_refunded', refunded: money(300) });
    expect(await codeOf(a.call('refundPart', { ...part, key: 'rma-2', amount: 701 }))).toBe('REFUND_TOO_LARGE');
    expect(await a.call('refundPart', { id, reason: 'the rest', key: 'rma-3' })).toMatchObject({
      status: 'refunded',
      refunded: money(1_000),
    });
  });
});

describe('lists', () => {
  it('go through every payment once, newest first, and can be narrowed', async () => {
    const account = `acc_${Date.now()}`;
    const ids: string[] = [];
    for (let n = 0; n < 5; n++) ids.push((await a.call('authorise', { ...attempt(newOrder()), accountId: account })).id);
    const seen: string[] = [];
    await until(async () => (await b.call('query', { accountId: account })).payments.length === 5);
    for (let after: string | undefined; ; ) {
      const page = await b.call('query', { accountId: account, status: 'authorised', limit: 2, ...(after ? { after } : {}) });
      seen.push(...page.payments.map((payment) => payment.id));
      after = page.next;
      if (after === undefined) break;
    }
    expect(seen.toSorted()).toEqual(ids.toSorted());
    expect((await b.call('query', { accountId: account, status: 'declined' })).payments).toEqual([]);
    expect(Object.keys((await b.call('query', { accountId: account })).payments[0] ?? {})).not.toContain('watch');
  });
});

describe('webhooks', () => {
  const body = (intentId: string) => JSON.stringify({ id: `evt_${intentId}`, type: 'intent.authorised', intentId });

  it('are refused without a genuine signature and change nothing', async () => {
    const text = body('pi_ord_x_1');
    for (const signature of [undefined, 't=1,v1=00', sign('another secret', text, Date.now())]) {
      expect(await codeOf(a.call('webhook', { body: text, ...(signature ? { signature } : {}) }))).toBe('WEBHOOK_REFUSED');
    }
  });

  it('are accepted by any node, twice, and are no more than a hint: the provider is asked', async () => {
    const orderId = newOrder();
    const { id } = await a.call('authorise', attempt(orderId, 'pm_card_authenticationRequired'));
    const text = body(`pi_${orderId}_1`);
    for (const node of [a, b, a]) {
      expect(await node.call('webhook', { body: text, signature: sign(SECRET, text, Date.now()) })).toEqual({ received: true });
    }
    expect(await a.call('get', { id }, as(CUSTOMER))).toMatchObject({ status: 'requires_action', version: 1 });
  });

  it('that are all lost are made up for by looking', async () => {
    await a.call('faults', { loseEvery: 1 });
    const orderId = newOrder();
    const { id } = await a.call('authorise', attempt(orderId, 'pm_card_authenticationRequired'));
    await a.call('challenge', { id, outcome: 'succeed' }, as(CUSTOMER));
    await until(async () => {
      await b.call('reconcile', { olderThanMs: 0 });
      return (await a.call('get', { id }, as(CUSTOMER))).status === 'authorised';
    });
  });
});

describe('the switches for proofs', () => {
  it('reach every node', async () => {
    await a.call('faults', { declinePercent: 100 });
    for (const node of [a, b]) expect(await node.call('authorise', attempt(newOrder()))).toMatchObject({ status: 'declined' });
    await b.call('faults', {});
    for (const node of [a, b]) expect(await node.call('authorise', attempt(newOrder()))).toMatchObject({ status: 'authorised' });
  });

  it('do not exist in production', async () => {
    const before = process.env.NODE_ENV;
    process.env.NODE_ENV = 'production';
    const refused = codeOf(a.call('faults', { declinePercent: 100 }));
    expect(await refused).toBe('NOT_IN_PRODUCTION');
    process.env.NODE_ENV = before;
  });
});

describe('a card number', () => {
  const NUMBER = '4000000000009995';
  const SPACED = '4000 0000 0000 9995';

  it('is nowhere: not in a message, a log line, an error or a file of the log', async () => {
    const card = { number: SPACED, expMonth: 12, expYear: 2034, cvc: '737' };
    const { paymentMethod } = await a.call('tokenise', card, { ...as(CUSTOMER), idempotencyKey: 'one-key' });
    const orderId = newOrder();
    const payment = await b.call('authorise', attempt(orderId, paymentMethod));
    expect(payment.decline?.code).toBe('insufficient_funds');
    const id = await paid(newOrder());
    const errors = await Promise.all(
      [
        a.call('tokenise', { ...card, expMonth: 13 }),
        a.call('tokenise', { ...card, number: `${NUMBER}1` }),
        a.call('tokenise', { ...card, cvc: NUMBER }),
        a.call('charge', { orderId, paymentMethod: NUMBER }, as(CUSTOMER)),
        a.call('authorise', attempt(newOrder(), NUMBER)),
        a.call('refundPart', { id, amount: 1, reason: `card ${SPACED}`, key: 'k1' }),
      ].map((work) =>
        work.then(
          () => 'accepted',
          (error: Error & { data?: unknown }) => JSON.stringify([error.message, error.data]),
        ),
      ),
    );
    expect(errors).not.toContain('accepted');
    await a.call('cancel', { orderId, reason: `the customer wrote ${NUMBER} here` });
    await a.call('refund', { orderId: id.slice(4), amount: money(1), reason: SPACED, key: 'k2' });

    const leak = /4000[ -]?0000[ -]?0000[ -]?9995/;
    expect(errors.filter((text) => leak.test(text))).toEqual([]);
    expect(pair.lines.length).toBeGreaterThan(10);
    expect(pair.lines.filter((line) => leak.test(line))).toEqual([]);
    await nodeOf(a.broker).log.nats.flush();
    const files = readdirSync(pair.nats.dir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    expect(files.length).toBeGreaterThan(4);
    const bytes = files.map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'));
    expect(bytes.filter((text) => leak.test(text))).toEqual([]);
    expect(bytes.some((text) => text.includes('pm_sim') || text.includes('insufficient_funds'))).toBe(true);
  });
});
