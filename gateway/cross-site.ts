// Requests that another site makes a browser send: refused when they would act with our cookies (CSRF),
// readable by scripts only for origins on the exact allow list (CORS).
import type { IncomingHttpHeaders } from 'node:http';
import { failure } from '../mixins/errors.ts';
import type { Peer } from './address.ts';

export class Origins {
  readonly #allowed: ReadonlySet<string>;

  /** Exact origins such as `https://shop.example.com`, separated by commas. @throws when one is not an origin */
  constructor(declared = '') {
    const entries = declared.split(',').flatMap((entry) => entry.trim() || []);
    for (const entry of entries) {
      if (!URL.canParse(entry) || new URL(entry).origin !== entry) throw new Error(`SOUK_ORIGINS: "${entry}" is not an origin`);
    }
    this.#allowed = new Set(entries);
  }

  get any(): boolean {
    return this.#allowed.size > 0;
  }

  allows(origin: string): boolean {
    return this.#allowed.has(origin);
  }

  isOwn(origin: string, peer: Peer): boolean {
    return peer.host !== '' && origin === `${peer.https ? 'https' : 'http'}://${peer.host}`;
  }

  /** Refuses an unsafe request with cookies that another site caused. @throws CROSS_SITE */
  defend(headers: IncomingHttpHeaders, peer: Peer): void {
    const origin = headers.origin;
    if (origin !== undefined && this.allows(origin)) return;
    const site = headers['sec-fetch-site'];
    if (site !== undefined && site !== 'same-origin' && site !== 'none') throw failure('CROSS_SITE');
    if (site === undefined && origin !== undefined && !this.isOwn(origin, peer)) throw failure('CROSS_SITE');
  }
}

const EXPOSED =
  'ETag, Location, Retry-After, X-Request-Id, X-Souk-Position, Idempotent-Replayed, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset';
const ALLOWED_HEADERS =
  'Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, Prefer, X-API-Key, X-Request-Id, X-Souk-Position, traceparent';

/** Adds what a script of an allowed origin needs to read the answer. */
export function grantReading(headers: string[], origin: string): void {
  headers.push('Access-Control-Allow-Origin', origin, 'Access-Control-Allow-Credentials', 'true');
  headers.push('Access-Control-Expose-Headers', EXPOSED);
}

/** Headers of a preflight answer for an allowed origin, besides those that grant reading. */
export function preflight(methods: readonly string[]): string[] {
  return [
    'Access-Control-Max-Age',
    '600',
    'Access-Control-Allow-Methods',
    methods.join(', '),
    'Access-Control-Allow-Headers',
    ALLOWED_HEADERS,
  ];
}
