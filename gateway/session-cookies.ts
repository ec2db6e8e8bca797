// Sessions as cookies. Answers that open a session carry tokens: they become HttpOnly cookies and stay in the body only for
// clients that say `Prefer: tokens`, so that a script on the page never holds one.

import { SESSION_CLOSING, SESSION_OPENING } from '../services/accounts/accounts.contract.ts';
import type { SignedIn } from '../services/accounts/accounts.schema.contract.ts';
import { ACCESS_COOKIE, GUEST_COOKIE, REFRESH_COOKIE, writeCookie } from './cookies.ts';

/** The refresh token is sent only to the routes that need it. */
const REFRESH_PATH = '/api/users';
const GUEST_SECONDS = 90 * 86_400;
const opening: ReadonlySet<string> = new Set(SESSION_OPENING);
const closing: ReadonlySet<string> = new Set(SESSION_CLOSING);

export const opensSession = (action: string): boolean => opening.has(action);
export const closesSession = (action: string): boolean => closing.has(action);

const secondsUntil = (time: number, now: number): number => Math.max(0, Math.floor((time - now) / 1_000));

/**
 * Cookies of a new session. The access cookie outlives its token on purpose: a request with an expired token is told so
 * and refreshes, instead of being taken for a stranger.
 */
export function sessionCookies(result: SignedIn, secure: boolean, now: number): string[] {
  const maxAge = secondsUntil(result.refreshExpiresAt, now);
  return [
    'Set-Cookie',
    writeCookie(ACCESS_COOKIE, result.accessToken, { maxAge, secure }),
    'Set-Cookie',
    writeCookie(REFRESH_COOKIE, result.refreshToken, { maxAge, secure, path: REFRESH_PATH }),
  ];
}

export function endedCookies(secure: boolean): string[] {
  return [
    'Set-Cookie',
    writeCookie(ACCESS_COOKIE, '', { maxAge: 0, secure }),
    'Set-Cookie',
    writeCookie(REFRESH_COOKIE, '', { maxAge: 0, secure, path: REFRESH_PATH }),
  ];
}

export function guestCookie(value: string, secure: boolean): string[] {
  return ['Set-Cookie', writeCookie(GUEST_COOKIE, value, { maxAge: GUEST_SECONDS, secure })];
}

export function forgottenGuest(secure: boolean): string[] {
  return ['Set-Cookie', writeCookie(GUEST_COOKIE, '', { maxAge: 0, secure })];
}

/** The answer without its tokens. */
export function withoutTokens({
  account,
  expiresAt,
  refreshExpiresAt,
}: SignedIn): Omit<SignedIn, 'accessToken' | 'refreshToken'> {
  return { account, expiresAt, refreshExpiresAt };
}
