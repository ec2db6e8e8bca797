// Access tokens: short-lived ES256 JWTs that say which account acts through which session. Signing and checking only;
// whether a valid token has been revoked is the verifier's question.
import jwt from 'jsonwebtoken';
import * as z from 'zod';
import { ROLES, type Role } from '../principal.ts';
import type { Keys } from './keys.ts';

export const ACCESS_TOKEN_MS = 15 * 60_000;
const ISSUER = 'souk';

export interface AccessClaims {
  readonly account: string;
  readonly session: string;
  readonly role: Role;
  /** End of validity, milliseconds since the epoch. */
  readonly expiresAt: number;
}

const Payload = z.object({ sub: z.string(), sid: z.string(), role: z.enum(ROLES), exp: z.number() });

/** Signs a token valid for 15 minutes. `now` is milliseconds since the epoch. */
export function signAccessToken(
  keys: Keys,
  who: Omit<AccessClaims, 'expiresAt'>,
  now: number,
): { token: string; expiresAt: number } {
  const { kid, privateKey } = keys.signing();
  const iat = Math.floor(now / 1_000);
  const exp = iat + ACCESS_TOKEN_MS / 1_000;
  const payload = { sub: who.account, sid: who.session, role: who.role, iat, exp };
  const token = jwt.sign(payload, privateKey, { algorithm: 'ES256', keyid: kid, issuer: ISSUER, audience: ISSUER });
  return { token, expiresAt: exp * 1_000 };
}

/** The claims of a token with a valid signature that has not expired; undefined for anything else. */
export function readAccessToken(keys: Keys, token: string, now: number): AccessClaims | undefined {
  try {
    const kid = jwt.decode(token, { complete: true })?.header.kid;
    const key = kid === undefined ? undefined : keys.publicKey(kid);
    if (!key) return undefined;
    const clockTimestamp = Math.floor(now / 1_000);
    const options = { algorithms: ['ES256' as const], issuer: ISSUER, audience: ISSUER, clockTimestamp };
    const { sub, sid, role, exp } = Payload.parse(jwt.verify(token, key, options));
    return { account: sub, session: sid, role, expiresAt: exp * 1_000 };
  } catch (error) {
    if (error instanceof jwt.JsonWebTokenError || error instanceof z.ZodError || error instanceof SyntaxError) return undefined;
    throw error;
  }
}
