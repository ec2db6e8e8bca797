// Cookies, small: reading the few names the gateway knows, and writing them with the attributes that keep them safe.

export const ACCESS_COOKIE = 'souk_access';
export const REFRESH_COOKIE = 'souk_refresh';
export const GUEST_COOKIE = 'souk_guest';

export interface Cookies {
  access?: string;
  refresh?: string;
  guest?: string;
}

const FIELDS: Readonly<Record<string, keyof Cookies>> = {
  [ACCESS_COOKIE]: 'access',
  [REFRESH_COOKIE]: 'refresh',
  [GUEST_COOKIE]: 'guest',
};
const NONE: Readonly<Cookies> = Object.freeze({});

/** The cookies of Souk in a `Cookie` header; of a repeated name the first counts, values that are not plain tokens are dropped. */
export function readCookies(header: string | undefined): Readonly<Cookies> {
  if (!header?.includes('souk_')) return NONE;
  const cookies: Cookies = {};
  for (const pair of header.split(';')) {
    const equals = pair.indexOf('=');
    const field = equals > 0 && FIELDS[pair.slice(0, equals).trim()];
    if (!field || cookies[field] !== undefined) continue;
    const value = pair.slice(equals + 1).trim();
    if (/^[\w.~+/=-]{1,4096}$/.test(value)) cookies[field] = value;
  }
  return cookies;
}

export interface CookieOptions {
  /** Seconds; 0 deletes the cookie. */
  readonly maxAge: number;
  readonly secure: boolean;
  readonly path?: string;
}

/** A `Set-Cookie` value: never readable by scripts, never sent along from other sites except by a link. */
export function writeCookie(name: string, value: string, options: CookieOptions): string {
  const { maxAge, secure, path = '/' } = options;
  return `${name}=${value}; Path=${path}; Max-Age=${maxAge}; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`;
}
