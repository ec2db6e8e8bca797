// The simulated provider's own books: the stream LEDGER, one subject per intent, every effect one message. They are kept apart
// from our records on purpose, so that an auditor can compare what was really charged with what we believe.
import { LRUCache } from 'lru-cache';
import { headers, type NatsConnection } from 'nats';
import { failure } from '../../../mixins/errors.ts';
import type { Log } from '../../../mixins/log/log.ts';
import { encodeBody, type LogBody } from '../../../mixins/log/message.ts';
import { Publisher, PublishRefused, PublishUnknown } from '../../../mixins/log/publisher.ts';
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
const ATTEMPT_MS = 2_000;
const GIVE_UP_MS = 8_000;

export class Books {
  readonly #log: () => Log;
  readonly #recent = new LRUCache<string, Entry>({ max: 2_000 });
  #publisher: Publisher | undefined;

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

  close(): void {
    this.#publisher?.close();
  }

  /** The effect's key is the message id, so an effect whose answer was lost is not written twice. */
  async #publish(intentId: string, body: LogBody, msgID: string, expected: number): Promise<number | undefined> {
    const { nats } = this.#log();
    const head = headers();
    head.set('Nats-Msg-Id', msgID);
    head.set('Nats-Expected-Last-Subject-Sequence', `${expected}`);
    const data = encodeBody(body);
    for (const deadline = Date.now() + GIVE_UP_MS; ; ) {
      try {
        const answer = await this.#publishing(nats).publish(subjectOf(LEDGER, intentId), data, head);
        return answer.duplicate ? undefined : answer.seq;
      } catch (error) {
        if (error instanceof PublishRefused && error.errCode === WRONG_SEQUENCE) return undefined;
        const unknown = error instanceof PublishUnknown || (error instanceof PublishRefused && error.code === 503);
        if (!unknown) throw error;
        if (Date.now() > deadline || nats.isClosed()) throw failure('LOG_UNAVAILABLE');
        await new Promise((resolve) => setTimeout(resolve, 50 + Math.random() * 100));
      }
    }
  }

  #publishing(nats: NatsConnection): Publisher {
    this.#publisher ??= new Publisher(nats, ATTEMPT_MS);
    return this.#publisher;
  }
}

function bodyOf(v: number, intent: SimulatedIntent, effect: BookEffect, at: number): LogBody {
  const { id, orderId, attempt, currency } = intent;
  const data = { intentId: id, orderId, attempt, amount: effect.amount, currency, key: effect.key };
  return { v, at, by: 'provider', cause: {}, events: [{ type: effect.type, data }], state: intent };
}
