// The gateway's own pages and the port for operators.
import { ServiceBroker } from 'moleculer';
import adminService from '../../gateway/admin.service.ts';
import { NodeMetrics } from '../../gateway/metrics.ts';
import { nodeMiddleware } from '../../mixins/middlewares/node.ts';
import { startGateway, type TestGateway } from './start.ts';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startGateway({ SOUK_RATE_LIMIT: 'off' });
});
afterAll(() => gateway.stop());

const at = (path: string, headers: Record<string, string> = {}) => fetch(gateway.url + path, { headers });

describe('pages', () => {
  it('describe the API for programs and people', async () => {
    const description = (await (await at('/api/openapi.json')).json()) as { openapi: string; paths: object };
    expect(description.openapi).toBe('3.1.0');
    expect(Object.keys(description.paths)).toContain('/echo/things/{id}');
    const docs = await at('/api/docs', { 'accept-encoding': 'br' });
    expect(docs.headers.get('content-encoding')).toBe('br');
    expect(docs.headers.get('content-security-policy')).toMatch(/style-src 'sha256-[^']+'; script-src 'sha256-[^']+'/);
    expect(docs.headers.get('x-frame-options')).toBe('DENY');
    expect(await docs.text()).toContain('id="echo.say"');
  });

  it('are not sent twice', async () => {
    const etag = (await at('/api/docs')).headers.get('etag') ?? '';
    expect((await at('/api/docs', { 'if-none-match': etag })).status).toBe(304);
    expect((await fetch(`${gateway.url}/api/docs`, { method: 'HEAD' })).status).toBe(200);
  });

  it('begin with a front door', async () => {
    const front = await at('/');
    expect(front.headers.get('content-type')).toContain('text/html');
    expect(await front.text()).toContain('href="/api/docs"');
  });

  it('do not exist elsewhere', async () => {
    for (const path of ['/docs', '/api', '/api/docs/..', '/metrics', '/favicon.ico']) expect((await at(path)).status).toBe(404);
    expect((await fetch(`${gateway.url}/api/docs`, { method: 'POST' })).status).toBe(405);
  });
});

describe('operators', () => {
  it('see that the node lives and is ready', async () => {
    expect(await (await at('/health')).json()).toEqual({ status: 'live' });
    expect(await (await at('/ready')).json()).toEqual({ ready: true, reasons: [] });
  });

  it('see a summary of the shop, admins also where it runs', async () => {
    const summary = (await (await at('/api/status')).json()) as Record<string, unknown>;
    expect(summary).toMatchObject({ status: 'ok', nodes: 1, engines: { limits: 'off' }, reactions: [] });
    expect(summary.services).toContainEqual({ name: 'echo', nodes: 1 });
    expect(summary.streams).toContainEqual(expect.objectContaining({ stream: 'ACCOUNTS', last: 0, lag: 0 }));
    expect(summary.detail).toBeUndefined();
    const headers = { authorization: `Bearer ${gateway.token('acc_9', 'admin')}` };
    expect(await (await at('/api/status', headers)).json()).toMatchObject({ detail: { node: 'test' } });
  });
});

describe('the admin port', () => {
  it('serves probes and metrics of a node without a gateway', async () => {
    const metrics = new NodeMetrics();
    const broker = new ServiceBroker({
      nodeID: 'worker',
      logger: false,
      skipProcessEventRegistration: true,
      middlewares: [nodeMiddleware({ log: { connection: { servers: gateway.nats.url } }, streams: [] }), metrics.middleware()],
    });
    const admin = broker.createService(adminService(broker, {}, metrics)) as unknown as { listening(): number };
    broker.createService({ name: 'work', actions: { do: () => 'done' } });
    await broker.start();
    await broker.call('work.do');
    const url = `http://127.0.0.1:${admin.listening()}`;
    expect((await fetch(`${url}/livez`)).status).toBe(200);
    expect(await (await fetch(`${url}/readyz`)).json()).toEqual({ ready: true, reasons: [] });
    expect(await (await fetch(`${url}/metrics`)).text()).toContain('souk_action_total{action="work.do",outcome="ok"} 1');
    expect((await fetch(`${url}/env`)).status).toBe(404);
    await broker.stop();
    await expect(fetch(`${url}/livez`)).rejects.toThrow();
  });

  it('says not ready when the log is away', async () => {
    const broker = new ServiceBroker({
      nodeID: 'lonely',
      logger: false,
      skipProcessEventRegistration: true,
      middlewares: [nodeMiddleware({ log: { connection: { servers: gateway.nats.url } }, streams: [] })],
    });
    const admin = broker.createService(adminService(broker, {}, new NodeMetrics())) as unknown as { listening(): number };
    await broker.start();
    await gateway.nats.kill();
    const readiness = await fetch(`http://127.0.0.1:${admin.listening()}/readyz`);
    expect([readiness.status, await readiness.json()]).toEqual([503, { ready: false, reasons: ['the log does not answer'] }]);
    // An answer of the log counts for a second.
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    expect((await at('/ready')).status).toBe(503);
    expect((await at('/health')).status).toBe(200);
    await gateway.nats.restart();
    await broker.stop();
  });
});
