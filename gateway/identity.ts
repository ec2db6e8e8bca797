// Who sent a request. Exactly one identity counts: a credential sent on purpose (bearer token or API key) before the cookies,
// an account before a guest. A wrong credential sent on purpose is refused; a stale cookie only means nobody is signed in.
import type { IncomingHttpHeaders } from 'node:http';
import { LRUCache } from 'lru-cache';
import { failure } from '../mixins/errors.ts';
import { ANONYMOUS, type Principal } from '../mixins/principal.ts';
import { readGuest } from '../mixins/tokens/guest.ts';
import type { Keys } from '../mixins/tokens/keys.ts';
import type { Verifier } from '../mixins/tokens/verifier.ts';
import { type Cookies, readCookies } from './cookies.ts';

export interface Identity {
  readonly principal: Principal;
  /** Proved by a header that no other site can make a browser send. */
  readonly explicit: boolean;
  /** There is an access cookie, but it is not good (any more). */
  readonly stale: boolean;
  readonly cookies: Readonly<Cookies>;
}

const NO_COOKIES: Readonly<Cookies> = Object.freeze({});
const NOBODY: Identity = Object.freeze({ principal: ANONYMOUS, explicit: false, stale: false, cookies: NO_COOKIES });
const explicit = (principal: Principal, cookies: Readonly<Cookies>): Identity => ({
  principal,
  explicit: true,
  stale: false,
  cookies,
});

export class Identities {
  readonly #keys: Keys;
  readonly #verifier: Pick<Verifier, 'accessToken' | 'apiKey'>;
  /** Guests by cookie value: the signature is checked once. */
  readonly #guests = new LRUCache<string, string>({ max: 20_000 });

  constructor(keys: Keys, verifier: Pick<Verifier, 'accessToken' | 'apiKey'>) {
    this.#keys = keys;
    this.#verifier = verifier;
  }

  /** @throws UNAUTHENTICATED for a bearer token or API key that is not good, or both at once */
  identify(headers: IncomingHttpHeaders): Identity | Promise<Identity> {
    const { authorization, cookie } = headers;
    const apiKey = headers['x-api-key'];
    if (authorization === undefined && apiKey === undefined && cookie === undefined) return NOBODY;
    const cookies = readCookies(cookie);
    if (apiKey !== undefined) {
      if (authorization !== undefined) throw failure('UNAUTHENTICATED', 'Send a bearer token or an API key, not both');
      return this.#byApiKey(String(apiKey), cookies);
    }
    return authorization === undefined ? this.#byCookies(cookies) : this.#byBearer(authorization, cookies);
  }

  #byBearer(authorization: string, cookies: Readonly<Cookies>): Identity {
    const token = /^Bearer +([\w.~+/=-]+)$/i.exec(authorization)?.[1];
    const principal = token ? this.#verifier.accessToken(token) : undefined;
    if (!principal) throw failure('UNAUTHENTICATED', 'The bearer token is not valid or has expired');
    return explicit(principal, cookies);
  }

  async #byApiKey(apiKey: string, cookies: Readonly<Cookies>): Promise<Identity> {
    const principal = await this.#verifier.apiKey(apiKey);
    if (!principal) throw failure('UNAUTHENTICATED', 'The API key is not valid');
    return explicit(principal, cookies);
  }

  #byCookies(cookies: Readonly<Cookies>): Identity {
    const account = cookies.access ? this.#verifier.accessToken(cookies.access) : undefined;
    if (account) return { principal: account, explicit: false, stale: false, cookies };
    const guest = cookies.guest ? this.guestOf(cookies.guest) : undefined;
    const principal: Principal = guest ? { kind: 'guest', id: guest } : ANONYMOUS;
    return { principal, explicit: false, stale: cookies.access !== undefined, cookies };
  }

  /** The guest behind a cookie that we signed. */
  guestOf(value: string): string | undefined {
    const known = this.#guests.get(value);
    if (known) return known;
    const id = readGuest(this.#keys, value);
    if (id) this.#guests.set(value, id);
    return id;
  }
}
