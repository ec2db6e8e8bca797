// Runs one reaction on this node. At least once: ack after success, nak with a growing delay after a failure,
// a dead letter (committed first) and term after the last attempt.
import { AckPolicy, type ConsumerConfig, type ConsumerMessages, DeliverPolicy, type JsMsg, nanos } from 'nats';
import type { Log } from '../log/log.ts';
import { decodeMessage, EVENTS_HEADER, type LogMessage } from '../log/message.ts';
import { SLOTS } from '../log/subject.ts';
import type { Origin } from '../meta.ts';
import { bury, deadLetterOf } from './dead-letters.ts';
import { backoff, NotYet, type ReactionDefinition, type ReactionHandler } from './definition.ts';

const ACK_WAIT_MS = 10_000;
const HEARTBEAT_MS = 4_000;
const PULL_MS = 2_000;
const ORDERED_GROUPS = 8;

export interface ReactionLogger {
  warn(fields: object, text: string): void;
  error(fields: object, text: string): void;
}

type AnyHandlers = Readonly<Record<string, ReactionHandler<unknown> | undefined>>;

export class Reaction {
  readonly name: string;
  readonly stream: string;
  readonly #on: AnyHandlers;
  readonly #ordered: boolean;
  readonly #concurrency: number;
  readonly #maxAttempts: number;
  readonly #logger: ReactionLogger;
  readonly #running = new Set<Promise<void>>();
  #consumers: ConsumerMessages[] = [];
  #log: Log | undefined;
  #stopping = false;

  constructor(definition: ReactionDefinition<never>, logger: ReactionLogger) {
    this.name = definition.name;
    this.stream = definition.stream;
    this.#on = definition.on as AnyHandlers;
    this.#ordered = definition.ordered === true;
    this.#concurrency = definition.concurrency ?? 64;
    this.#maxAttempts = definition.maxAttempts ?? 12;
    this.#logger = logger;
  }

  async start(log: Log): Promise<void> {
    this.#log = log;
    this.#stopping = false;
    for (const config of this.#configs(log)) await this.#consume(log, config);
  }

  /** Takes no more messages and waits for those in work. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await Promise.all(this.#consumers.map((consumer) => consumer.close()));
    this.#consumers = [];
    await Promise.allSettled(this.#running);
  }

  /** Handles one message by its sequence again, for a dead letter that an operator replays. */
  async replay(seq: number): Promise<void> {
    const message = await this.#log?.at(this.stream, seq);
    if (message) await this.#handle(message);
  }

  #configs(log: Log): ConsumerConfig[] {
    const shared = {
      ack_policy: AckPolicy.Explicit,
      ack_wait: nanos(ACK_WAIT_MS),
      deliver_policy: DeliverPolicy.All,
      // One more than we use ourselves: the server's limit only ends messages whose handler never answers.
      max_deliver: this.#maxAttempts + 1,
    } as ConsumerConfig;
    if (!this.#ordered) return [{ ...shared, durable_name: this.name, max_ack_pending: 4 * this.#concurrency }];
    const single = { ...shared, max_ack_pending: 1 };
    if (!log.features.filterSubjects) return [{ ...single, durable_name: this.name }];
    return Array.from({ length: ORDERED_GROUPS }, (_, group) => ({
      ...single,
      durable_name: `${this.name}-${group}`,
      filter_subjects: Array.from({ length: SLOTS / ORDERED_GROUPS }, (_, i) => {
        const slot = String(group * (SLOTS / ORDERED_GROUPS) + i).padStart(2, '0');
        return `${this.stream.toLowerCase()}.${slot}.*`;
      }),
    }));
  }

  async #consume(log: Log, config: ConsumerConfig): Promise<void> {
    const name = config.durable_name as string;
    const existing = await log.jsm.consumers.info(this.stream, name).catch(() => undefined);
    if (existing) await log.jsm.consumers.update(this.stream, name, config);
    else await log.jsm.consumers.add(this.stream, config);
    const consumer = await log.js.consumers.get(this.stream, name);
    const messages = await consumer.consume({ max_messages: this.#ordered ? 1 : this.#concurrency, expires: PULL_MS });
    this.#consumers.push(messages);
    void this.#pump(messages);
  }

  async #pump(messages: ConsumerMessages): Promise<void> {
    for await (const raw of messages) {
      if (this.#stopping) {
        raw.nak(100);
        continue;
      }
      if (!this.#concerns(raw)) {
        raw.ack();
        continue;
      }
      const message = decodeMessage(this.stream, raw.seq, raw.subject, raw.data);
      const work = this.#attempt(raw, message).finally(() => this.#running.delete(work));
      this.#running.add(work);
      if (this.#running.size >= this.#concurrency) await Promise.race(this.#running);
    }
  }

  /** Told by the header where there is one, without parsing the body. */
  #concerns(raw: JsMsg): boolean {
    const types = raw.headers?.get(EVENTS_HEADER);
    return types ? types.split(',').some((type) => this.#on[type]) : true;
  }

  async #attempt(raw: JsMsg, message: LogMessage): Promise<void> {
    const heartbeat = setInterval(() => raw.working(), HEARTBEAT_MS);
    try {
      await this.#handle(message);
      raw.ack();
    } catch (error) {
      await this.#failed(raw, message, error);
    } finally {
      clearInterval(heartbeat);
    }
  }

  async #handle(message: LogMessage): Promise<void> {
    for (const event of message.body.events) {
      const handler = this.#on[event.type];
      if (handler) await handler(event.data, message, originOf(message));
    }
  }

  async #failed(raw: JsMsg, message: LogMessage, error: unknown): Promise<void> {
    const attempts = raw.info.redeliveryCount;
    const fields = { reaction: this.name, stream: this.stream, seq: message.seq, actor: message.id, attempts, err: error };
    if (error instanceof NotYet && attempts < this.#maxAttempts) {
      raw.nak(error.ms);
      return;
    }
    if (attempts < this.#maxAttempts && !isPermanent(error)) {
      this.#logger.warn(fields, 'reaction failed, will try again');
      raw.nak(backoff(attempts));
      return;
    }
    this.#logger.error(fields, 'reaction gave up: dead letter');
    try {
      await bury(this.#log as Log, deadLetterOf(this.name, message, error, attempts, Date.now()));
      raw.term();
    } catch (buryError) {
      this.#logger.error({ ...fields, err: buryError }, 'dead letter could not be written, the message stays');
      raw.nak(backoff(attempts));
    }
  }
}

/** What the handlers of a message act on behalf of: the system, continuing the trace that caused the step. */
function originOf(message: LogMessage): Origin {
  const { request, trace } = message.body.cause;
  return { meta: { ...(request ? { requestId: request } : {}), ...(trace ? { traceparent: trace } : {}) } };
}

/** A refusal that can never turn out differently; anything unknown is worth another try. */
function isPermanent(error: unknown): boolean {
  const { type, code } = (error ?? {}) as { type?: unknown; code?: unknown };
  return type === 'INVALID_INPUT' && code === 422;
}
