// What the headers of a request say about how to handle it: keys, preconditions, preferences, positions, ids, traces.
import { randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { failure } from '../mixins/errors.ts';
import { newId } from '../mixins/ids.ts';
import type { Meta } from '../mixins/meta.ts';

const REQUEST_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{7,63}$/;
const TRACEPARENT = /^(?!ff)[\da-f]{2}-(?!0{32})([\da-f]{32})-(?!0{16})[\da-f]{16}-([\da-f]{2})(?:-|$)/;
const KEY = /^[\x21-\x7e]{16,255}$/;

/** The client's request id when it is a sane one, else a new one. */
export function requestIdOf(headers: IncomingHttpHeaders): string {
  const given = headers['x-request-id'];
  return typeof given === 'string' && REQUEST_ID.test(given) ? given : newId('req');
}

/** Continues the caller's trace with a span of our own; nothing when there is none. */
export function traceOf(headers: IncomingHttpHeaders): string | undefined {
  const given = headers.traceparent;
  if (given === undefined) return undefined;
  const [, trace, flags] = TRACEPARENT.exec(String(given)) ?? [];
  return trace ? `00-${trace}-${randomBytes(8).toString('hex')}-${flags}` : undefined;
}

/** Adds what applies to unsafe requests. @throws INVALID_INPUT for a key that could not be one */
export function readUnsafe(headers: IncomingHttpHeaders, meta: Meta): void {
  const key = headers['idempotency-key'];
  if (key !== undefined) {
    if (!KEY.test(String(key))) {
      throw failure('INVALID_INPUT', 'Idempotency-Key: 16 to 255 visible ASCII characters', { field: 'Idempotency-Key' });
    }
    meta.idempotencyKey = String(key);
  }
  if (prefers(headers, 'respond-async')) meta.respondAsync = true;
}

/** Adds what applies to every request. */
export function readAlways(headers: IncomingHttpHeaders, meta: Meta): void {
  const trace = traceOf(headers);
  if (trace !== undefined) meta.traceparent = trace;
  const position = headers['x-souk-position'];
  if (typeof position === 'string' && position.length <= 1_024) meta.waitFor = position;
}

/** True when `Prefer` names the preference. */
export function prefers(headers: IncomingHttpHeaders, preference: string): boolean {
  const header = headers.prefer;
  if (header === undefined) return false;
  return String(header)
    .split(',')
    .some((one) => one.split(';')[0]?.trim().toLowerCase() === preference);
}

/**
 * The version that `If-Match` asks for; undefined when any will do.
 * @throws VERSION_MISMATCH for a tag that no version of ours ever had
 */
export function versionWanted(header: string | undefined): number | undefined {
  if (header === undefined || header.trim() === '*') return undefined;
  const version = /^(?:W\/)?"v(\d{1,15})(?:\.[\w-]+)?"$/.exec(header.trim())?.[1];
  if (version === undefined) throw failure('VERSION_MISMATCH', 'If-Match names no version of this');
  return Number(version);
}

/** True when `If-None-Match` names this tag (weak comparison), so the client has it already. */
export function alreadyHas(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  if (header === etag || header.trim() === '*') return true;
  const wanted = etag.replace(/^W\//, '');
  return header.split(',').some((one) => one.trim().replace(/^W\//, '') === wanted);
}
