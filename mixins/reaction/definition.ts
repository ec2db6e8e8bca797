// A reaction is a durable consumer that responds to events with idempotent commands or side effects.
// The message is a nudge: the handler reads the current state and drives it one step further.
import type { LogMessage } from '../log/message.ts';
import type { Origin } from '../meta.ts';

export type ReactionHandler<T> = (data: T, message: LogMessage, origin: Origin) => Promise<void>;

export interface ReactionDefinition<Events> {
  /** `<domain>-<purpose>`; the durable consumer's name. */
  readonly name: string;
  readonly stream: string;
  readonly on: { readonly [K in keyof Events]?: ReactionHandler<Events[K]> };
  /** Messages handled at once on this node. */
  readonly concurrency?: number;
  /** Deliveries before a message becomes a dead letter. */
  readonly maxAttempts?: number;
  /** Per-entity order across all replicas, at the cost of throughput. */
  readonly ordered?: boolean;
}

/** Thrown by a handler whose work is not due yet: tried again after `ms`. A minute of it counts as no attempt; more uses up a delivery. */
export class NotYet extends Error {
  readonly ms: number;
  constructor(ms: number) {
    super(`not due for ${ms} ms`);
    this.ms = ms;
  }
}

/** Delay before the next delivery: doubles from 250 ms to one minute, with jitter so that failures do not come back in step. */
export function backoff(attempt: number, random: number = Math.random()): number {
  const base = Math.min(60_000, 250 * 2 ** Math.max(0, attempt - 1));
  return Math.round(base / 2 + (base / 2) * random);
}
