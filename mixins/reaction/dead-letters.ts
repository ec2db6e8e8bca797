// Messages that a reaction could not handle, kept until an operator replays or drops them.
import type { StoredMsg } from 'nats';
import type { Log } from '../log/log.ts';
import type { StreamDeclaration } from '../log/streams.ts';

const ADVISORY = '$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.';

/** The server's own advisories about messages that ran out of deliveries are kept here too. */
export const DEAD_STREAM: StreamDeclaration = { name: 'DEAD', subjects: ['dead.>', `${ADVISORY}>`] };

export interface DeadLetter {
  readonly reaction: string;
  readonly stream: string;
  /** Sequence of the message in its own stream; the original stays there. */
  readonly seq: number;
  /** Absent when the server itself gave up. */
  readonly actor?: string;
  readonly error: { readonly code: string; readonly message: string };
  readonly attempts: number;
  readonly at: number;
}

/** A dead letter with its own place in the list of dead letters. */
export type FiledLetter = DeadLetter & { readonly id: number };

export type LetterOrigin = Pick<DeadLetter, 'reaction' | 'stream' | 'seq'> & { readonly actor: string };

export function deadLetterOf(origin: LetterOrigin, error: unknown, attempts: number, at: number): DeadLetter {
  const { type, message: text } = (error ?? {}) as { type?: unknown; message?: unknown };
  const code = typeof type === 'string' ? type : 'INTERNAL';
  return { ...origin, error: { code, message: typeof text === 'string' ? text : String(error) }, attempts, at };
}

/** Writes the dead letter; returns only after the PubAck, since the original delivery is ended afterwards. */
export async function bury(log: Log, letter: DeadLetter): Promise<void> {
  const subject = `dead.${letter.reaction}.${letter.stream}.${letter.seq}`;
  await log.publish(subject, new TextEncoder().encode(JSON.stringify(letter)), `${subject}.${letter.at}`);
}

/** Dead letters in the order in which they were filed, from behind `after` on. */
export async function listDeadLetters(log: Log, after: number, limit: number): Promise<FiledLetter[]> {
  const letters: FiledLetter[] = [];
  for (let next = after + 1; letters.length < limit; ) {
    const stored = await log.stored(DEAD_STREAM.name, next, '>');
    if (!stored) break;
    letters.push(letterOf(stored));
    next = stored.seq + 1;
  }
  return letters;
}

export async function deadLetter(log: Log, id: number): Promise<FiledLetter | undefined> {
  const stored = await log.stored(DEAD_STREAM.name, id);
  return stored && letterOf(stored);
}

/** Takes a dead letter off the list. @returns false when it was not there */
export async function dropDeadLetter(log: Log, id: number): Promise<boolean> {
  if (!(await log.stored(DEAD_STREAM.name, id))) return false;
  return log.jsm.streams.deleteMessage(DEAD_STREAM.name, id, false);
}

interface Advisory {
  readonly stream: string;
  readonly consumer: string;
  readonly stream_seq: number;
  readonly deliveries: number;
  readonly timestamp: string;
}

function letterOf(stored: StoredMsg): FiledLetter {
  const body: unknown = JSON.parse(new TextDecoder().decode(stored.data));
  if (!stored.subject.startsWith(ADVISORY)) return { ...(body as DeadLetter), id: stored.seq };
  const { stream, consumer, stream_seq: seq, deliveries: attempts, timestamp } = body as Advisory;
  const error = { code: 'NO_ANSWER', message: 'Delivered as often as allowed and never answered' };
  // The consumers of an ordered reaction have its name and a number.
  const reaction = consumer.replace(/-\d$/, '');
  return { id: stored.seq, reaction, stream, seq, error, attempts, at: Date.parse(timestamp) };
}
