// Runs one reaction on this node. At least once: ack after success, nak with a growing delay after a failure,
// a dead letter (committed first) and term after the last attempt.
import type { JsMsg } from 'nats';
import { failure } from '../errors.ts';
import type { Log } from '../log/log.ts';
import { decodeMessage, EVENTS_HEADER, type LogMessage } from '../log/message.ts';
import { idOfSubject } from '../log/subject.ts';
import type { Origin } from '../meta.ts';
import { type ConsumerPlan, consumerInfo, consumersOf, openConsumer } from './consumers.ts';
import { bury, deadLetterOf } from './dead-letters.ts';
import { backoff, NotYet, type ReactionDefinition, type ReactionHandler } from './definition.ts';
import { Pump } from './pump.ts';

export interface ReactionLogger {
  info(fields: object, text: string): void;
  warn(fields: object, text: string): void;
  error(fields: object, text: string): void;
}

type AnyHandlers = Readonly<Record<string, ReactionHandler<unknown> | undefined>>;

export class Reaction {
  readonly name: string;
  readonly stream: string;
  readonly #plan: ConsumerPlan;
  readonly #on: AnyHandlers;
  readonly #logger: ReactionLogger;
  #pumps: Pump[] = [];
  #log: Log | undefined;

  constructor(definition: ReactionDefinition<never>, logger: ReactionLogger) {
    const { name, stream, on, ordered = false, concurrency = 64, maxAttempts = 12 } = definition;
    this.name = name;
    this.stream = stream;
    this.#plan = { name, stream, ordered, concurrency, maxAttempts };
    this.#on = on as AnyHandlers;
    this.#logger = logger;
  }

  async start(log: Log): Promise<void> {
    this.#log = log;
    const pumps = await Promise.all(log.partitionsOf(this.stream).map((partition) => this.#startOn(log, partition)));
    this.#pumps = pumps.flat();
  }

  async #startOn(log: Log, stream: string): Promise<Pump[]> {
    const wanted = consumersOf(this.#plan, log);
    const former = wanted.length > 1 ? () => consumerInfo(log, stream, this.name) : async () => undefined;
    const pumps = await Promise.all(
      wanted.map((config) =>
        Pump.start({
          limit: this.#plan.ordered ? 1 : this.#plan.concurrency,
          open: async () => {
            const floor = (await former())?.ack_floor.stream_seq;
            return openConsumer(log, stream, config, floor, (changed) => this.#drifted(config.durable_name, stream, changed));
          },
          work: (raw) => this.#work(raw),
          onError: (error) => this.#logger.error({ reaction: this.name, err: error }, 'a reaction has trouble with the log'),
        }),
      ),
    );
    // Groups have taken over its work; left behind, it would count as lagging for ever.
    const takenOver = pumps.every((pump) => pump.opened) && (await former());
    if (takenOver) await log.jsm.consumers.delete(stream, this.name);
    return pumps;
  }

  /** Takes no more messages and waits for those in work. */
  async stop(): Promise<void> {
    await Promise.all(this.#pumps.splice(0).map((pump) => pump.stop()));
  }

  /** Messages that are not handled yet, by any node; those of no concern to the reaction included. */
  async lag(): Promise<number> {
    const log = this.#log;
    if (!log) return 0;
    const names = consumersOf(this.#plan, log).map((config) => config.durable_name);
    const partitions = log.partitionsOf(this.stream);
    const infos = await Promise.all(partitions.flatMap((stream) => names.map((name) => consumerInfo(log, stream, name))));
    return infos.reduce((sum, info) => sum + (info ? info.num_pending + info.num_ack_pending : 0), 0);
  }

  /**
   * Handles one message by its sequence again, for a dead letter that an operator replays. `stream` is the partition where it lies.
   * @throws NOT_FOUND when the log does not hold it any more, and whatever the handler throws
   */
  async replay(seq: number, stream: string = this.stream): Promise<void> {
    const message = await this.#log?.at(stream, seq);
    if (!message) throw failure('NOT_FOUND', 'The log does not hold this message any more', { stream, seq });
    await this.#handle(message);
  }

  async #work(raw: JsMsg): Promise<number | undefined> {
    if (!this.#concerns(raw)) {
      raw.ack();
      return undefined;
    }
    const { deliveryCount } = raw.info;
    try {
      // Every attempt was answered by an ack or a nak; one more delivery means that the last attempt ended its process.
      if (deliveryCount > this.#plan.maxAttempts) throw new Error('The last attempt never answered');
      await this.#handle(stepOf(raw));
      raw.ack();
      return undefined;
    } catch (error) {
      if (error instanceof NotYet) return error.ms;
      await this.#failed(raw, deliveryCount, error);
      return undefined;
    }
  }

  /** Told by the header where there is one, without parsing the body. */
  #concerns(raw: JsMsg): boolean {
    const types = raw.headers?.get(EVENTS_HEADER);
    return types ? types.split(',').some((type) => this.#on[type]) : true;
  }

  async #handle(message: LogMessage): Promise<void> {
    for (const event of message.body.events) {
      const handler = this.#on[event.type];
      if (handler) await handler(event.data, message, originOf(message));
    }
  }

  async #failed(raw: JsMsg, attempts: number, error: unknown): Promise<void> {
    const actor = idOfSubject(raw.subject);
    const { stream } = raw.info;
    const fields = { reaction: this.name, stream, seq: raw.seq, actor, attempts, err: error };
    if (attempts < this.#plan.maxAttempts && !isPermanent(error)) {
      this.#logger.warn(fields, 'reaction failed, will try again');
      raw.nak(backoff(attempts));
      return;
    }
    this.#logger.error(fields, 'reaction gave up: dead letter');
    try {
      const origin = { reaction: this.name, stream, seq: raw.seq, actor };
      await bury(this.#log as Log, deadLetterOf(origin, error, attempts, Date.now()));
      raw.term();
    } catch (buryError) {
      this.#logger.error({ ...fields, err: buryError }, 'dead letter could not be written, the message stays');
      raw.nak(backoff(attempts));
    }
  }

  #drifted(consumer: string, stream: string, changed: string[]): void {
    this.#logger.info({ consumer, stream, changed }, 'consumer settings have changed and were applied');
  }
}

/** What the handlers of a message act on behalf of: the system, continuing the trace, and the historic time, that caused the step. */
function originOf(message: LogMessage): Origin {
  const { request, trace, historic } = message.body.cause;
  const time = historic === undefined ? {} : { historic: { at: historic } };
  return { meta: { ...(request ? { requestId: request } : {}), ...(trace ? { traceparent: trace } : {}), ...time } };
}

/** @throws INVALID_INPUT for something that no actor wrote: it will never be readable */
function stepOf(raw: JsMsg): LogMessage {
  try {
    return decodeMessage(raw.info.stream, raw.seq, raw.subject, raw.data);
  } catch {
    throw failure('INVALID_INPUT', 'This message is not a step of an actor');
  }
}

/** A refusal that can never turn out differently; anything unknown is worth another try. */
function isPermanent(error: unknown): boolean {
  const { type, code } = (error ?? {}) as { type?: unknown; code?: unknown };
  return type === 'INVALID_INPUT' && code === 422;
}
