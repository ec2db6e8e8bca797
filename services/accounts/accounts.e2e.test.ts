// Accounts as a browser and a machine meet them: over HTTP through the gateway, with cookies, tokens and statuses.
import { startShop, type TestShop } from '../../test/support/shop.ts';

let shop: TestShop;
beforeAll(async () => {
  shop = await startShop({ services: ['accounts', 'gateway'], env: { SOUK_RATE_LIMIT: 'off' } });
});
afterAll(() => shop.stop());

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
  readonly headers: Headers;
}

/** A browser: keeps cookies per path as far as these tests need it. */
class Browser {
  readonly cookies = new Map<string, string>();

  async send(method: string, path: string, body?: object, headers: Record<string, string> = {}): Promise<Answer> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(`${shop.url}/api${path}`, {
      method,
      headers: { ...(cookie ? { cookie } : {}), ...(body ? { 'content-type': 'application/json' } : {}), ...headers },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === '') this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    const text = await response.text();
    return { status: response.status, body: text ? JSON.parse(text) : {}, headers: response.headers };
  }
}

const PASSWORD = 'correct horse battery';
let counter = 0;
const person = () => ({ email: `visitor${++counter}@example.com`, password: PASSWORD, name: `Visitor ${counter}` });

async function signedUp(): Promise<{ browser: Browser; who: ReturnType<typeof person>; id: string }> {
  const browser = new Browser();
  const who = person();
  const { status, body } = await browser.send('POST', '/users/signup', who);
  expect(status).toBe(201);
  return { browser, who, id: (body.account as { id: string }).id };
}

async function admin(): Promise<Browser> {
  const email = 'boss@example.com';
  await shop.broker.call('accounts.ensure', { email, name: 'Boss', role: 'admin', password: PASSWORD });
  const browser = new Browser();
  expect((await browser.send('POST', '/users/signin', { email, password: PASSWORD })).status).toBe(200);
  return browser;
}

/** What the log still has to bring to the gateway must be there within this time. */
async function within(ms: number, what: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + ms;
  while (!(await what())) {
    if (Date.now() > end) throw new Error(`did not happen within ${ms} ms`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

describe('a browser', () => {
  test('signs up, is known, and signs out', async () => {
    const { browser, who } = await signedUp();
    expect((await browser.send('GET', '/users/currentuser')).body).toMatchObject({
      currentUser: { email: who.email, role: 'customer' },
    });
    expect((await browser.send('POST', '/users/signout')).status).toBe(200);
    expect((await browser.send('GET', '/users/currentuser')).body).toEqual({ currentUser: null });
    expect((await browser.send('GET', '/users/addresses')).status).toBe(401);
  });

  test('never sees its tokens in a body, and a script cannot read the cookies', async () => {
    const browser = new Browser();
    const { body, headers } = await browser.send('POST', '/users/signup', person());
    expect(JSON.stringify(body)).not.toMatch(/Token/);
    for (const line of headers.getSetCookie()) expect(line).toMatch(/HttpOnly.*SameSite/);
  });

  test('refreshes by its cookie alone and goes on', async () => {
    const { browser } = await signedUp();
    const before = browser.cookies.get('souk_refresh');
    expect((await browser.send('POST', '/users/refresh')).status).toBe(200);
    expect(browser.cookies.get('souk_refresh')).not.toBe(before);
    expect((await browser.send('GET', '/users/sessions')).body).toMatchObject({ sessions: [{ current: true }] });
  });

  test('keeps its addresses', async () => {
    const { browser } = await signedUp();
    const address = { name: 'Ada', line1: '1 High St', city: 'Leeds', postcode: 'LS1', country: 'gb' };
    const { status, body } = await browser.send('POST', '/users/addresses', address);
    expect(status).toBe(201);
    const [{ id }] = body.addresses as [{ id: string }];
    expect((await browser.send('PUT', `/users/addresses/${id}`, { ...address, city: 'York' })).body).toMatchObject({
      addresses: [{ id, city: 'York', country: 'GB' }],
      defaultAddressId: id,
    });
    expect((await browser.send('POST', '/users/addresses/adr_nobody/default')).status).toBe(404);
    expect((await browser.send('DELETE', `/users/addresses/${id}`)).body).toEqual({ addresses: [], defaultAddressId: null });
  });

  test('closes its account and is out at once, although other parts of the shop are away and erase later', async () => {
    const { browser, who } = await signedUp();
    expect((await browser.send('GET', '/users/export')).status).toBe(503);
    expect((await browser.send('POST', '/users/erase', { password: 'wrong one' })).body).toMatchObject({
      code: 'WRONG_PASSWORD',
    });
    expect((await browser.send('POST', '/users/erase', { password: PASSWORD })).status).toBe(200);
    expect(browser.cookies.has('souk_access')).toBe(false);
    expect((await browser.send('POST', '/users/signin', { email: who.email, password: PASSWORD })).status).toBe(401);
  });
});

describe('a machine', () => {
  test('gets tokens in the body when it asks, and uses them as bearer', async () => {
    const who = person();
    await new Browser().send('POST', '/users/signup', who);
    const { body } = await new Browser().send(
      'POST',
      '/users/signin',
      { email: who.email, password: PASSWORD },
      { prefer: 'tokens' },
    );
    const authorization = `Bearer ${String(body.accessToken)}`;
    expect((await new Browser().send('GET', '/users/sessions', undefined, { authorization })).status).toBe(200);
    const forged = `${authorization.slice(0, -3)}AAA`;
    expect((await new Browser().send('GET', '/users/sessions', undefined, { authorization: forged })).status).toBe(401);
  });

  test('uses an API key within its scopes, until it is revoked', async () => {
    const browser = await admin();
    const { body } = await browser.send('POST', '/users/keys', { name: 'Reports', scopes: ['accounts:read'] });
    const { secret, key } = body as { secret: string; key: { id: string } };
    const use = (method: string, path: string, sent?: object) => new Browser().send(method, path, sent, { 'x-api-key': secret });
    expect((await use('GET', '/users/admin/users')).status).toBe(200);
    expect((await use('POST', '/users/admin/users/acc_1/block', { reason: 'x' })).status).toBe(403);
    expect((await use('GET', '/users/keys')).status).toBe(403);
    await browser.send('DELETE', `/users/keys/${key.id}`);
    await within(1_000, async () => (await use('GET', '/users/admin/users')).status === 401);
  });
});

describe('the back office', () => {
  test('is closed to customers', async () => {
    const { browser, id } = await signedUp();
    expect((await browser.send('GET', '/users/admin/users')).status).toBe(403);
    expect((await browser.send('PUT', `/users/admin/users/${id}/role`, { role: 'admin' })).status).toBe(403);
    expect((await new Browser().send('GET', '/users/admin/users')).status).toBe(401);
  });

  test('blocks an account, which is out at once', async () => {
    const boss = await admin();
    const { browser, who, id } = await signedUp();
    expect((await boss.send('POST', `/users/admin/users/${id}/block`, { reason: 'fraud' })).body).toMatchObject({
      status: 'blocked',
    });
    await within(1_000, async () => (await browser.send('GET', '/users/sessions')).status === 401);
    expect((await browser.send('POST', '/users/signin', { email: who.email, password: PASSWORD })).body).toMatchObject({
      code: 'ACCOUNT_BLOCKED',
    });
    const { body } = await boss.send('GET', '/users/admin/users?status=blocked&q=visitor');
    expect(body.items).toEqual([expect.objectContaining({ id })]);
  });
});

describe('bad input', () => {
  test.each([
    ['POST', '/users/signup', { email: 'a@example.com', password: PASSWORD.repeat(9), name: 'x' }, 422, 'INVALID_INPUT'],
    ['POST', '/users/signup', { email: 'no', password: PASSWORD, name: 'x' }, 422, 'INVALID_INPUT'],
    ['POST', '/users/signup', { email: 'a@example.com', password: PASSWORD, name: 'x', role: 'admin' }, 422, 'INVALID_INPUT'],
    ['POST', '/users/signin', { email: { $gt: '' }, password: PASSWORD }, 422, 'INVALID_INPUT'],
    ['POST', '/users/signin', { email: 'nobody@example.com', password: PASSWORD }, 401, 'WRONG_CREDENTIALS'],
    ['POST', '/users/refresh', { refreshToken: 'forged' }, 401, 'SESSION_ENDED'],
    ['POST', '/users/profile', { name: 'x' }, 401, 'UNAUTHENTICATED'],
    ['GET', '/users/admin/users/..%2Fx', undefined, 404, 'NOT_FOUND'],
  ])('%s %s with %p is %d %s', async (method, path, body, status, code) => {
    const answer = await new Browser().send(method, path, body);
    expect(answer.status).toBe(status);
    expect(answer.body).toMatchObject({ code });
    expect(JSON.stringify(answer.body)).not.toContain(PASSWORD);
  });

  test('internal actions have no route', async () => {
    for (const path of ['/accounts/ensure', '/accounts.ensure', '/users/ensure', '/accounts/authenticate']) {
      expect((await new Browser().send('POST', path, {})).status).toBe(404);
    }
  });
});
