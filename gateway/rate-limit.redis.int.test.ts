import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { RedisLimiter } from './rate-limit.redis.ts';

const limit = { rate: 1, burst: 5 };
const quiet = () => undefined;
const logger = { debug: quiet, info: quiet, warn: quiet, error: quiet };

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address ? address.port : 0;
}

async function startRedis(port: number): Promise<ChildProcess> {
  const redis = spawn('redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  for await (const line of redis.stdout) if (String(line).includes('Ready to accept connections')) break;
  return redis;
}

async function stop(redis: ChildProcess): Promise<void> {
  redis.kill('SIGKILL');
  await once(redis, 'exit');
}

describe('rate limits in Redis', () => {
  let port: number;
  let redis: ChildProcess;

  beforeAll(async () => {
    port = await freePort();
    redis = await startRedis(port);
  });
  afterAll(() => stop(redis));

  it('share one bucket between two gateways', async () => {
    const gateways = await Promise.all([1, 2].map(() => RedisLimiter.connect(`redis://127.0.0.1:${port}`, logger)));
    const verdicts = await Promise.all(Array.from({ length: 12 }, (_, i) => gateways[i % 2]?.take('shared', limit, Date.now())));
    expect(verdicts.filter((verdict) => verdict?.allowed)).toHaveLength(5);
    for (const gateway of gateways) gateway.close();
  });

  it('go on in process while Redis is away, visibly, and come back', async () => {
    const gateway = await RedisLimiter.connect(`redis://127.0.0.1:${port}`, logger);
    await stop(redis);
    const verdicts = await Promise.all(Array.from({ length: 8 }, () => gateway.take('away', limit, Date.now())));
    expect(verdicts.filter((verdict) => verdict.allowed)).toHaveLength(5);
    expect(gateway.state()).toEqual({ engine: 'redis', degraded: true });
    redis = await startRedis(port);
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
