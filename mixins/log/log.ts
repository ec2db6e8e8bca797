// The log of this node: one NATS connection, JetStream appends with compare-and-set, reads of single subjects.
// JetStream is the only source of truth; an append that returned is on the server's disk.
import {
  type ConnectionOptions,
  connect,
  type JetStreamClient,
  type JetStreamManager,
  type NatsConnection,
  nuid,
  type PubAck,
  type StoredMsg,
} from 'nats';
import { failure } from '../errors.ts';
import { durabilityWarning, featuresOf, type ServerFeatures } from './capabilities.ts';
import { decodeMessage, encodeBody, type LogBody, type LogMessage } from './message.ts';
import { ensureStream, type StreamDeclaration } from './streams.ts';
import { subjectOf } from './subject.ts';

/** Another writer was first: reload and decide again. Never leaves the actor host. */
export class WrongSequence extends Error {}

const WRONG_SEQUENCE = 10071;
const ATTEMPT_MS = 2_000;
const GIVE_UP_MS = 8_000;

export interface LogOptions {
  readonly connection: ConnectionOptions;
  readonly replicas?: number;
}

/** Reads answered by any replica, without the API's queue. */
interface DirectReads {
  getMessage(
    stream: string,
    query: { seq: number } | { last_by_subj: string } | { seq: number; next_by_subj: string },
  ): Promise<StoredMsg>;
}

interface ApiError {
  readonly api_error?: { readonly err_code?: number; readonly code?: number };
  readonly code?: string;
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export class Log {
  readonly nats: NatsConnection;
  readonly js: JetStreamClient;
  readonly jsm: JetStreamManager;
  readonly features: ServerFeatures;
  readonly #replicas: number;
  readonly #messages: DirectReads;

  private constructor(nats: NatsConnection, jsm: JetStreamManager, replicas: number) {
    this.nats = nats;
    this.js = nats.jetstream({ timeout: ATTEMPT_MS });
    this.jsm = jsm;
    this.features = featuresOf(nats.info?.version ?? '');
    this.#replicas = replicas;
    // The manager has it, its type does not name it (nats 2.29).
    this.#messages = (jsm as JetStreamManager & { direct: DirectReads }).direct;
  }

  /** Connects and never gives up reconnecting afterwards; throws when the first connection fails. */
  static async connect(options: LogOptions): Promise<Log> {
    const nats = await connect({
      maxReconnectAttempts: -1,
      reconnectTimeWait: 250,
      pingInterval: 10_000,
      maxPingOut: 2,
      // The client would build an error with its stack for every request: a tenth of the purchase's CPU.
      noAsyncTraces: true,
      ...options.connection,
    });
    return new Log(nats, await nats.jetstreamManager(), options.replicas ?? 1);
  }

  get warning(): string | undefined {
    return durabilityWarning(this.features);
  }

  async declare(streams: readonly StreamDeclaration[]): Promise<void> {
    for (const stream of streams) await ensureStream(this.jsm, stream, { replicas: this.#replicas, features: this.features });
  }

  /**
   * Appends one step of an actor. `expected` is the sequence of the actor's last message, 0 for a new actor.
   * @returns the stream sequence of the step
   * @throws WrongSequence when another step is already there; LOG_UNAVAILABLE when the outcome stays unknown
   */
  async append(stream: string, id: string, body: LogBody, expected: number): Promise<number> {
    const subject = subjectOf(stream, id);
    const msgID = nuid.next();
    const data = encodeBody(body);
    const deadline = Date.now() + GIVE_UP_MS;
    for (let attempt = 0; ; attempt++) {
      try {
        const ack: PubAck = await this.js.publish(subject, data, { msgID, expect: { lastSubjectSequence: expected } });
        return ack.seq;
      } catch (error) {
        const refused = (error as ApiError).api_error;
        if (refused?.err_code === WRONG_SEQUENCE) return this.#settleRefusal(stream, subject, msgID, attempt);
        if (refused && refused.code !== 503) throw error;
        if (Date.now() > deadline || this.nats.isClosed()) throw failure('LOG_UNAVAILABLE');
        await sleep(50 + Math.random() * 100);
      }
    }
  }

  /** A retry may be refused because the first try got through: the last message tells whether it is ours. */
  async #settleRefusal(stream: string, subject: string, msgID: string, attempt: number): Promise<number> {
    if (attempt > 0) {
      const last = await this.#getLast(stream, subject);
      if (last?.header.get('Nats-Msg-Id') === msgID) return last.seq;
    }
    throw new WrongSequence(subject);
  }

  /** Publishes something that needs no compare-and-set, once per `msgID` within the stream's duplicate window. */
  async publish(subject: string, data: Uint8Array, msgID: string): Promise<{ seq: number; duplicate: boolean }> {
    const deadline = Date.now() + GIVE_UP_MS;
    for (;;) {
      try {
        const ack = await this.js.publish(subject, data, { msgID });
        return { seq: ack.seq, duplicate: ack.duplicate };
      } catch (error) {
        const refused = (error as ApiError).api_error;
        if (refused && refused.code !== 503) throw error;
        if (Date.now() > deadline || this.nats.isClosed()) throw failure('LOG_UNAVAILABLE');
        await sleep(50 + Math.random() * 100);
      }
    }
  }

  /** The actor's last step, or undefined when it has none. */
  async last(stream: string, id: string): Promise<LogMessage | undefined> {
    const subject = subjectOf(stream, id);
    const stored = await this.#getLast(stream, subject);
    return stored && decodeMessage(stream, stored.seq, stored.subject, stored.data);
  }

  /** The actor's steps from a stream sequence on, oldest first. */
  async *steps(stream: string, id: string, from = 1): AsyncGenerator<LogMessage> {
    const subject = subjectOf(stream, id);
    for (let seq = from; ; ) {
      const stored = await this.#direct(() => this.#messages.getMessage(stream, { seq, next_by_subj: subject }));
      if (!stored) return;
      yield decodeMessage(stream, stored.seq, stored.subject, stored.data);
      seq = stored.seq + 1;
    }
  }

  /** One message by its sequence. */
  async at(stream: string, seq: number): Promise<LogMessage | undefined> {
    const stored = await this.#direct(() => this.#messages.getMessage(stream, { seq }));
    return stored && decodeMessage(stream, stored.seq, stored.subject, stored.data);
  }

  /** Removes every step of an actor. Only for erasing personal data; refused by money streams. */
  async purge(stream: string, id: string): Promise<void> {
    await this.jsm.streams.purge(stream, { filter: subjectOf(stream, id) });
  }

  /** Last sequence of a stream. */
  async end(stream: string): Promise<number> {
    return (await this.jsm.streams.info(stream)).state.last_seq;
  }

  async close(): Promise<void> {
    if (!this.nats.isClosed()) await this.nats.drain();
  }

  #getLast(stream: string, subject: string): Promise<StoredMsg | undefined> {
    return this.#direct(() => this.#messages.getMessage(stream, { last_by_subj: subject }));
  }

  /** A direct get retried while the server is away: reading twice is harmless. */
  async #direct(get: () => Promise<StoredMsg>): Promise<StoredMsg | undefined> {
    const deadline = Date.now() + GIVE_UP_MS;
    for (;;) {
      try {
        return await get();
      } catch (error) {
        const { code, api_error } = error as ApiError;
        if (code === '404' || api_error?.code === 404) return undefined;
        if (Date.now() > deadline || this.nats.isClosed()) throw failure('LOG_UNAVAILABLE');
        await sleep(50 + Math.random() * 100);
      }
    }
  }
}
