// The same buckets in Redis, for several gateways: one Lua script per request, on Redis' own clock. When Redis is away
// each gateway limits by itself for a while; that is visible in /api/status, and nobody is locked out.
import { Redis } from 'ioredis';
import type { GatewayLogger } from './logging.ts';
import { Buckets, decide, type Limit, type Limiter, type Verdict } from './rate-limit.ts';

const PREFIX = 'souk:limit:';
const ANSWER_MS = 100;
const RETRY_MS = 2_000;

/** Keeps the time at which the bucket is full; returns what it was and Redis' time, in milliseconds. */
const SCRIPT = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local each = 1000 / tonumber(ARGV[1])
local full = tonumber(redis.call('GET', KEYS[1]) or '0')
if math.max(full, now) + each - now <= tonumber(ARGV[2]) * each + 0.000001 then
  local after = math.max(full, now) + each
  redis.call('SET', KEYS[1], tostring(after), 'PX', math.ceil(after - now) + 1000)
end
return { tostring(full), tostring(now) }
`;

declare module 'ioredis' {
  interface RedisCommander {
    soukTake(key: string, rate: number, burst: number): Promise<[string, string]>;
  }
}

export class RedisLimiter implements Limiter {
  readonly #redis: Redis;
  readonly #logger: GatewayLogger;
  readonly #local = new Buckets();
  #awayUntil = 0;
  #degraded = false;

  private constructor(redis: Redis, logger: GatewayLogger) {
    this.#redis = redis;
    this.#logger = logger;
  }

  /** @throws one line naming REDIS_URL when the server cannot be reached */
  static async connect(url: string, logger: GatewayLogger): Promise<RedisLimiter> {
    const redis = new Redis(url, {
      lazyConnect: true,
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      commandTimeout: ANSWER_MS,
      connectTimeout: 3_000,
      retryStrategy: (attempt) => Math.min(attempt * 200, 5_000),
    });
    redis.defineCommand('soukTake', { numberOfKeys: 1, lua: SCRIPT });
    let reason = '';
    redis.on('error', (error: Error) => {
      reason = error.message;
    });
    await redis.connect().catch((error: Error) => {
      redis.disconnect();
      throw new Error(`REDIS_URL: Redis cannot be reached (${reason || error.message})`);
    });
    return new RedisLimiter(redis, logger);
  }

  take(key: string, limit: Limit, now: number): Verdict | Promise<Verdict> {
    if (now < this.#awayUntil) return this.#local.take(key, limit, now);
    return this.#redis.soukTake(PREFIX + key, limit.rate, limit.burst).then(
      ([full, at]) => {
        if (this.#degraded) this.#recover();
        return decide(Number(full), limit, Number(at)).verdict;
      },
      (error: Error) => {
        this.#degrade(error, now);
        return this.#local.take(key, limit, now);
      },
    );
  }

  #degrade(error: Error, now: number): void {
    this.#awayUntil = now + RETRY_MS;
    if (!this.#degraded) this.#logger.warn({ err: error }, 'rate limits are counted per gateway while Redis is away');
    this.#degraded = true;
  }

  #recover(): void {
    this.#degraded = false;
    this.#logger.info({}, 'rate limits are shared through Redis again');
  }

  state(): { engine: 'redis'; degraded: boolean } {
    return { engine: 'redis', degraded: this.#degraded };
  }

  close(): void {
    this.#redis.disconnect();
  }
}
