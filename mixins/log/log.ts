// The log of this node: one NATS connection, JetStream appends with compare-and-set, reads of single subjects.
// JetStream is the only source of truth; an append that returned is on the server's disk.
import {
  type ConnectionOptions,
  connect,
  DeliverPolicy,
  Events,
  headers,
  type JetStreamClient,
  type JetStreamManager,
  type MsgHdrs,
  type NatsConnection,
  nuid,
  type StoredMsg,
} from 'nats';
import { failure } from '../errors.ts';
import { durabilityWarning, featuresOf, type ServerFeatures } from './capabilities.ts';
import { decodeMessage, EVENTS_HEADER, encodeBody, eventTypes, type LogBody, type LogMessage } from './message.ts';
import { Publisher, PublishRefused, PublishUnknown } from './publisher.ts';
import { ensureStream, partitionNames, type StreamDeclaration } from './streams.ts';
import { SLOTS, slotOf, subjectOf } from './subject.ts';

/** Another writer was first: reload and decide again. Never leaves the actor host. */
export class WrongSequence extends Error {}

/** The step does not fit into one message: fewer commands at once may. Never leaves the actor host. */
export class TooLarge extends Error {}

const WRONG_SEQUENCE = 10071;
const STEP_LIMIT = 1_048_576;
const ATTEMPT_MS = 2_000;
const GIVE_UP_MS = 8_000;
/** What the headers of an append may need of the server's limit. */
const HEADER_BYTES = 1_024;

export interface LogOptions {
  readonly connection: ConnectionOptions;
  readonly replicas?: number;
}

type Query = { seq: number } | { last_by_subj: string } | { seq: number; next_by_subj: string };

interface Reads {
  getMessage(stream: string, query: Query): Promise<StoredMsg>;
}

interface ApiError {
  readonly api_error?: { readonly err_code?: number; readonly code?: number };
  readonly code?: string;
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function headersOf(values: Readonly<Record<string, string>>): MsgHdrs {
  const head = headers();
  for (const [name, value] of Object.entries(values)) head.set(name, value);
  return head;
}

export class Log {
  readonly nats: NatsConnection;
  readonly js: JetStreamClient;
  readonly jsm: JetStreamManager;
  readonly features: ServerFeatures;
  readonly #replicas: number;
  readonly #messages: Reads;
  readonly #publisher: Publisher;
  readonly #partitions = new Map<string, number>();

  private constructor(nats: NatsConnection, jsm: JetStreamManager, replicas: number) {
    this.nats = nats;
    this.js = nats.jetstream({ timeout: ATTEMPT_MS });
    this.jsm = jsm;
    this.features = featuresOf(nats.info?.version ?? '');
    this.#replicas = replicas;
    this.#publisher = new Publisher(nats, ATTEMPT_MS);
    void this.#noticeLosses();
    // Direct gets are quick, but any replica answers them, also one that lags: with replicas the leader is asked.
    // The manager has `direct`, its type does not name it, nor that a stream's own reads take `next_by_subj` (nats 2.29).
    const { direct, streams } = jsm as unknown as { direct: Reads; streams: Reads };
    this.#messages = replicas > 1 ? streams : direct;
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
    return new Log(nats, await nats.jetstreamManager({ timeout: ATTEMPT_MS }), options.replicas ?? 1);
  }

  get warning(): string | undefined {
    return durabilityWarning(this.features);
  }

  async declare(streams: readonly StreamDeclaration[]): Promise<void> {
    this.know(streams);
    for (const stream of streams) await ensureStream(this.jsm, stream, { replicas: this.#replicas, features: this.features });
  }

  /** Remembers which streams are partitioned, for a reader that declares nothing. */
  know(streams: readonly StreamDeclaration[]): void {
    for (const { name, partitions } of streams) if (partitions) this.#partitions.set(name, partitions);
  }

  /** The stream that holds an actor: `stream` itself, or one of its partitions. Sequences count per partition. */
  streamOf(stream: string, id: string): string {
    const partitions = this.#partitions.get(stream);
    return partitions === undefined ? stream : `${stream}_${Math.floor(slotOf(id) / (SLOTS / partitions))}`;
  }

  /** `stream` itself, or all its partitions. */
  partitionsOf(stream: string): string[] {
    const partitions = this.#partitions.get(stream);
    return partitionNames(partitions === undefined ? { name: stream } : { name: stream, partitions });
  }

  /**
   * Appends one step of an actor. `expected` is the sequence of the actor's last message, 0 for a new actor.
   * @returns the stream sequence of the step
   * @throws WrongSequence when another step is already there; TooLarge; LOG_UNAVAILABLE when the outcome stays unknown
   */
  async append(stream: string, id: string, body: LogBody, expected: number): Promise<number> {
    const subject = subjectOf(stream, id);
    const msgID = nuid.next();
    const data = encodeBody(body);
    // Steps stay small whatever the bus allows for images between nodes.
    if (data.length + HEADER_BYTES > Math.min(STEP_LIMIT, this.nats.info?.max_payload ?? STEP_LIMIT))
      throw new TooLarge(`${subject}: ${data.length} bytes`);
    const head = {
      'Nats-Msg-Id': msgID,
      'Nats-Expected-Last-Subject-Sequence': `${expected}`,
      [EVENTS_HEADER]: eventTypes(body),
    };
    for (let attempt = 0, deadline = Date.now() + GIVE_UP_MS; ; attempt++) {
      try {
        return (await this.#publisher.publish(subject, data, headersOf(head))).seq;
      } catch (error) {
        if (error instanceof PublishRefused && error.errCode === WRONG_SEQUENCE) {
          return this.#settleRefusal({ stream: this.streamOf(stream, id), subject, msgID, expected }, attempt);
        }
        await this.#again(error, deadline);
      }
    }
  }

  /** A retry may be refused because an earlier try got through: then the message behind `expected` is ours, whatever came after. */
  async #settleRefusal(
    sent: { stream: string; subject: string; msgID: string; expected: number },
    attempt: number,
  ): Promise<number> {
    if (attempt > 0) {
      const query = { seq: sent.expected + 1, next_by_subj: sent.subject };
      const next = await this.#get(() => this.#messages.getMessage(sent.stream, query));
      if (next?.header.get('Nats-Msg-Id') === sent.msgID) return next.seq;
    }
    throw new WrongSequence(sent.subject);
  }

  /** Publishes something that needs no compare-and-set, once per `msgID` within the stream's duplicate window. */
  async publish(subject: string, data: Uint8Array, msgID: string): Promise<{ seq: number; duplicate: boolean }> {
    for (const deadline = Date.now() + GIVE_UP_MS; ; ) {
      try {
        return await this.#publisher.publish(subject, data, headersOf({ 'Nats-Msg-Id': msgID }));
      } catch (error) {
        await this.#again(error, deadline);
      }
    }
  }

  /** Waits before another try of a publish with unknown outcome. @throws what can never succeed, LOG_UNAVAILABLE after the deadline */
  async #again(error: unknown, deadline: number): Promise<void> {
    if (!(error instanceof PublishUnknown) && !(error instanceof PublishRefused && error.code === 503)) throw error;
    if (Date.now() > deadline || this.nats.isClosed()) throw failure('LOG_UNAVAILABLE');
    await sleep(50 + Math.random() * 100);
  }

  /** The actor's last step, or undefined when it has none. */
  async last(stream: string, id: string): Promise<LogMessage | undefined> {
    const subject = subjectOf(stream, id);
    const home = this.streamOf(stream, id);
    const stored = await this.#getLast(home, subject);
    return stored && decodeMessage(home, stored.seq, stored.subject, stored.data);
  }

  /** The actor's steps from a stream sequence on, oldest first. */
  async *steps(stream: string, id: string, from = 1): AsyncGenerator<LogMessage> {
    const subject = subjectOf(stream, id);
    const home = this.streamOf(stream, id);
    for (let seq = from; ; ) {
      const stored = await this.#get(() => this.#messages.getMessage(home, { seq, next_by_subj: subject }));
      if (!stored) return;
      yield decodeMessage(home, stored.seq, stored.subject, stored.data);
      seq = stored.seq + 1;
    }
  }

  /** The actor's steps since a time (milliseconds), oldest first, up to its present last one. */
  async *stepsSince(stream: string, id: string, since: number): AsyncGenerator<LogMessage> {
    const home = this.streamOf(stream, id);
    const last = await this.last(stream, id);
    if (!last) return;
    const consumer = await this.js.consumers.get(home, {
      filterSubjects: subjectOf(stream, id),
      deliver_policy: DeliverPolicy.StartTime,
      opt_start_time: new Date(since).toISOString(),
    });
    if ((await consumer.info()).num_pending === 0) return;
    for await (const raw of await consumer.consume({ max_messages: 1_000 })) {
      yield decodeMessage(home, raw.seq, raw.subject, raw.data);
      if (raw.seq >= last.seq) return;
    }
  }

  /** A stored message as it is: by its sequence, or the first from there on whose subject fits. */
  stored(stream: string, seq: number, subject?: string): Promise<StoredMsg | undefined> {
    const query = subject === undefined ? { seq } : { seq, next_by_subj: subject };
    return this.#get(() => this.#messages.getMessage(stream, query));
  }

  /** One message by its sequence. */
  async at(stream: string, seq: number): Promise<LogMessage | undefined> {
    const stored = await this.#get(() => this.#messages.getMessage(stream, { seq }));
    return stored && decodeMessage(stream, stored.seq, stored.subject, stored.data);
  }

  /** Removes every step of an actor. Only for erasing personal data; refused by money streams. */
  async purge(stream: string, id: string): Promise<void> {
    await this.jsm.streams.purge(this.streamOf(stream, id), { filter: subjectOf(stream, id) });
  }

  /** Last sequence of a stream, summed over its partitions. */
  async end(stream: string): Promise<number> {
    const infos = await Promise.all(this.partitionsOf(stream).map((name) => this.jsm.streams.info(name)));
    return infos.reduce((sum, { state }) => sum + state.last_seq, 0);
  }

  /** What was on the wire when the connection broke is tried again at once instead of after its timeout. */
  async #noticeLosses(): Promise<void> {
    for await (const { type } of this.nats.status()) if (type === Events.Disconnect) this.#publisher.disconnected();
  }

  async close(): Promise<void> {
    this.#publisher.close();
    if (!this.nats.isClosed()) await this.nats.drain();
  }

  #getLast(stream: string, subject: string): Promise<StoredMsg | undefined> {
    return this.#get(() => this.#messages.getMessage(stream, { last_by_subj: subject }));
  }

  /** A read retried while the server is away: reading twice is harmless. */
  async #get(get: () => Promise<StoredMsg>): Promise<StoredMsg | undefined> {
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
