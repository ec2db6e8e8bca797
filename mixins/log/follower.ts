// Follows one stream on this node for views, search, revocation and live push: the last message of every actor first,
// then everything as it is committed. One consumer per stream and node; each message is parsed once for all handlers.
import { type ConsumerMessages, DeliverPolicy, Events, type JsMsg } from 'nats';
import type { Log } from './log.ts';
import { decodeMessage, type LogMessage } from './message.ts';
import { Waiters } from './waiters.ts';

export type FollowHandler = (message: LogMessage) => void;

export interface FollowerOptions {
  readonly stream: string;
  log(): Log;
  onError(error: unknown, seq: number): void;
  /** The log ends before what was already seen: its server has lost messages, and whatever was built from them is wrong. */
  onLost(stream: string, seen: number, end: number): void;
  /** Sequence to begin behind; without it, the last message of every actor comes first. */
  readonly after?: number;
}

/** Short pulls: a restarted server is noticed after two missed heartbeats of half this time. */
const PULL_MS = 2_000;
const PREFETCH = 2_000;

export class Follower {
  readonly stream: string;
  readonly #options: FollowerOptions;
  readonly #handlers: FollowHandler[] = [];
  readonly #waiters = new Waiters();
  #position: number;
  #end = Number.POSITIVE_INFINITY;
  #starting: Promise<void> | undefined;
  #messages: ConsumerMessages | undefined;
  #stopped = false;
  #markReady: () => void = () => {};
  readonly #ready = new Promise<void>((resolve) => {
    this.#markReady = resolve;
  });

  constructor(options: FollowerOptions) {
    this.stream = options.stream;
    this.#options = options;
    this.#position = options.after ?? 0;
  }

  get started(): boolean {
    return this.#starting !== undefined;
  }

  /** Adds a handler; it must be there before the follower starts, or it would miss the beginning. */
  add(handler: FollowHandler): void {
    this.#handlers.push(handler);
  }

  /** Starts once, however often it is asked: two consumers would give the handlers old messages after new ones. */
  start(): Promise<void> {
    this.#starting ??= this.#start();
    return this.#starting;
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
    return this.#position >= seq ? Promise.resolve(true) : this.#waiters.wait(seq, timeout);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#starting?.catch(() => {});
    await this.#messages?.close();
  }

  async #start(): Promise<void> {
    const log = this.#options.log();
    const { state } = await log.jsm.streams.info(this.stream);
    this.#end = state.last_seq;
    const { after } = this.#options;
    const consumer = await log.js.consumers.get(this.stream, {
      ...(after === undefined ? { deliver_policy: DeliverPolicy.LastPerSubject } : { opt_start_seq: after + 1 }),
      filterSubjects: '>',
    });
    void this.#watch(log);
    this.#messages = await consumer.consume({ max_messages: PREFETCH, expires: PULL_MS, callback: (raw) => this.#deliver(raw) });
    // Nothing to deliver: an empty stream, one whose messages were purged, or all of it known already.
    if (state.messages === 0 || this.#position >= this.#end) this.#caughtUp();
    else await this.#readyIfPurged(log);
  }

  #deliver(raw: JsMsg): void {
    try {
      const message = decodeMessage(this.stream, raw.seq, raw.subject, raw.data);
      for (const handler of this.#handlers) this.#give(handler, message);
    } catch (error) {
      // Not a step of an actor: passed over, since an exception here would end the consumer.
      this.#options.onError(error, raw.seq);
    }
    this.#position = Math.max(this.#position, raw.seq);
    if (raw.seq >= this.#end || raw.info.pending === 0) this.#caughtUp();
    this.#waiters.reached(this.#position);
  }

  #give(handler: FollowHandler, message: LogMessage): void {
    try {
      handler(message);
    } catch (error) {
      this.#options.onError(error, message.seq);
    }
  }

  #caughtUp(): void {
    // The last messages of the stream may have been purged: there is nothing more to come up to its end.
    if (Number.isFinite(this.#end)) this.#position = Math.max(this.#position, this.#end);
    this.#end = 0;
    this.#markReady();
    this.#waiters.reached(this.#position);
  }

  /** What was still to come when it started may have been purged meanwhile. */
  async #readyIfPurged(log: Log): Promise<void> {
    const { state } = await log.jsm.streams.info(this.stream);
    if (state.messages === 0) this.#caughtUp();
  }

  async #watch(log: Log): Promise<void> {
    for await (const { type } of log.nats.status()) {
      if (this.#stopped) return;
      if (type !== Events.Reconnect) continue;
      const seen = this.#position;
      const end = await log.end(this.stream).catch(() => seen);
      if (end < seen && !this.#stopped) this.#options.onLost(this.stream, seen, end);
    }
  }
}
