// Several gateways count together through Redis, go on alone without it, and say so.
import { startRedis, type TestRedis } from '../support/redis.ts';
import { startGateway, type TestGateway } from './start.ts';

let redis: TestRedis;
let gateways: TestGateway[];

beforeAll(async () => {
  redis = await startRedis();
  gateways = await Promise.all([1, 2].map(() => startGateway({ REDIS_URL: redis.url })));
}, 60_000);
afterAll(async () => {
  await Promise.all(gateways.map((gateway) => gateway.stop()));
  await redis.kill();
});

const limits = async (gateway: TestGateway | undefined) => {
  const status = (await (await fetch(`${gateway?.url}/api/status`)).json()) as { status: string; engines: { limits: string } };
  return [status.status, status.engines.limits];
};
const call = async (gateway: TestGateway | undefined) => (await fetch(`${gateway?.url}/api/echo/limited`)).status;

it('two gateways share the buckets of a client', async () => {
  const found: number[] = [];
  for (let i = 0; i < 6; i++) found.push(await call(gateways[i % 2]));
  expect(found).toEqual([200, 200, 200, 429, 429, 429]);
  expect(await limits(gateways[0])).toEqual(['ok', 'redis']);
});

it('without Redis each gateway counts for itself, answers, and says so', async () => {
  await redis.kill();
  for (const gateway of gateways) expect(await call(gateway)).toBe(200);
  expect(await limits(gateways[0])).toEqual(['degraded', 'redis (degraded: each gateway counts for itself)']);
});
