// The simulated provider's own books: the stream LEDGER, one subject per intent, every effect one message. They are kept apart
// from our records on purpose, so that an auditor can compare what was really charged with what we believe.
import { LRUCache } from 'lru-cache';
import { failure } from '../../../mixins/errors.ts';
import type { Log } from '../../../mixins/log/log.ts';
import { encodeBody, type LogBody } from '../../../mixins/log/message.ts';
import { subjectOf } from '../../../mixins/log/subject.ts';
import type { BookEffect, SimulatedIntent } from './intent.ts';

export const LEDGER = 'LEDGER';

export interface Entry {
  readonly intent: SimulatedIntent;
  /** Effects so far. */
  readonly v: number;
  /** Stream sequence of the last effect. */
  readonly seq: number;
}

const WRONG_SEQUENCE = 10071;
const GIVE_UP_MS = 8_000;

interface Refusal {
  readonly api_error?: { readonly err_code?: number; readonly code?: number };
}

export class Books {
  readonly #log: () => Log;
  readonly #recent = new LRUCache<string, Entry>({ max: 2_000 });

  constructor(log: () => Log) {
    this.#log = log;
  }

  /** What this process wrote or read last; another process may have written since. */
  recent(intentId: string): Entry | undefined {
    return this.#recent.get(intentId);
  }

  /** The intent as it is in the books now. */
  async load(intentId: string): Promise<Entry | undefined> {
    const last = await this.#log().last(LEDGER, intentId);
    if (!last) return undefined;
    const entry: Entry = { intent: last.body.state as SimulatedIntent, v: last.body.v, seq: last.seq };
    this.#recent.set(intentId, entry);
    return entry;
  }

  /**
   * Writes one effect after `before`; undefined when somebody else wrote first.
   * @throws LOG_UNAVAILABLE when the outcome stays unknown; the same effect may be written again
   */
  async write(before: Entry | undefined, intent: SimulatedIntent, effect: BookEffect, at: number): Promise<Entry | undefined> {
    const v = (before?.v ?? 0) + 1;
    const seq = await this.#publish(intent.id, bodyOf(v, intent, effect, at), `${intent.id}:${effect.key}`, before?.seq ?? 0);
    if (seq === undefined) {
      this.#recent.delete(intent.id);
      return undefined;
    }
    const entry: Entry = { intent, v, seq };
    this.#recent.set(intent.id, entry);
    return entry;
  }

  /** The effect's key is the message id, so an effect whose answer was lost is not written twice. */
  async #publish(intentId: string, body: LogBody, msgID: string, expected: number): Promise<number | undefined> {
    const log = this.#log();
    const deadline = Date.now() + GIVE_UP_MS;
    const data = encodeBody(body);
    for (;;) {
      try {
        const options = { msgID, expect: { lastSubjectSequence: expected } };
        const ack = await log.js.publish(subjectOf(LEDGER, intentId), data, options);
        return ack.duplicate ? undefined : ack.seq;
      } catch (error) {
        const refused = (error as Refusal).api_error;
        if (refused?.err_code === WRONG_SEQUENCE) return undefined;
        if (refused && refused.code !== 503) throw error;
        if (Date.now() > deadline || log.nats.isClosed()) throw failure('LOG_UNAVAILABLE');
        await new Promise((resolve) => setTimeout(resolve, 50 + Math.random() * 100));
      }
    }
  }
}

function bodyOf(v: number, intent: SimulatedIntent, effect: BookEffect, at: number): LogBody {
  const { id, orderId, attempt, currency } = intent;
  const data = { intentId: id, orderId, attempt, amount: effect.amount, currency, key: effect.key };
  return { v, at, by: 'provider', cause: {}, events: [{ type: effect.type, data }], state: intent };
}
