// A gateway on a node of its own: everything that it knows of an answer has travelled between nodes.
import { startShop, type TestShop } from '../support/shop.ts';

const PASSWORD = 'correct horse battery';
const SERVICES = ['accounts', 'carts', 'catalog', 'orders', 'payments', 'search', 'stock'];
let shop: TestShop;
let seller: Record<string, string>;

beforeAll(async () => {
  shop = await startShop({ services: ['gateway'], env: { SOUK_RATE_LIMIT: 'off' } });
  expect((await send('GET', '/products')).status).toBe(503);
  await shop.addNode(SERVICES);
  await shop.broker.call('accounts.ensure', { email: 'seller@example.com', name: 'Seller', role: 'seller', password: PASSWORD });
  const signedIn = await send('POST', '/users/signin', { email: 'seller@example.com', password: PASSWORD }, { prefer: 'tokens' });
  seller = { authorization: `Bearer ${String(signedIn.body.accessToken)}` };
}, 60_000);
afterAll(() => shop.stop());

async function send(method: string, path: string, body?: object | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) {
  const raw = body instanceof Uint8Array;
  const type = body === undefined ? {} : { 'content-type': raw ? 'image/png' : 'application/json' };
  const payload = body === undefined ? {} : { body: raw ? body : JSON.stringify(body) };
  const response = await fetch(`${shop.url}/api${path}`, { method, headers: { ...type, ...headers }, ...payload });
  const bytes = Buffer.from(await response.arrayBuffer());
  const isJson = response.headers.get('content-type')?.includes('json');
  const parsed: Record<string, unknown> = isJson ? JSON.parse(bytes.toString()) : {};
  return { status: response.status, headers: response.headers, body: parsed, bytes };
}

async function product(stock: number): Promise<{ id: string; sku: string }> {
  const sku = `SKU-${Math.random().toString(36).slice(2, 10).toUpperCase()}`;
  const body = { title: sku, status: 'active', variants: [{ sku, price: { amount: 500, currency: 'GBP' } }] };
  const created = await send('POST', '/products', body, seller);
  expect(created.status).toBe(201);
  expect(created.headers.get('location')).toBe(`/api/products/${String(created.body.id)}`);
  await send('PUT', `/inventory/${sku}`, { change: stock, reason: 'received' }, seller);
  return { id: String(created.body.id), sku };
}

async function guest(): Promise<{ cookie: string }> {
  const cookie = (await send('GET', '/cart')).headers.getSetCookie()[0] ?? '';
  return { cookie: cookie.slice(0, cookie.indexOf(';')) };
}

const address = { line1: '1 High Street', city: 'London', postcode: 'SW1Y 4JH', country: 'GB' };
const checkout = { contact: { email: 'ada@example.com', name: 'Ada', address }, paymentMethod: 'pm_card_visa' };

describe('a gateway on its own node', () => {
  it('sells, and gives position, status and replay as if it were one node', async () => {
    const { sku } = await product(5);
    const visitor = await guest();
    expect((await send('POST', '/cart/add', { sku, quantity: 2 }, visitor)).status).toBe(200);
    const key = { ...visitor, 'idempotency-key': 'one-checkout-of-apart' };
    const first = await send('POST', '/cart/checkout', checkout, key);
    expect([first.status, first.body.status]).toEqual([201, 'confirmed']);
    expect(first.headers.get('x-souk-position')).toContain('ORDERS=');
    const again = await send('POST', '/cart/checkout', checkout, key);
    expect([again.status, again.headers.get('idempotent-replayed'), again.body]).toEqual([201, 'true', first.body]);
    const position = { ...visitor, 'x-souk-position': first.headers.get('x-souk-position') ?? '' };
    expect(JSON.stringify((await send('GET', '/orders', undefined, position)).body)).toContain(String(first.body.id));
  });

  it('need not wait for an order to settle', async () => {
    const { sku } = await product(5);
    const visitor = await guest();
    await send('POST', '/cart/add', { sku, quantity: 1 }, visitor);
    const accepted = await send('POST', '/cart/checkout', checkout, { ...visitor, prefer: 'respond-async' });
    expect(accepted.status).toBe(202);
    const order = accepted.headers.get('location') ?? '';
    expect(order).toBe(`/api/orders/${String(accepted.body.id)}`);
    for (let tries = 0; tries < 100; tries++) {
      if ((await send('GET', order.slice('/api'.length), undefined, visitor)).body.status === 'confirmed') break;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect((await send('GET', order.slice('/api'.length), undefined, visitor)).body.status).toBe('confirmed');
  });

  it('tells refusals with their code and data', async () => {
    const { sku } = await product(1);
    const visitor = await guest();
    await send('POST', '/cart/add', { sku, quantity: 1 }, visitor);
    const other = await guest();
    await send('POST', '/cart/add', { sku, quantity: 1 }, other);
    expect((await send('POST', '/cart/checkout', checkout, visitor)).status).toBe(201);
    const refused = await send('POST', '/cart/checkout', checkout, other);
    expect(refused.status).toBe(409);
    expect(JSON.stringify(refused.body)).toContain(sku);
    expect((await send('POST', '/cart/add', { sku, quantity: -1 }, other)).body).toMatchObject({
      code: 'INVALID_INPUT',
      errors: [{ field: 'quantity' }],
    });
  });

  it('sends bytes as they are', async () => {
    const { id } = await product(1);
    const pixel = Buffer.from(
      'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==',
      'base64',
    );
    const added = await send('POST', `/products/${id}/images`, new Uint8Array(pixel), seller);
    expect(added.status).toBe(201);
    const { hash } = added.body.image as { hash: string };
    const image = await send('GET', `/images/${hash}/320.webp`);
    expect(image.headers.get('content-type')).toBe('image/webp');
    expect(image.bytes.subarray(8, 12).toString()).toBe('WEBP');
    expect(image.headers.get('cache-control')).toContain('immutable');
  });

  it('knows within a second that an account was blocked', async () => {
    const { body: made } = await send(
      'POST',
      '/users/signup',
      { email: 'bad@example.com', password: PASSWORD, name: 'Bad' },
      { prefer: 'tokens' },
    );
    const bearer = { authorization: `Bearer ${String(made.accessToken)}` };
    expect((await send('GET', '/users/addresses', undefined, bearer)).status).toBe(200);
    await shop.broker.call('accounts.ensure', { email: 'boss@example.com', name: 'Boss', role: 'admin', password: PASSWORD });
    const boss = await send('POST', '/users/signin', { email: 'boss@example.com', password: PASSWORD }, { prefer: 'tokens' });
    const admin = { authorization: `Bearer ${String(boss.body.accessToken)}` };
    const { id } = made.account as { id: string };
    expect((await send('POST', `/users/admin/users/${id}/block`, { reason: 'test' }, admin)).status).toBe(200);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect((await send('GET', '/users/addresses', undefined, bearer)).status).toBe(401);
  });
});
