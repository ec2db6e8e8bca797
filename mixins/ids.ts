// Ids with a type prefix: `ord_` + 26 characters of Crockford base32, sortable by creation time (the ULID layout).
import { randomFillSync } from 'node:crypto';

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const pool = new Uint8Array(4096);
let used = pool.length;

function randomByte(): number {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  return pool[used++] as number;
}

/** A new id such as `ord_01jd…`. `now` is milliseconds since the epoch. */
export function newId(prefix: string, now: number = Date.now()): string {
  let time = '';
  for (let rest = now, i = 0; i < 10; i++, rest = Math.floor(rest / 32)) time = (ALPHABET[rest % 32] as string) + time;
  let random = '';
  for (let i = 0; i < 16; i++) random += ALPHABET[randomByte() & 31];
  return `${prefix}_${time}${random}`;
}

/** What may stand as one token of a subject and as an actor's identity. */
export const ID_PATTERN = /^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$/;
