import { freePort } from '../test/support/ports.ts';
import { startRedis, type TestRedis } from '../test/support/redis.ts';
import { RedisLimiter } from './rate-limit.redis.ts';

const limit = { rate: 1, burst: 5 };
const quiet = () => undefined;
const logger = { debug: quiet, info: quiet, warn: quiet, error: quiet };

describe('rate limits in Redis', () => {
  let redis: TestRedis;

  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.kill());

  it('share one bucket between two gateways', async () => {
    const gateways = await Promise.all([1, 2].map(() => RedisLimiter.connect(redis.url, logger)));
    const verdicts = await Promise.all(Array.from({ length: 12 }, (_, i) => gateways[i % 2]?.take('shared', limit, Date.now())));
    expect(verdicts.filter((verdict) => verdict?.allowed)).toHaveLength(5);
    for (const gateway of gateways) gateway.close();
  });

  it('go on in process while Redis is away, visibly, and come back', async () => {
    const gateway = await RedisLimiter.connect(redis.url, logger);
    await redis.kill();
    const verdicts = await Promise.all(Array.from({ length: 8 }, () => gateway.take('away', limit, Date.now())));
    expect(verdicts.filter((verdict) => verdict.allowed)).toHaveLength(5);
    expect(gateway.state()).toEqual({ engine: 'redis', degraded: true });
    await redis.start();
    for (let i = 0; i < 100 && gateway.state().degraded; i++) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      await gateway.take('back', limit, Date.now());
    }
    expect(gateway.state()).toEqual({ engine: 'redis', degraded: false });
    gateway.close();
  });

  it('stop the start with one clear line when Redis is not there', async () => {
    await expect(RedisLimiter.connect(`redis://127.0.0.1:${await freePort()}`, logger)).rejects.toThrow(/^REDIS_URL: /);
  });
});
