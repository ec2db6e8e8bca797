// One subject per actor: `<domain>.<slot>.<id>`. The slot lets a stream be split later without renaming a subject.
import { failure } from '../errors.ts';
import { ID_PATTERN } from '../ids.ts';

export const SLOTS = 64;

/** FNV-1a over UTF-16 code units, modulo 64. Part of the log format: it must never change. */
export function slotOf(id: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < id.length; i++) {
    hash ^= id.charCodeAt(i);
    hash = Math.imul(hash, 0x01000193);
  }
  return (hash >>> 0) % SLOTS;
}

/** Subject of one actor. Refuses ids that could not stand as one token (dots, wildcards, spaces, path tricks). */
export function subjectOf(stream: string, id: string): string {
  if (!ID_PATTERN.test(id)) throw failure('INVALID_INPUT', 'This id is not well-formed', { field: 'id' });
  return `${stream.toLowerCase()}.${String(slotOf(id)).padStart(2, '0')}.${id}`;
}

/** The actor id of a subject. */
export function idOfSubject(subject: string): string {
  return subject.slice(subject.lastIndexOf('.') + 1);
}
