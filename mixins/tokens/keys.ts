// The secrets of a shop: ES256 keys that sign access tokens and HMAC keys for cookie values, each known by its key id.
// The first of a list is in use, the others still verify. Secrets never enter the log: they come from `SOUK_JWT_KEYS`
// or from one file that all nodes share (keys.file.ts).
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import * as z from 'zod';

/** A key id stands in cookie values between dots. */
const Kid = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/);

/** Keys as they are stored, newest first. `key` is PKCS #8 DER, `secret` 32 random bytes; both base64url. */
export const KeySet = z.object({
  signing: z.array(z.object({ kid: Kid, key: z.string().min(1), createdAt: z.number().int() })).min(1),
  secrets: z.array(z.object({ kid: Kid, secret: z.string().min(43), createdAt: z.number().int() })).min(1),
});
export type KeySet = z.output<typeof KeySet>;

/** How long a replaced key still verifies: signing keys must outlive access tokens, cookie keys the longest cookie. */
const SIGNING_KEPT_MS = 24 * 3_600_000;
const SECRETS_KEPT_MS = 400 * 24 * 3_600_000;

interface SigningKey {
  readonly kid: string;
  readonly privateKey: KeyObject;
}

export interface Secret {
  readonly kid: string;
  readonly secret: Buffer;
}

/** The keys of this node, asked on every signature and verification, so that a rotation takes effect at once. */
export interface Keys {
  signing(): SigningKey;
  /** The public key of a key id, or undefined when the shop does not know it (any more). */
  publicKey(kid: string): KeyObject | undefined;
  secret(): Secret;
  secretOf(kid: string): Secret | undefined;
}

function newSigning(now: number): KeySet['signing'][number] {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const kid = createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('base64url')
    .slice(0, 16);
  return { kid, key: privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64url'), createdAt: now };
}

function newSecret(now: number): KeySet['secrets'][number] {
  return { kid: randomBytes(6).toString('base64url'), secret: randomBytes(32).toString('base64url'), createdAt: now };
}

/** A first set of keys. */
export function createKeySet(now: number): KeySet {
  return { signing: [newSigning(now)], secrets: [newSecret(now)] };
}

/** The same set with new keys in front; keys that nothing valid can carry any more are dropped. */
export function rotateKeySet(set: KeySet, now: number): KeySet {
  return {
    signing: [newSigning(now), ...stillNeeded(set.signing, now - SIGNING_KEPT_MS)],
    secrets: [newSecret(now), ...stillNeeded(set.secrets, now - SECRETS_KEPT_MS)],
  };
}

/** A key was last used when its successor appeared; the first of the list is in use until now. */
function stillNeeded<K extends { readonly createdAt: number }>(keys: readonly K[], since: number): K[] {
  return keys.filter((_, place) => {
    const successor = keys[place - 1];
    return successor === undefined || successor.createdAt > since;
  });
}

/** Reads keys from JSON text, plain or base64, such as the value of `SOUK_JWT_KEYS`; throws one clear line, never the text. */
export function parseKeySet(text: string, source: string): KeySet {
  const trimmed = text.trim();
  try {
    const json: unknown = JSON.parse(trimmed.startsWith('{') ? trimmed : Buffer.from(trimmed, 'base64').toString('utf8'));
    const set = KeySet.parse(json);
    for (const { key } of set.signing) privateKeyOf(key);
    return set;
  } catch {
    throw new Error(`${source} does not hold a valid set of keys`);
  }
}

function privateKeyOf(key: string): KeyObject {
  return createPrivateKey({ key: Buffer.from(key, 'base64url'), type: 'pkcs8', format: 'der' });
}

/** Keys that do not change while the process runs: from the environment, and for tests. */
export function fixedKeys(set: KeySet): Keys {
  const signing = set.signing.map(({ kid, key }) => {
    const privateKey = privateKeyOf(key);
    return { kid, privateKey, publicKey: createPublicKey(privateKey) };
  });
  const secrets = set.secrets.map(({ kid, secret }) => ({ kid, secret: Buffer.from(secret, 'base64url') }));
  const [first] = signing;
  const [secret] = secrets;
  if (!first || !secret) throw new Error('A set of keys needs at least one key of each kind');
  return {
    signing: () => first,
    publicKey: (kid) => signing.find((one) => one.kid === kid)?.publicKey,
    secret: () => secret,
    secretOf: (kid) => secrets.find((one) => one.kid === kid),
  };
}
