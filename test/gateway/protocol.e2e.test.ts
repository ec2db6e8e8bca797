// The gateway's side of HTTP over real sockets: who may call, what is refused and how, what answers carry.
import { connect } from 'node:net';
import { calls } from './echo.service.ts';
import { startGateway, type TestGateway } from './start.ts';

let gateway: TestGateway;
const allowed = 'https://shop.example.com';

beforeAll(async () => {
  gateway = await startGateway({ SOUK_RATE_LIMIT: 'off', SOUK_ORIGINS: allowed });
});
afterAll(() => gateway.stop());

const at = (path: string, init: RequestInit = {}) => fetch(`${gateway.url}${path}`, { redirect: 'manual', ...init });
const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  at(path, { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json', ...headers } });
const problem = async (response: Response) => ({
  ...((await response.json()) as Record<string, unknown>),
  http: response.status,
});

/** The answer to a request line sent exactly as given, which fetch would tidy. */
function raw(line: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(gateway.url).port), '127.0.0.1', () => {
      socket.end(`${line} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    });
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk;
    });
    socket.on('end', () => resolve(text));
    socket.on('error', reject);
  });
}

describe('identity', () => {
  it('is anonymous without credentials', async () => {
    expect(await (await at('/api/echo/who')).json()).toMatchObject({
      principal: { kind: 'anonymous' },
      client: { ip: '127.0.0.1' },
    });
  });

  it('comes from cookie, bearer token or API key', async () => {
    const token = gateway.token('acc_1', 'customer');
    const account = { principal: { kind: 'account', id: 'acc_1', role: 'customer' } };
    expect(await (await at('/api/echo/who', { headers: { cookie: `souk_access=${token}` } })).json()).toMatchObject(account);
    expect(await (await at('/api/echo/who', { headers: { authorization: `Bearer ${token}` } })).json()).toMatchObject(account);
    expect(await (await at('/api/echo/who', { headers: { 'x-api-key': 'sk_good_key' } })).json()).toMatchObject({
      principal: { id: 'acc_machine' },
    });
    expect(
      await (await at('/api/echo/who', { headers: { cookie: `souk_guest=${gateway.guest('gst_1')}` } })).json(),
    ).toMatchObject({
      principal: { kind: 'guest', id: 'gst_1' },
    });
  });

  it('is refused when forged or expired and sent on purpose, even on a public route', async () => {
    const expired = gateway.token('acc_1', 'customer', Date.now() - 3_600_000);
    for (const headers of [
      { authorization: `Bearer ${expired}` },
      { authorization: 'Bearer a.b.c' },
      { 'x-api-key': 'sk_bad' },
    ]) {
      expect(await problem(await at('/api/echo/who', { headers: headers as Record<string, string> }))).toMatchObject({
        http: 401,
        code: 'UNAUTHENTICATED',
      });
    }
  });

  it('counts as anonymous with an expired cookie on a public route, and is told so where it matters', async () => {
    const cookie = `souk_access=${gateway.token('acc_1', 'customer', Date.now() - 3_600_000)}`;
    expect(await (await at('/api/echo/who', { headers: { cookie } })).json()).toMatchObject({ principal: { kind: 'anonymous' } });
    const refused = await at('/api/echo/visit', { method: 'POST', headers: { cookie } });
    expect(refused.headers.get('www-authenticate')).toContain('Bearer');
    expect(await problem(refused)).toMatchObject({ http: 401, code: 'UNAUTHENTICATED' });
  });
});

describe('access', () => {
  it('follows the contract', async () => {
    const as = (role: 'customer' | 'admin') => ({ headers: { authorization: `Bearer ${gateway.token('acc_1', role)}` } });
    expect((await at('/api/echo/office')).status).toBe(401);
    expect((await at('/api/echo/office', as('customer'))).status).toBe(403);
    expect((await at('/api/echo/office', as('admin'))).status).toBe(200);
    expect((await at('/api/echo/visit', { method: 'POST' })).status).toBe(401);
  });

  it('is limited by the scopes of an API key', async () => {
    const headers = { 'x-api-key': 'sk_good_key' };
    expect((await at('/api/echo/own/1', { headers })).status).toBe(200);
    expect(await problem(await at('/api/echo/visit', { method: 'POST', headers }))).toMatchObject({
      http: 403,
      code: 'FORBIDDEN',
    });
  });

  it('is closed to internal actions, which have no route', async () => {
    for (const path of [
      '/api/echo/secret',
      '/api/gateway/rest',
      '/api/accounts.authenticate',
      '/echo.secret',
      '/api/echo.secret',
    ]) {
      expect((await at(path)).status).toBe(404);
    }
  });
});

describe('cross-site requests', () => {
  it('are refused with cookies and without', async () => {
    for (const headers of [{ 'sec-fetch-site': 'cross-site' }, { origin: 'https://evil.example' }, { origin: 'https://s' }]) {
      expect(await problem(await post('/api/echo/say', {}, headers as Record<string, string>))).toMatchObject({
        http: 403,
        code: 'CROSS_SITE',
      });
    }
    expect((await post('/api/echo/say', {}, { 'sec-fetch-site': 'same-origin', origin: gateway.url })).status).toBe(200);
  });

  it('may be read only by exactly the allowed origins', async () => {
    const answer = await at('/api/echo/who', { headers: { origin: allowed } });
    expect(answer.headers.get('access-control-allow-origin')).toBe(allowed);
    expect(answer.headers.get('access-control-allow-credentials')).toBe('true');
    expect(answer.headers.get('vary')).toContain('Origin');
    const other = await at('/api/echo/who', { headers: { origin: 'https://s' } });
    expect(other.headers.get('access-control-allow-origin')).toBeNull();
    const preflight = await at('/api/echo/say', {
      method: 'OPTIONS',
      headers: { origin: allowed, 'access-control-request-method': 'POST' },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-methods')).toContain('POST');
    expect(preflight.headers.get('access-control-allow-origin')).toBe(allowed);
  });
});

describe('answers', () => {
  it('carry their version as tag, and are not sent twice', async () => {
    const mine = { authorization: `Bearer ${gateway.token('acc_1', 'customer')}` };
    const own = await at('/api/echo/own/1', { headers: mine });
    expect(own.headers.get('etag')).toBe('"v3"');
    expect(own.headers.get('cache-control')).toBe('no-store');
    const shared = await at('/api/echo/things/1');
    expect(shared.headers.get('etag')).toMatch(/^W\/"v3\.[\w-]+"$/);
    expect(shared.headers.get('cache-control')).toBe('public, no-cache');
    const again = await at('/api/echo/things/1', { headers: { 'if-none-match': shared.headers.get('etag') ?? '' } });
    expect(again.status).toBe(304);
    expect(await again.text()).toBe('');
  });

  it('to a change carry status, location and position', async () => {
    const change = (match: string) =>
      at('/api/echo/things/9', {
        method: 'PUT',
        body: '{"text":"new","id":"7"}',
        headers: { 'content-type': 'application/json', 'if-match': match },
      });
    const answer = await change('"v12"');
    expect(answer.status).toBe(201);
    expect(answer.headers.get('location')).toBe('/api/echo/things/9');
    expect(answer.headers.get('x-souk-position')).toBe('ECHO=7');
    expect(await answer.json()).toEqual({ id: '9', text: 'new', ifMatch: 12, version: 4 });
    expect(await problem(await change('"other"'))).toMatchObject({ http: 412, code: 'VERSION_MISMATCH' });
    expect(await problem(await post('/api/echo/say', {}, { 'if-match': '"v1"' }))).toMatchObject({ http: 422 });
  });

  it('may lead to names in any language', async () => {
    const init = { method: 'PUT', body: '{"text":"new"}', headers: { 'content-type': 'application/json' } };
    const answer = await at('/api/echo/things/caf%C3%A9', init);
    expect([answer.status, answer.headers.get('location')]).toEqual([201, '/api/echo/things/caf%C3%A9']);
  });

  it('that cannot be sent are a failure of ours, and the next one is fine', async () => {
    const init = { method: 'PUT', body: '{"text":"bad header"}', headers: { 'content-type': 'application/json' } };
    expect(await problem(await at('/api/echo/things/1', init))).toMatchObject({ http: 500, code: 'INTERNAL' });
    expect((await at('/health')).status).toBe(200);
  });

  it('to nobody do no harm', async () => {
    const half = connect(Number(new URL(gateway.url).port), '127.0.0.1');
    half.write('POST /api/echo/say HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"te');
    await new Promise((resolve) => setTimeout(resolve, 50));
    half.destroy();
    const slow = connect(Number(new URL(gateway.url).port), '127.0.0.1');
    slow.write('GET /api/echo/slow/200 HTTP/1.1\r\nHost: x\r\n\r\n');
    await new Promise((resolve) => setTimeout(resolve, 50));
    slow.destroy();
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect((await at('/api/echo/who')).status).toBe(200);
  });

  it('are compressed when it is worth it', async () => {
    const length = async (path: string, encoding: string) => {
      const response = await at(path, { headers: { 'accept-encoding': encoding } });
      return [response.headers.get('content-encoding'), Number(response.headers.get('content-length'))] as const;
    };
    expect((await length('/api/echo/page', 'br, gzip'))[0]).toBe('br');
    expect((await length('/api/echo/long', 'br, gzip'))[0]).toBe('gzip');
    expect((await length('/api/echo/long', 'identity'))[0]).toBeNull();
    expect((await length('/api/echo/who', 'br, gzip'))[0]).toBeNull();
    expect((await length('/api/echo/long', 'gzip'))[1]).toBeLessThan(300);
    expect(await raw('GET /api/echo/long?size=2400')).toContain('Vary: Accept-Encoding');
  });

  it('to HEAD have the headers of GET and no body', async () => {
    const head = await at('/api/echo/page', { method: 'HEAD', headers: { 'accept-encoding': 'identity' } });
    expect(Number(head.headers.get('content-length'))).toBeGreaterThan(1_000);
    expect(await head.text()).toBe('');
  });

  it('carry the request id, ours or the client’s, and continue a trace', async () => {
    const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
    const headers = { 'x-request-id': 'client-chosen-1', traceparent: `00-${trace}-00f067aa0ba902b7-01` };
    const answer = await at('/api/echo/who', { headers });
    expect(answer.headers.get('x-request-id')).toBe('client-chosen-1');
    expect(await answer.json()).toMatchObject({ requestId: 'client-chosen-1', trace: expect.stringContaining(trace) });
    expect((await at('/api/echo/who', { headers: { 'x-request-id': '<b>' } })).headers.get('x-request-id')).toMatch(/^req_/);
  });

  it('have security headers', async () => {
    const { headers } = await at('/api/echo/who');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    expect(headers.get('referrer-policy')).toBeTruthy();
    expect(headers.get('x-powered-by')).toBeNull();
  });

  it('may be files', async () => {
    const file = await at('/api/echo/file');
    expect(file.headers.get('content-type')).toBe('image/png');
    expect(file.headers.get('cache-control')).toContain('immutable');
    expect(Buffer.from(await file.arrayBuffer())).toEqual(Buffer.from([137, 80, 78, 71]));
    const again = await at('/api/echo/file', { headers: { 'if-none-match': file.headers.get('etag') ?? '' } });
    expect(again.status).toBe(304);
  });

  it('to uploads count what arrived', async () => {
    const bytes = new Uint8Array(150_000).fill(7);
    const answer = await at('/api/echo/upload', { method: 'POST', body: bytes, headers: { 'content-type': 'image/png' } });
    expect(await answer.json()).toEqual({ bytes: 150_000 });
  });
});

describe('an Idempotency-Key', () => {
  it('gives the first answer again and does the work once', async () => {
    const key = { 'idempotency-key': '0123456789abcdef-1' };
    const before = calls.length;
    const first = await post('/api/echo/say', { text: 'once' }, key);
    const second = await post('/api/echo/say', { text: 'once' }, key);
    expect(await second.json()).toEqual(await first.json());
    expect(calls.length).toBe(before + 1);
    expect(first.headers.get('idempotent-replayed')).toBeNull();
    expect(second.headers.get('idempotent-replayed')).toBe('true');
  });

  it('gives a refusal again', async () => {
    const key = { 'idempotency-key': '0123456789abcdef-2' };
    await post('/api/echo/say', { text: 'refuse' }, key);
    const again = await post('/api/echo/say', { text: 'refuse' }, key);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(await problem(again)).toMatchObject({ http: 409, code: 'ECHO_REFUSED', data: { left: 2 } });
  });

  it('belongs to one body and has a decent length', async () => {
    const key = { 'idempotency-key': '0123456789abcdef-3' };
    await post('/api/echo/say', { text: 'one' }, key);
    expect(await problem(await post('/api/echo/say', { text: 'two' }, key))).toMatchObject({
      http: 422,
      code: 'IDEMPOTENCY_KEY_REUSED',
    });
    expect(await problem(await post('/api/echo/say', {}, { 'idempotency-key': 'short' }))).toMatchObject({ http: 422 });
  });
});

describe('preferences', () => {
  it('reach the action', async () => {
    expect(await (await post('/api/echo/say', {}, { prefer: 'respond-async' })).json()).toMatchObject({ async: true });
  });
});
