// What operators do by hand: look at messages that no reaction could handle, run them again, or let them go.
import * as z from 'zod';
import { defineContract } from '../../mixins/contract.ts';
import { defineErrors } from '../../mixins/errors.ts';
import { PageLimit, Time } from '../../mixins/fields.ts';

export const opsErrors = defineErrors({
  DEAD_LETTER_NOT_FOUND: { status: 404, title: 'There is no such dead letter' },
  REACTION_NOT_RUNNING: { status: 503, title: 'No node runs the service of this reaction' },
  REPLAY_FAILED: { status: 409, title: 'It failed again; the dead letter stays' },
});

export const DeadLetter = z.object({
  /** Its place in the list of dead letters. */
  id: z.int(),
  reaction: z.string(),
  /** Where the message lies that could not be handled. */
  stream: z.string(),
  seq: z.int(),
  /** Whose message it is; absent when the server itself gave up. */
  actor: z.string().optional(),
  error: z.object({ code: z.string(), message: z.string() }),
  attempts: z.int(),
  at: Time,
});
export type DeadLetter = z.output<typeof DeadLetter>;

const LetterId = z.strictObject({ id: z.coerce.number().int().min(1) });
const STAFF = ['admin'] as const;

export const ops = defineContract({
  name: 'ops',
  errors: opsErrors.catalogue,
  actions: {
    list: {
      summary: 'Messages that no reaction could handle, oldest first',
      rest: 'GET /ops/dead-letters',
      access: STAFF,
      params: z.strictObject({
        /** The `next` of the page before. */
        cursor: z.coerce.number().int().min(0).default(0),
        limit: PageLimit,
      }),
      result: z.object({ items: z.array(DeadLetter), next: z.string().optional() }),
    },
    show: {
      summary: 'One dead letter with the message that it is about',
      rest: 'GET /ops/dead-letters/:id',
      access: STAFF,
      params: LetterId,
      result: DeadLetter.extend({
        /** Absent when the log does not hold it any more. */
        message: z
          .object({ v: z.int(), at: Time, by: z.string(), events: z.array(z.object({ type: z.string(), data: z.unknown() })) })
          .optional(),
      }),
      errors: ['DEAD_LETTER_NOT_FOUND'],
      example: { id: 1 },
    },
    replay: {
      summary: 'Run the reaction again; when it succeeds the dead letter is gone',
      rest: 'POST /ops/dead-letters/:id/replay',
      access: STAFF,
      idempotent: true,
      params: LetterId,
      result: z.object({ id: z.int(), replayed: z.boolean() }),
      errors: ['DEAD_LETTER_NOT_FOUND', 'REACTION_NOT_RUNNING', 'REPLAY_FAILED'],
      example: { id: 1 },
    },
    drop: {
      summary: 'Take a dead letter off the list without running it; its message stays in the log',
      rest: 'DELETE /ops/dead-letters/:id',
      access: STAFF,
      idempotent: true,
      params: LetterId,
      result: z.object({ id: z.int(), dropped: z.boolean() }),
      errors: ['DEAD_LETTER_NOT_FOUND'],
      example: { id: 1 },
    },
  },
  events: {},
});
