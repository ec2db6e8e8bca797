// Refresh tokens: `<session>.<generation>.<key id>.<mac>`. Only a hash is stored; the mac lets us tell a token that was
// once ours from invented ones, and give a second tab the very token that the first one got.
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { Keys, Secret } from '../../mixins/tokens/keys.ts';

export interface RefreshToken {
  readonly text: string;
  /** SHA-256 of the text, as it is stored. */
  readonly hash: string;
}

export interface ReadRefreshToken extends RefreshToken {
  readonly sessionId: string;
  readonly generation: number;
}

const SHAPE = /^(ses_[0-9a-z]{26})\.([1-9]\d{0,8})\.([A-Za-z0-9_-]{1,64})\.([A-Za-z0-9_-]{43})$/;

function make({ kid, secret }: Secret, sessionId: string, generation: number): RefreshToken {
  const mac = createHmac('sha256', secret).update(`refresh:${sessionId}.${generation}`).digest('base64url');
  const text = `${sessionId}.${generation}.${kid}.${mac}`;
  return { text, hash: createHash('sha256').update(text).digest('base64url') };
}

/** The refresh token of a generation, made with the key in use. */
export function makeRefreshToken(keys: Keys, sessionId: string, generation: number): RefreshToken {
  return make(keys.secret(), sessionId, generation);
}

/** The token again that was made under a hash; `kid` says with which key. Undefined when that key is gone. */
export function remakeRefreshToken(
  keys: Keys,
  sessionId: string,
  generation: number,
  hash: string,
  kid: string,
): RefreshToken | undefined {
  const candidates = [keys.secret(), keys.secretOf(kid)].flatMap((secret) =>
    secret ? [make(secret, sessionId, generation)] : [],
  );
  return candidates.find((token) => token.hash === hash);
}

/** A token that this shop made, whatever became of it since; undefined for anything else. */
export function readRefreshToken(keys: Keys, text: string): (ReadRefreshToken & { readonly kid: string }) | undefined {
  const [, sessionId = '', generation = '', kid = ''] = SHAPE.exec(text) ?? [];
  const secret = keys.secretOf(kid);
  if (!secret) return undefined;
  const token = make(secret, sessionId, Number(generation));
  const given = Buffer.from(text);
  const wanted = Buffer.from(token.text);
  if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) return undefined;
  return { ...token, sessionId, generation: Number(generation), kid };
}
