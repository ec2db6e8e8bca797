// Rate limits over HTTP: per client and route, with headers that say when to come back.
import { startGateway, type TestGateway } from './start.ts';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startGateway({ SOUK_TRUSTED_PROXIES: '127.0.0.1' });
});
afterAll(() => gateway.stop());

const from = (address: string, headers: Record<string, string> = {}) => ({ headers: { 'x-forwarded-for': address, ...headers } });
const call = (init: RequestInit, path = '/api/echo/limited') => fetch(gateway.url + path, init);

async function statuses(count: number, init: RequestInit, path?: string): Promise<number[]> {
  const found: number[] = [];
  for (let i = 0; i < count; i++) found.push((await call(init, path)).status);
  return found;
}

describe('rate limits', () => {
  it('refuse what is above the contract’s burst and say when to come back', async () => {
    expect(await statuses(3, from('198.51.100.1'))).toEqual([200, 200, 200]);
    const refused = await call(from('198.51.100.1'));
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    expect(refused.headers.get('ratelimit-limit')).toBe('3');
    expect(refused.headers.get('ratelimit-remaining')).toBe('0');
    expect(await refused.json()).toMatchObject({ code: 'RATE_LIMITED', data: { retryAfter: 1 } });
  });

  it('let twenty through at once by default', async () => {
    const found = await statuses(25, from('198.51.100.2'), '/api/echo/who');
    expect(found.filter((status) => status === 200).length).toBeGreaterThanOrEqual(20);
    expect(found).toContain(429);
  });

  it('count per client: addresses, accounts and guests', async () => {
    await statuses(4, from('198.51.100.3'));
    expect((await call(from('198.51.100.4'))).status).toBe(200);
    const as = (account: string) => from('198.51.100.3', { authorization: `Bearer ${gateway.token(account, 'customer')}` });
    expect(await statuses(4, as('acc_1'))).toEqual([200, 200, 200, 429]);
    expect((await call(as('acc_2'))).status).toBe(200);
  });

  it('follow an account from address to address', async () => {
    const as = (address: string) => from(address, { authorization: `Bearer ${gateway.token('acc_moving', 'customer')}` });
    expect([...(await statuses(3, as('198.51.100.5'))), (await call(as('198.51.100.6'))).status]).toEqual([200, 200, 200, 429]);
  });

  it('are not escaped by making up addresses behind the proxy', async () => {
    const made = Array.from({ length: 6 }, (_, i) => from(`10.0.0.${i}, 198.51.100.7`));
    const found = await Promise.all(made.map(async (init) => (await call(init)).status));
    expect(found.filter((status) => status === 429)).toHaveLength(3);
  });

  it('are not escaped by making up guests', async () => {
    let allowed = 0;
    for (let i = 0; i < 60; i++) {
      const init = from('198.51.100.8', { cookie: `souk_guest=${gateway.guest(`gst_${i}`)}` });
      if ((await call(init)).status === 200) allowed++;
    }
    expect(allowed).toBeLessThanOrEqual(45);
  });

  it('hold for guessing credentials, over all routes together', async () => {
    const guess = from('198.51.100.9', { authorization: 'Bearer a.b.c' });
    const found = [...(await statuses(6, guess)), ...(await statuses(6, guess, '/api/echo/who'))];
    expect(found).toEqual([...Array<number>(10).fill(401), 429, 429]);
  });
});

describe('behind a trusted proxy that speaks https', () => {
  it('answers insist on https', async () => {
    const secure = await call(from('198.51.100.20', { 'x-forwarded-proto': 'https' }), '/api/echo/who');
    expect(secure.headers.get('strict-transport-security')).toContain('max-age=');
    expect((await call(from('198.51.100.20'), '/api/echo/who')).headers.get('strict-transport-security')).toBeNull();
  });
});
