// Messages that a reaction could not handle, kept until an operator replays or drops them.
import type { Log } from '../log/log.ts';
import type { LogMessage } from '../log/message.ts';
import type { StreamDeclaration } from '../log/streams.ts';

/** The server's own advisories about messages that ran out of deliveries (a handler that kills its process) are kept here too. */
export const DEAD_STREAM: StreamDeclaration = {
  name: 'DEAD',
  subjects: ['dead.>', '$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.>'],
};

export interface DeadLetter {
  readonly reaction: string;
  readonly stream: string;
  /** Sequence of the message in its own stream; the original stays there. */
  readonly seq: number;
  readonly actor: string;
  readonly error: { readonly code: string; readonly message: string };
  readonly attempts: number;
  readonly at: number;
}

export function deadLetterOf(reaction: string, message: LogMessage, error: unknown, attempts: number, now: number): DeadLetter {
  const { type, message: text } = (error ?? {}) as { type?: unknown; message?: unknown };
  return {
    reaction,
    stream: message.stream,
    seq: message.seq,
    actor: message.id,
    error: { code: typeof type === 'string' ? type : 'INTERNAL', message: typeof text === 'string' ? text : String(error) },
    attempts,
    at: now,
  };
}

/** Writes the dead letter; returns only after the PubAck, since the original delivery is ended afterwards. */
export async function bury(log: Log, letter: DeadLetter): Promise<void> {
  const subject = `dead.${letter.reaction}.${letter.stream}.${letter.seq}`;
  await log.publish(subject, new TextEncoder().encode(JSON.stringify(letter)), `${subject}.${letter.at}`);
}
