// The value of the guest cookie: a guest id (`gst_…`) with an HMAC, so that nobody can take over another guest's cart
// by guessing or copying an id from a log line. Signed with the key in use, accepted with any key still known.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { ID_PATTERN } from '../ids.ts';
import type { Keys, Secret } from './keys.ts';

const MAX_LENGTH = 256;

function mac({ secret }: Secret, id: string): Buffer {
  return createHmac('sha256', secret).update(`guest:${id}`).digest();
}

/** `<id>.<key id>.<mac>`, safe as a cookie value. */
export function signGuest(keys: Keys, id: string): string {
  const secret = keys.secret();
  return `${id}.${secret.kid}.${mac(secret, id).toString('base64url')}`;
}

/** The guest id of a cookie value that we signed; undefined for anything else. */
export function readGuest(keys: Keys, value: string): string | undefined {
  if (value.length > MAX_LENGTH) return undefined;
  const [id = '', kid = '', given = '', ...rest] = value.split('.');
  if (rest.length > 0 || !id.startsWith('gst_') || !ID_PATTERN.test(id)) return undefined;
  const secret = keys.secretOf(kid);
  if (!secret) return undefined;
  const bytes = Buffer.from(given, 'base64url');
  const wanted = mac(secret, id);
  return bytes.length === wanted.length && timingSafeEqual(bytes, wanted) ? id : undefined;
}
