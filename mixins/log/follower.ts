// Follows one stream on this node for views, search, revocation and live push: the last message of every actor first,
// then everything as it is committed. One consumer per stream and node; each message is parsed once for all handlers.
import { type ConsumerMessages, DeliverPolicy, type JsMsg } from 'nats';
import type { Log } from './log.ts';
import { decodeMessage, type LogMessage } from './message.ts';

export type FollowHandler = (message: LogMessage) => void;

/** Short pulls: a restarted server is noticed after two missed heartbeats of half this time. */
const PULL_MS = 2_000;
const PREFETCH = 2_000;

interface Waiter {
  readonly seq: number;
  resolve(): void;
}

export class Follower {
  readonly stream: string;
  readonly #log: () => Log;
  readonly #onError: (error: unknown, message: LogMessage) => void;
  readonly #handlers: FollowHandler[] = [];
  readonly #waiters = new Set<Waiter>();
  #position = 0;
  #messages: ConsumerMessages | undefined;
  #markReady: () => void = () => {};
  readonly #ready = new Promise<void>((resolve) => {
    this.#markReady = resolve;
  });

  constructor(stream: string, log: () => Log, onError: (error: unknown, message: LogMessage) => void) {
    this.stream = stream;
    this.#log = log;
    this.#onError = onError;
  }

  get started(): boolean {
    return this.#messages !== undefined;
  }

  /** Adds a handler; it must be there before the follower starts, or it would miss the beginning. */
  add(handler: FollowHandler): void {
    this.#handlers.push(handler);
  }

  async start(): Promise<void> {
    const log = this.#log();
    const end = await log.end(this.stream);
    const consumer = await log.js.consumers.get(this.stream, {
      deliver_policy: DeliverPolicy.LastPerSubject,
      filterSubjects: '>',
    });
    this.#messages = await consumer.consume({
      max_messages: PREFETCH,
      expires: PULL_MS,
      callback: (message) => this.#deliver(message, end),
    });
    if (end === 0) this.#markReady();
    else await this.#readyIfNothingIsLeft(end);
  }

  /** Resolves when everything that was in the stream at start has been handled. */
  ready(): Promise<void> {
    return this.#ready;
  }

  /** Last stream sequence that every handler has seen. */
  position(): number {
    return this.#position;
  }

  /** Resolves true when `seq` has been handled, false after `timeout` milliseconds. */
  reached(seq: number, timeout: number): Promise<boolean> {
    if (this.#position >= seq) return Promise.resolve(true);
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#waiters.delete(waiter);
        resolve(false);
      }, timeout);
      const waiter: Waiter = {
        seq,
        resolve: () => {
          clearTimeout(timer);
          resolve(true);
        },
      };
      this.#waiters.add(waiter);
    });
  }

  async stop(): Promise<void> {
    await this.#messages?.close();
  }

  #deliver(raw: JsMsg, end: number): void {
    const message = decodeMessage(this.stream, raw.seq, raw.subject, raw.data);
    for (const handler of this.#handlers) {
      try {
        handler(message);
      } catch (error) {
        this.#onError(error, message);
      }
    }
    this.#position = Math.max(this.#position, raw.seq);
    if (raw.seq >= end || raw.info.pending === 0) this.#markReady();
    if (this.#waiters.size > 0) this.#wake();
  }

  #wake(): void {
    for (const waiter of this.#waiters) {
      if (this.#position < waiter.seq) continue;
      this.#waiters.delete(waiter);
      waiter.resolve();
    }
  }

  /** A stream whose messages were all purged has an end but nothing to deliver. */
  async #readyIfNothingIsLeft(end: number): Promise<void> {
    const { state } = await this.#log().jsm.streams.info(this.stream);
    if (state.messages > 0) return;
    this.#position = Math.max(this.#position, end);
    this.#markReady();
  }
}
