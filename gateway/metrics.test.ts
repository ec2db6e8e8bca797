import type { ActionHandler, ActionSchema, Context } from 'moleculer';
import { failure } from '../mixins/errors.ts';
import { NodeMetrics } from './metrics.ts';

async function call(metrics: NodeMetrics, name: string, work: () => Promise<unknown>): Promise<unknown> {
  const wrap = metrics.middleware().localAction as (next: ActionHandler, action: ActionSchema) => ActionHandler;
  const handler = wrap(work as ActionHandler, { name } as ActionSchema) as (ctx: Context) => Promise<unknown>;
  return handler({} as Context).catch(() => 'thrown');
}

describe('metrics', () => {
  it('count requests by route pattern and calls by action, with how they ended', async () => {
    const metrics = new NodeMetrics();
    metrics.request('GET /api/orders/:id', 'ok', 0.004);
    metrics.request('GET /api/orders/:id', 'refused', 0.001);
    await call(metrics, 'orders.get', async () => 'order');
    await call(metrics, 'orders.get', async () => Promise.reject(failure('NOT_FOUND')));
    await call(metrics, 'orders.get', async () => Promise.reject(new TypeError('bug')));
    const text = await metrics.registry.metrics();
    expect(text).toContain('souk_http_total{route="GET /api/orders/:id",outcome="ok"} 1');
    expect(text).toContain('souk_http_total{route="GET /api/orders/:id",outcome="refused"} 1');
    expect(text).toContain('souk_http_seconds_total{route="GET /api/orders/:id"} 0.005');
    for (const outcome of ['ok', 'refused', 'failed']) {
      expect(text).toContain(`souk_action_total{action="orders.get",outcome="${outcome}"} 1`);
    }
    expect(text).toMatch(/nodejs_eventloop_lag_p99_seconds \S+/);
  });

  it('stay below 1,000 samples with 100 actions and 90 routes', async () => {
    const metrics = new NodeMetrics();
    for (const outcome of ['ok', 'refused', 'failed'] as const) {
      for (let i = 0; i < 90; i++) metrics.request(`GET /api/route${i}`, outcome, 0.001);
    }
    for (let i = 0; i < 100; i++) {
      await call(metrics, `domain.action${i}`, async () => i);
      await call(metrics, `domain.action${i}`, async () => Promise.reject(failure('NOT_FOUND')));
    }
    const text = await metrics.registry.metrics();
    expect(text.split('\n').filter((line) => line !== '' && !line.startsWith('#')).length).toBeLessThan(1_000);
  });
});
