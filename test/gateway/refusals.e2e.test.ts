// Refusals over real sockets: problem details with a code, whatever was wrong, and nothing about our insides.
import { connect } from 'node:net';
import { startGateway, type TestGateway } from './start.ts';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startGateway({ SOUK_RATE_LIMIT: 'off' });
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

describe('refusals', () => {
  it('are problem details', async () => {
    const answer = await post('/api/echo/say', { text: 'refuse' }, { 'x-request-id': 'my-request-1' });
    expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(await problem(answer)).toEqual({
      http: 409,
      type: '/api/docs#error-ECHO_REFUSED',
      title: 'Refused on request',
      status: 409,
      detail: 'You asked for it',
      code: 'ECHO_REFUSED',
      instance: '/api/echo/say',
      requestId: 'my-request-1',
      data: { left: 2 },
    });
  });

  it('name the fields that are wrong', async () => {
    const answer = await problem(await post('/api/echo/say', { text: 5, $where: '1', more: true }));
    expect(answer).toMatchObject({ http: 422, code: 'INVALID_INPUT' });
    expect((answer as unknown as { errors: { field: string }[] }).errors.map(({ field }) => field).sort()).toEqual([
      '$where',
      'more',
      'text',
    ]);
    expect(await problem(await at('/api/echo/who?__proto__=1&__proto__=2'))).toMatchObject({ http: 422 });
    expect(await problem(await at('/api/echo/who?a[b]=1'))).toMatchObject({ http: 422 });
  });

  it('know what is wrong with a body', async () => {
    const json = { 'content-type': 'application/json' };
    expect(await problem(await at('/api/echo/say', { method: 'POST', body: '{', headers: json }))).toMatchObject({
      http: 400,
      code: 'INVALID_JSON',
    });
    expect(await problem(await at('/api/echo/say', { method: 'POST', body: 'a=1' }))).toMatchObject({ http: 415 });
    const large = JSON.stringify({ text: 'x'.repeat(200_000) });
    expect(await problem(await at('/api/echo/say', { method: 'POST', body: large, headers: json }))).toMatchObject({
      http: 413,
      code: 'BODY_TOO_LARGE',
      data: { limit: 100_000 },
    });
    expect(
      await problem(await at('/api/echo/say', { method: 'POST', body: '{"__proto__":{"text":"x"}}', headers: json })),
    ).toMatchObject({
      http: 422,
    });
  });

  it('tell a wrong address from a wrong method', async () => {
    expect(await problem(await at('/api/nothing'))).toMatchObject({ http: 404, code: 'NOT_FOUND' });
    const wrong = await at('/api/echo/things/1', { method: 'DELETE' });
    expect(wrong.headers.get('allow')).toContain('PUT');
    expect(await problem(wrong)).toMatchObject({ http: 405, code: 'METHOD_NOT_ALLOWED' });
  });

  it('tell nothing about what broke', async () => {
    const answer = await problem(await at('/api/echo/fail/bug'));
    expect(answer).toMatchObject({ http: 500, code: 'INTERNAL', requestId: expect.stringMatching(/^req_/) });
    expect(JSON.stringify(answer)).not.toMatch(/hunter2|secret|stack/);
  });

  it('tell a part that is away from one that is slow', async () => {
    const away = await at('/api/echo/fail/elsewhere');
    expect(away.headers.get('retry-after')).toBe('1');
    expect(await problem(away)).toMatchObject({ http: 503, code: 'UNAVAILABLE' });
    expect(await problem(await at('/api/echo/fail/slow'))).toMatchObject({ http: 504, code: 'TIMED_OUT' });
  });

  it('meet path tricks', async () => {
    for (const path of ['..', '%2e%2e', '%00', 'a%2fb', 'a%5cb', '%zz', '%2e%2e%2fsecret', '']) {
      expect(await raw(`GET /api/echo/things/${path}`)).toMatch(/^HTTP\/1.1 404 /);
    }
    expect(await raw('GET /api/echo/things/../who')).toMatch(/^HTTP\/1.1 404 /);
    expect(await raw('GET //api/echo/who')).toMatch(/^HTTP\/1.1 404 /);
    expect(await raw('GET /api/../../etc/passwd')).toMatch(/^HTTP\/1.1 404 /);
    expect(await raw('GET http://evil.example/api/echo/who')).toMatch(/^HTTP\/1.1 404 /);
    expect(await raw('BREW /api/echo/who')).toMatch(/^HTTP\/1.1 4/);
  });
});
