// What lists show, what API keys open, and what happens to a cart when its guest signs in: access beyond single things.
import { routesOf } from '../../gateway/routing.ts';
import { contracts } from '../../services/contracts.ts';
import { type Caller, PASSWORD, World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await World.open();
}, 60_000);
afterAll(() => world.close());

/** Waits for the views as a client does: by the position that the write answered with. */
async function shows(caller: Caller, path: string, id: string, position: string): Promise<boolean> {
  const { body } = await world.send(world.credentials(caller), 'GET', path, { headers: { 'x-souk-position': position } });
  return JSON.stringify(body).includes(id);
}

describe('lists', () => {
  it('of orders show each person their own, sellers what they sold, staff everything', async () => {
    const { id } = await world.order('customer');
    const { headers } = await world.send(world.credentials('customer'), 'DELETE', `/orders/${id}`);
    const position = headers.get('x-souk-position') ?? '';
    expect(position).toContain('ORDERS=');
    const seen = async (path: string, callers: readonly Caller[]) =>
      Object.fromEntries(await Promise.all(callers.map(async (caller) => [caller, await shows(caller, path, id, position)])));
    expect(await seen('/orders', ['guest', 'customer', 'otherCustomer', 'seller', 'admin'])).toEqual({
      guest: false,
      customer: true,
      otherCustomer: false,
      seller: false,
      admin: false,
    });
    expect(await seen('/orders/admin/all', ['seller', 'otherSeller', 'agent', 'admin'])).toEqual({
      seller: true,
      otherSeller: false,
      agent: true,
      admin: true,
    });
  });

  it('of products show drafts to their seller and admins only', async () => {
    const sku = world.fresh('DRAFT');
    const body = { title: 'Secret draft', status: 'draft', variants: [{ sku, price: { amount: 1, currency: 'GBP' } }] };
    const { headers, body: draft } = await world.send(world.credentials('seller'), 'POST', '/products', { body });
    const position = headers.get('x-souk-position') ?? '';
    const id = String(draft.id);
    expect(await shows('seller', '/products/managed', id, position)).toBe(true);
    expect(await shows('admin', '/products/managed', id, position)).toBe(true);
    expect(await shows('otherSeller', '/products/managed', id, position)).toBe(false);
    expect(await shows('otherSeller', '/products/export?format=jsonl', sku, position)).toBe(false);
    for (const caller of ['anonymous', 'customer', 'seller', 'admin'] as const) {
      expect(await shows(caller, '/products?q=secret+draft', id, position)).toBe(false);
    }
  });
});

describe('API keys', () => {
  it('open nothing but public routes without the scope', async () => {
    const made = await world.must('admin', 'POST', '/users/keys', { body: { name: 'Nothing', scopes: ['nothing:read'] } });
    const key = { 'x-api-key': String(made.secret) };
    for (const { contract, method, pattern, action } of routesOf(contracts)) {
      if (contract.access === 'public') continue;
      const path = pattern.replace('/api', '').replace(/:\w+/g, 'unknown');
      const { status, code } = await world.send(key, method, path, method === 'GET' ? {} : { body: {} });
      expect([action, status, code]).toEqual([action, 403, 'FORBIDDEN']);
    }
  });

  it('open what their scopes say and are worth nothing once revoked', async () => {
    const { key, secret } = await world.must('customer', 'POST', '/users/keys', {
      body: { name: 'Reader', scopes: ['orders:read'] },
    });
    const credentials = { 'x-api-key': String(secret) };
    expect((await world.send(credentials, 'GET', '/orders')).status).toBe(200);
    expect((await world.send(credentials, 'DELETE', '/orders/ord_unknown')).status).toBe(403);
    await world.must('customer', 'DELETE', `/users/keys/${(key as { id: string }).id}`);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(await world.send(credentials, 'GET', '/orders')).toMatchObject({ status: 401, code: 'UNAUTHENTICATED' });
  });
});

describe('a guest who signs in', () => {
  it('keeps the cart, and the guest is gone', async () => {
    const { sku } = await world.product();
    const guest = await world.guest();
    await world.must(guest, 'POST', '/cart/add', { body: { sku, quantity: 3 } });
    const email = `${world.fresh('guest')}@example.com`;
    const signedUp = await world.send(guest, 'POST', '/users/signup', { body: { email, password: PASSWORD, name: 'Guest' } });
    expect(signedUp.status).toBe(201);
    const cookies = signedUp.headers.getSetCookie();
    expect(cookies.find((cookie) => cookie.startsWith('souk_guest='))).toContain('Max-Age=0');
    const access = cookies.find((cookie) => cookie.startsWith('souk_access=')) ?? '';
    const cart = await world.must({ cookie: access.slice(0, access.indexOf(';')) }, 'GET', '/cart');
    expect(cart).toMatchObject({ count: 3, lines: [{ sku, quantity: 3 }] });
  });

  it('is refused from another site although the cookies are right', async () => {
    const guest = await world.guest();
    const sending = { body: { sku: 'ANY' }, headers: { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' } };
    expect(await world.send(guest, 'POST', '/cart/add', sending)).toMatchObject({ status: 403, code: 'CROSS_SITE' });
  });
});

describe('a session that has ended', () => {
  it('takes its cookies with it when it cannot be refreshed', async () => {
    const cookie = 'souk_access=expired.access.token; souk_refresh=made-up';
    const { status, headers } = await world.send({ cookie }, 'POST', '/users/refresh');
    expect(status).toBe(401);
    for (const name of ['souk_access', 'souk_refresh']) {
      expect(headers.getSetCookie().find((line) => line.startsWith(`${name}=;`))).toContain('Max-Age=0');
    }
  });
});
