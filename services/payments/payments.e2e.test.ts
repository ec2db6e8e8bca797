// Paying as a shopper meets it: a guest buys over HTTP with each kind of test card, tries another one, confirms at the bank,
// cancels and gets the money back; and the provider's webhook door stands open to the provider only.
import { startShop, type TestShop } from '../../test/support/shop.ts';
import { sign } from './simulated/webhooks.ts';

const SECRET = 'known to the tests';
const SKU = 'MUG-RED';
let shop: TestShop;
beforeAll(async () => {
  shop = await startShop({ env: { SOUK_RATE_LIMIT: 'off', SIMULATED_WEBHOOK_SECRET: SECRET } });
  const admin = new Browser();
  const [email, password] = ['boss@example.com', 'correct horse battery'];
  await shop.broker.call('accounts.ensure', { email, name: 'Boss', role: 'admin', password });
  await admin.must('POST', '/users/signin', { email, password });
  const variants = [{ sku: SKU, price: { amount: 500, currency: 'GBP' } }];
  await admin.must('POST', '/products', { title: 'Red mug', slug: 'red-mug', status: 'active', variants });
  await admin.must('PUT', `/inventory/${SKU}`, { change: 100, reason: 'received' });
});
afterAll(async () => {
  delete process.env.SIMULATED_WEBHOOK_SECRET;
  await shop?.stop();
});

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

class Browser {
  readonly #cookies = new Map<string, string>();

  async send(method: string, path: string, body?: object | string, headers: Record<string, string> = {}): Promise<Answer> {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const payload = typeof body === 'object' ? JSON.stringify(body) : body;
    const response = await fetch(`${shop.url}/api${path}`, {
      method,
      headers: { ...(cookie ? { cookie } : {}), ...(payload ? { 'content-type': 'application/json' } : {}), ...headers },
      ...(payload ? { body: payload } : {}),
    });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      this.#cookies.set(name, value);
    }
    const text = await response.text();
    return { status: response.status, body: text ? JSON.parse(text) : {} };
  }

  async must(method: string, path: string, body?: object): Promise<Record<string, unknown>> {
    const answer = await this.send(method, path, body);
    if (answer.status >= 400) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  }

  /** Puts one mug into the cart and orders it. */
  async order(paymentMethod: string): Promise<{ id: string; status: string; waiting?: { reason: string; code?: string } }> {
    await this.must('GET', '/cart');
    await this.must('POST', '/cart/add', { sku: SKU, quantity: 1 });
    const address = { line1: '12 St James’s Square', city: 'London', postcode: 'SW1Y 4JH', country: 'GB' };
    const contact = { email: 'ada@example.com', name: 'Ada Byron', address };
    return (await this.must('POST', '/cart/checkout', { contact, paymentMethod })) as never;
  }
}

async function until(what: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 10_000; !(await what()); ) {
    if (Date.now() > end) throw new Error('it did not happen in time');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
const becomes = (browser: Browser, orderId: string, status: string) =>
  until(async () => (await browser.must('GET', `/orders/${orderId}`)).status === status);

it('a test card becomes a token, the token pays, and the payment can be seen by its guest only', async () => {
  const guest = new Browser();
  const card = { number: '5555 5555 5555 4444', expMonth: 12, expYear: 2034, cvc: '123' };
  const { paymentMethod, brand } = await guest.must('POST', '/payments/tokens', card);
  expect(brand).toBe('mastercard');
  const order = await guest.order(String(paymentMethod));
  expect(order.status).toBe('confirmed');
  const payment = await guest.must('GET', `/payments/order/${order.id}`);
  expect(payment).toMatchObject({ status: 'captured', method: { brand: 'mastercard', last4: '4444' } });
  expect(await new Browser().send('GET', `/payments/${payment.id}`)).toMatchObject({ status: 401 });
  const other = new Browser();
  await other.must('GET', '/cart');
  expect(await other.send('GET', `/payments/${payment.id}`)).toMatchObject({ status: 404, body: { code: 'PAYMENT_NOT_FOUND' } });
});

it.each([
  ['pm_card_visa_chargeDeclined', 'generic_decline'],
  ['pm_card_visa_chargeDeclinedInsufficientFunds', 'insufficient_funds'],
  ['pm_card_visa_chargeDeclinedLostCard', 'lost_card'],
  ['pm_card_visa_chargeDeclinedStolenCard', 'stolen_card'],
  ['pm_card_chargeDeclinedExpiredCard', 'expired_card'],
  ['pm_card_chargeDeclinedIncorrectCvc', 'incorrect_cvc'],
  ['pm_card_chargeDeclinedProcessingError', 'processing_error'],
])('%s is declined; another card by POST /charges pays the same order', async (method, code) => {
  const guest = new Browser();
  const { id, status, waiting } = await guest.order(method);
  expect({ status, waiting }).toMatchObject({ status: 'awaiting_payment', waiting: { reason: 'declined', code } });
  const { status: created, body } = await guest.send('POST', '/charges', { orderId: id, paymentMethod: 'pm_card_visa' });
  expect([created, body.status]).toEqual([201, 'captured']);
  expect(await guest.must('GET', `/orders/${id}`)).toMatchObject({ status: 'confirmed' });
});

it('a challenge passed at the bank confirms the order by itself, by webhook', async () => {
  const guest = new Browser();
  const { id, waiting } = await guest.order('pm_card_threeDSecure2Required');
  expect(waiting?.reason).toBe('action_required');
  const payment = await guest.must('GET', `/payments/order/${id}`);
  expect(payment.action).toEqual({ url: `/payments/pay_${id}/challenge` });
  await guest.must('POST', `/payments/${payment.id}/challenge`, { outcome: 'succeed' });
  await becomes(guest, id, 'confirmed');
});

it('a challenge failed at the bank leaves the order waiting; the customer may try again', async () => {
  const guest = new Browser();
  const { id } = await guest.order('pm_card_threeDSecure2Required');
  await guest.must('POST', `/payments/pay_${id}/challenge`, { outcome: 'fail' });
  expect(await guest.must('POST', `/payments/pay_${id}/confirm`)).toMatchObject({
    status: 'declined',
    decline: { code: 'authentication_failed' },
  });
  expect(await guest.send('POST', '/charges', { orderId: id, paymentMethod: 'pm_card_amex' })).toMatchObject({ status: 201 });
  await becomes(guest, id, 'confirmed');
});

it('a result that comes late confirms the order by itself', async () => {
  const guest = new Browser();
  const { id, waiting } = await guest.order('pm_card_lateWebhook');
  expect(waiting?.reason).toBe('pending');
  await becomes(guest, id, 'confirmed');
});

it('cancelling a paid order gives the money back', async () => {
  const guest = new Browser();
  const { id } = await guest.order('pm_card_visa');
  await guest.must('DELETE', `/orders/${id}`);
  const payment = await guest.must('GET', `/payments/order/${id}`);
  expect(payment).toMatchObject({ status: 'refunded', closed: true, refunded: payment.amount });
  expect(await guest.send('POST', '/charges', { orderId: id, paymentMethod: 'pm_card_visa' })).toMatchObject({ status: 409 });
});

it.each([
  ['a card number for a method', '/charges', { orderId: 'ord_1', paymentMethod: '4242424242424242' }, 422, 'INVALID_INPUT'],
  ['an unknown field', '/charges', { orderId: 'ord_1', paymentMethod: 'pm_card_visa', amount: 1 }, 422, 'INVALID_INPUT'],
  ['an order of nobody', '/charges', { orderId: 'ord_1', paymentMethod: 'pm_card_visa' }, 404, 'PAYMENT_NOT_FOUND'],
  [
    'a mistyped card',
    '/payments/tokens',
    { number: '4242424242424241', expMonth: 1, expYear: 34, cvc: '123' },
    422,
    'CARD_INVALID',
  ],
])('%s is refused', async (_title, path, body, status, code) => {
  const guest = new Browser();
  await guest.must('GET', '/cart');
  expect(await guest.send('POST', path, body)).toMatchObject({ status, body: { code } });
});

it('the webhook door takes what the provider signed, as header, and nothing else', async () => {
  const guest = new Browser();
  const { id } = await guest.order('pm_card_authenticationRequired');
  const text = JSON.stringify({ id: 'evt_1', type: 'intent.authorised', intentId: `pi_${id}_1` });
  const post = (signature: string) =>
    new Browser().send('POST', '/payments/webhooks/simulated', text, { 'souk-signature': signature });
  expect(await post(sign(SECRET, text, Date.now()))).toMatchObject({ status: 200, body: { received: true } });
  expect(await post(sign(SECRET, `${text} `, Date.now()))).toMatchObject({ status: 400, body: { code: 'WEBHOOK_REFUSED' } });
  expect(await guest.must('GET', `/payments/order/${id}`)).toMatchObject({ status: 'requires_action' });
});
