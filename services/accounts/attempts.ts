// Slows down guessing of passwords: every try takes a token from three buckets (this account from this address, this
// account from anywhere, this address for any account); a success gives them back. Buckets live in this node.
import { LRUCache } from 'lru-cache';
import { networkOf } from '../../mixins/network.ts';
import { accountErrors } from './accounts.errors.contract.ts';

interface Limit {
  /** Tries in a row. */
  readonly burst: number;
  /** Milliseconds until one more is allowed. */
  readonly refill: number;
}

interface Bucket {
  tokens: number;
  at: number;
}

const PAIR: Limit = { burst: 5, refill: 30_000 };
/** Wide enough that a stranger cannot easily lock somebody out. */
const ACCOUNT: Limit = { burst: 50, refill: 30_000 };
const ADDRESS: Limit = { burst: 100, refill: 3_000 };

export class Attempts {
  readonly #buckets = new LRUCache<string, Bucket>({ max: 50_000 });
  readonly #now: () => number;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /**
   * Counts one try of `who` (an e-mail address or account id) from an IP address and returns how to take it back.
   * Throws TOO_MANY_ATTEMPTS with `retryAfter` in seconds; a refused try costs nothing.
   */
  begin(who: string, ip: string): { forgive(): void } {
    const buckets = this.#bucketsOf(who, networkOf(ip));
    const wait = Math.max(...buckets.map(([bucket, limit]) => (bucket.tokens >= 1 ? 0 : (1 - bucket.tokens) * limit.refill)));
    if (wait > 0) throw accountErrors('TOO_MANY_ATTEMPTS', undefined, { retryAfter: Math.ceil(wait / 1_000) });
    for (const [bucket] of buckets) bucket.tokens--;
    return {
      forgive() {
        for (const [bucket, limit] of buckets) giveBack(bucket, limit);
      },
    };
  }

  #bucketsOf(who: string, network: string): (readonly [Bucket, Limit])[] {
    return [
      [this.#bucket(`pair|${who}|${network}`, PAIR), PAIR],
      [this.#bucket(`account|${who}`, ACCOUNT), ACCOUNT],
      [this.#bucket(`address|${network}`, ADDRESS), ADDRESS],
    ];
  }

  #bucket(name: string, { burst, refill }: Limit): Bucket {
    const now = this.#now();
    const bucket = this.#buckets.get(name) ?? { tokens: burst, at: now };
    bucket.tokens = Math.min(burst, bucket.tokens + (now - bucket.at) / refill);
    bucket.at = now;
    this.#buckets.set(name, bucket);
    return bucket;
  }
}

function giveBack(bucket: Bucket, { burst }: Limit): void {
  bucket.tokens = Math.min(burst, bucket.tokens + 1);
}
