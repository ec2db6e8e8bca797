// How often one client may call one route: a token bucket, kept as the single time at which the bucket is full again.
// In process; `rate-limit.redis.ts` shares the buckets between gateways.

export interface Limit {
  /** Requests per second that refill the bucket. */
  readonly rate: number;
  /** Requests that a full bucket holds. */
  readonly burst: number;
}

export interface Verdict {
  readonly allowed: boolean;
  readonly limit: number;
  readonly remaining: number;
  /** Seconds until the bucket is full again. */
  readonly reset: number;
  /** Seconds until the next request is allowed; 0 when this one was. */
  readonly retryAfter: number;
}

export const DEFAULT_LIMIT: Limit = { rate: 10, burst: 20 };

/** Takes one request out of a bucket. May answer at once or later. */
export interface Limiter {
  take(key: string, limit: Limit, now: number): Verdict | Promise<Verdict>;
  /** For `/api/status`. */
  state(): { readonly engine: 'process' | 'redis'; readonly degraded: boolean };
}

/** The verdict on a bucket that is full again at `full` (milliseconds), and when it is full after this request. */
export function decide(full: number, { rate, burst }: Limit, now: number): { verdict: Verdict; full: number } {
  const each = 1_000 / rate;
  const capacity = burst * each;
  const before = Math.max(full, now);
  const after = before + each;
  const over = after - now - capacity;
  const allowed = over <= 1e-6;
  const kept = allowed ? after : before;
  const verdict = {
    allowed,
    limit: burst,
    remaining: Math.max(0, Math.floor((capacity - (kept - now)) / each + 1e-6)),
    reset: Math.ceil((kept - now) / 1_000),
    retryAfter: allowed ? 0 : over / 1_000,
  };
  return { verdict, full: kept };
}

/**
 * Buckets in this process. Memory is bounded by two generations: when the young one is full the old one is dropped,
 * and whoever still calls has moved to the young one by then.
 */
export class Buckets implements Limiter {
  readonly #keep: number;
  #young = new Map<string, number>();
  #old = new Map<string, number>();

  constructor(keep = 50_000) {
    this.#keep = keep;
  }

  take(key: string, limit: Limit, now: number): Verdict {
    const known = this.#young.get(key) ?? this.#old.get(key) ?? 0;
    const { verdict, full } = decide(known, limit, now);
    if (this.#young.size >= this.#keep && !this.#young.has(key)) this.#age();
    this.#young.set(key, full);
    return verdict;
  }

  #age(): void {
    this.#old = this.#young;
    this.#young = new Map();
  }

  get size(): number {
    return this.#young.size + this.#old.size;
  }

  state(): { engine: 'process'; degraded: boolean } {
    return { engine: 'process', degraded: false };
  }
}

/** `RateLimit-*` headers, and `Retry-After` when refused. */
export function limitHeaders(headers: string[], { limit, remaining, reset }: Verdict): void {
  headers.push('RateLimit-Limit', String(limit), 'RateLimit-Remaining', String(remaining), 'RateLimit-Reset', String(reset));
}
