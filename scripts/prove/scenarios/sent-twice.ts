// (c) Every request is sent twice at once under one Idempotency-Key, then with another body: one effect, one answer, one refusal.
import type { Answer, Problem } from '../drive/http.ts';
import { checkoutBody, newKey, type Shopper } from '../drive/shopper.ts';
import { Expectations, inParallel, type Scenario, visitors } from '../scenario.ts';

const SKU = 'PROVE-TWICE';
const BUYERS = 60;
const PATIENCE_MS = 20_000;

type Method = 'POST' | 'DELETE';

export const sentTwice: Scenario = {
  key: 'c',
  title: 'every request twice with one key, and with another body',
  limitMs: 40_000,
  stock: { [SKU]: 10_000 },
  async run(stage) {
    const found = new Expectations();
    const buyers = visitors(stage, BUYERS, PATIENCE_MS);
    const kept = await inParallel(buyers, 20, (buyer, n) => buyTwice(buyer, found, n));
    return { confirmed: kept.filter(Boolean).length, refused: kept.filter((one) => !one).length, broken: found.broken };
  },
};

/** True when the buyer keeps what was bought, false when it was cancelled in the end. */
async function buyTwice(buyer: Shopper, found: Expectations, n: number): Promise<boolean> {
  await buyer.arrive();
  const added = await twice(buyer, found, 'POST', '/api/cart/add', { sku: SKU, quantity: 2 }, { sku: SKU, quantity: 3 });
  found.equal('units in the cart', (added.body as { count: number }).count, 2);
  const declined = n % 3 === 0;
  const first = checkoutBody(declined ? 'pm_card_chargeDeclined' : 'pm_card_visa');
  const placed = await twice(buyer, found, 'POST', '/api/cart/checkout', first, { ...first, delivery: 'express' });
  const told = await buyer.checkedOut(placed);
  if (!('orderId' in told)) return false;
  const { orderId } = told;
  if (declined) {
    found.equal('a declined order', told.status, 'awaiting_payment');
    const card = { orderId, paymentMethod: 'pm_card_visa' };
    const paid = await twice(buyer, found, 'POST', '/api/charges', card, { ...card, paymentMethod: 'pm_card_mastercard' });
    found.equal('attempts', (paid.body as { attempts: unknown[] }).attempts.length, 2);
  }
  found.equal('a paid order', (await buyer.order(orderId)).status, 'confirmed');
  if (n % 4 !== 0) return true;
  const path = `/api/orders/${orderId}`;
  await buyer.checkedOut(await twice(buyer, found, 'DELETE', path, { reason: 'changed my mind' }, { reason: 'something else' }));
  found.equal('a cancelled order', (await buyer.order(orderId)).status, 'cancelled');
  return false;
}

/** The one answer to a request that was sent twice at the same time and a third time later. */
async function twice(
  buyer: Shopper,
  found: Expectations,
  method: Method,
  path: string,
  body: object,
  other: object,
): Promise<Answer> {
  const key = newKey('twice');
  const [one, two] = await Promise.all([buyer.ask(method, path, { body, key }), buyer.ask(method, path, { body, key })]);
  const three = await buyer.ask(method, path, { body, key });
  const about = `${method} ${path.replace(/ord_\w+/, ':id')}`;
  found.expect(one.status < 300, about, `${one.status} ${one.text}`);
  found.expect(one.text === two.text && one.text === three.text, about, 'answers to one key differ');
  found.expect(one.status === two.status && one.status === three.status, about, 'statuses for one key differ');
  const replayed = [one, two, three].map(({ headers }) => headers['idempotent-replayed'] === 'true');
  found.equal(`${about}: which answers were replays`, replayed.toSorted(), [false, true, true]);
  const changed = await buyer.ask(method, path, { body: other, key });
  found.equal(`${about} with another body`, [changed.status, (changed.body as Problem).code], [422, 'IDEMPOTENCY_KEY_REUSED']);
  return one;
}
