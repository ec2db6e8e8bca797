// Turns a token into a principal, on every node that has a gateway or the accounts service. A signature is checked once:
// the result is kept by token until it expires, and each use asks the revocations, so a hit costs two look-ups.
import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { LogMessage } from '../log/message.ts';
import type { Principal } from '../principal.ts';
import { type AccessClaims, readAccessToken } from './access.ts';
import type { Keys } from './keys.ts';
import { Revocations } from './revocations.ts';

export type AccountPrincipal = Extract<Principal, { kind: 'account' }>;

/** Longer input is no token of ours; refused before any work is done on it. */
const MAX_TOKEN = 2_048;

export interface VerifierOptions {
  readonly keys: Keys;
  /** Asks the accounts service about an API key; rejects with UNAUTHENTICATED when it is not good. */
  readonly resolveApiKey?: (apiKey: string) => Promise<AccountPrincipal>;
  readonly now?: () => number;
  /** Tokens kept; 20,000 unless given. */
  readonly keep?: number;
}

export class Verifier {
  readonly #keys: Keys;
  readonly #now: () => number;
  readonly #resolve: VerifierOptions['resolveApiKey'];
  readonly #tokens: LRUCache<string, AccessClaims>;
  readonly #apiKeys: LRUCache<string, AccountPrincipal>;
  readonly #revocations: Revocations;
  #changes = 0;

  constructor({ keys, resolveApiKey, now = Date.now, keep = 20_000 }: VerifierOptions) {
    this.#keys = keys;
    this.#now = now;
    this.#resolve = resolveApiKey;
    this.#tokens = new LRUCache({ max: keep });
    this.#apiKeys = new LRUCache({ max: 1_000, ttl: 300_000 });
    this.#revocations = new Revocations(now);
  }

  /** Handler for `node.follow('ACCOUNTS', …, { from: 'last-per-subject' })`; verify nothing before that is ready. */
  readonly observe = (message: LogMessage): void => {
    if (!this.#revocations.observe(message)) return;
    this.#changes++;
    for (const [digest, { id, via }] of this.#apiKeys.entries()) {
      if (id === message.id || via === message.id) this.#apiKeys.delete(digest);
    }
  };

  /** The account behind an access token; undefined when it is forged, expired or revoked. */
  accessToken(token: string): AccountPrincipal | undefined {
    if (token.length > MAX_TOKEN) return undefined;
    const claims = this.#tokens.get(token) ?? this.#check(token);
    if (!claims || claims.expiresAt <= this.#now()) return undefined;
    const { account, session } = claims;
    if (this.#revocations.isDenied(session) || this.#revocations.isDenied(account)) return undefined;
    return { kind: 'account', id: account, role: this.#revocations.roleOf(account) ?? claims.role, via: session };
  }

  /**
   * The account behind an API key, asked once and kept until the key or its account changes.
   * An answer that crossed such a change is used but not kept.
   */
  async apiKey(apiKey: string): Promise<AccountPrincipal | undefined> {
    if (!this.#resolve || apiKey.length > MAX_TOKEN) return undefined;
    const digest = createHash('sha256').update(apiKey).digest('base64');
    const kept = this.#apiKeys.get(digest);
    if (kept) return kept;
    const changes = this.#changes;
    const principal = await this.#resolve(apiKey);
    if (changes === this.#changes) this.#apiKeys.set(digest, principal);
    return principal;
  }

  #check(token: string): AccessClaims | undefined {
    const claims = readAccessToken(this.#keys, token, this.#now());
    if (claims) this.#tokens.set(token, claims);
    return claims;
  }
}

/** A verifier for one node. */
export function createVerifier(options: VerifierOptions): Verifier {
  return new Verifier(options);
}
