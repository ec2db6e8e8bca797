// One live actor: its state, the sequence it stands on, and a queue. While an append is in flight commands queue up;
// the next step decides the whole queue in order and appends all resulting events as ONE message (group commit).
import { failure } from '../errors.ts';
import { newId } from '../ids.ts';
import { type Log, TooLarge, WrongSequence } from '../log/log.ts';
import type { Cause, LogBody, LoggedEvent, LogMessage } from '../log/message.ts';
import type { ActorDefinition, Deciders, DomainEvent } from './definition.ts';

/** More waiting commands than this on one actor are refused with 503. */
const MAX_QUEUE = 20_000;
/** Commands decided in one step: bounds the size of a message. */
const MAX_GROUP = 256;
const MAX_CONFLICTS = 40;

export interface Outcome<S, E> {
  readonly state: S;
  readonly events: readonly E[];
  /** Version after the command; 0 when the actor does not exist. */
  readonly version: number;
  /** Stream sequence of the actor's last step. */
  readonly seq: number;
}

export interface Command {
  readonly name: string;
  readonly input: unknown;
  readonly by: string;
  readonly cause: Cause;
  /** Historic time for imports; the wall clock otherwise. */
  readonly at: number | undefined;
}

interface Pending<S, E> {
  readonly command: Command | undefined;
  resolve(outcome: Outcome<S, E>): void;
  reject(error: unknown): void;
}

interface Decided<S, E> {
  readonly pending: Pending<S, E>;
  readonly events: readonly E[];
  readonly at: number;
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export class Mailbox<S, E extends DomainEvent> {
  readonly #id: string;
  readonly #definition: ActorDefinition<S, E, Deciders<S, E>>;
  readonly #log: Log;
  readonly #alone: () => boolean;
  readonly #era: () => number;
  /** The era in which the state was last confirmed by the log. */
  #confirmed = -1;
  #queue: Pending<S, E>[] = [];
  #running = false;
  #loaded = false;
  #invalidated = false;
  #state: S;
  #version = 0;
  #seq = 0;
  #snapshotSeq = 0;
  #sinceSnapshot = 0;

  /**
   * `alone` tells whether no other node hosts this domain, so that a loaded state cannot be stale; `era` changes whenever nodes come
   * or go: what was loaded beside another node may be stale even when that node is gone.
   */
  constructor(
    id: string,
    definition: ActorDefinition<S, E, Deciders<S, E>>,
    log: Log,
    { alone, era }: { readonly alone: () => boolean; readonly era: () => number },
  ) {
    this.#id = id;
    this.#definition = definition;
    this.#log = log;
    this.#alone = alone;
    this.#era = era;
    this.#state = definition.initial(id);
  }

  /** The state when it is certain and nothing is in flight: what an exact read may answer without queueing. */
  settled(): Outcome<S, E> | undefined {
    return this.#loaded && !this.#invalidated && !this.#running && this.#isCertain() ? this.#outcome([]) : undefined;
  }

  #isCertain(): boolean {
    return this.#alone() && this.#confirmed === this.#era();
  }

  /** Handles a command, or (without one) reads the state after everything queued before. */
  submit(command: Command | undefined): Promise<Outcome<S, E>> {
    if (this.#queue.length >= MAX_QUEUE) return Promise.reject(failure('CONTENTION', undefined, { retryAfter: 1 }));
    return new Promise((resolve, reject) => {
      this.#queue.push({ command, resolve, reject });
      if (this.#running) return;
      this.#running = true;
      // One microtask later, so that everything submitted in the same tick becomes one step.
      queueMicrotask(() => void this.#run());
    });
  }

  async #run(): Promise<void> {
    while (this.#queue.length > 0) {
      await this.#handle(this.#queue.splice(0, MAX_GROUP));
    }
    this.#running = false;
  }

  async #handle(group: readonly Pending<S, E>[]): Promise<void> {
    try {
      await this.#step(group);
    } catch (error) {
      this.#loaded = false;
      if (error instanceof TooLarge && group.length > 1) {
        const half = Math.ceil(group.length / 2);
        await this.#handle(group.slice(0, half));
        return this.#handle(group.slice(half));
      }
      const refusal = error instanceof TooLarge ? failure('BODY_TOO_LARGE', 'This is too much for one step') : error;
      for (const pending of group) pending.reject(refusal);
    }
  }

  /** The log was changed beside the actor (its subject was purged): nothing cached is trusted any more. */
  invalidate(): void {
    this.#invalidated = true;
  }

  async #step(group: readonly Pending<S, E>[]): Promise<void> {
    for (let conflicts = 0; ; conflicts++) {
      const era = this.#era();
      const fresh = !this.#loaded || this.#invalidated;
      if (fresh) await this.#load();
      if (fresh) this.#confirmed = era;
      const decided = this.#decide(group);
      const body = this.#bodyOf(decided);
      // Nothing to append means nothing confirms the state: a refusal must not rest on a state that another node has moved on from.
      if (body === undefined && !fresh && !this.#isCertain() && (await this.#isStale())) continue;
      if (body === undefined) return this.#answer(decided);
      try {
        this.#committed(body, await this.#log.append(this.#definition.stream, this.#id, body, this.#seq));
        this.#confirmed = era;
        return this.#answer(decided);
      } catch (error) {
        this.#loaded = false;
        if (!(error instanceof WrongSequence)) throw error;
        if (conflicts >= MAX_CONFLICTS) throw failure('CONTENTION', undefined, { retryAfter: 1 });
        await pause(Math.random() * Math.min(50, 2 * (conflicts + 1)));
      }
    }
  }

  /** Decides in order on the state so far. A refusal is answered only when the step's other events are decided on again or committed. */
  #decide(group: readonly Pending<S, E>[]): Decided<S, E>[] {
    const decided: Decided<S, E>[] = [];
    let version = this.#version;
    for (const pending of group) {
      const now = pending.command?.at ?? Date.now();
      let events: readonly E[] = [];
      try {
        if (pending.command) events = this.#ask(pending.command, version, now);
      } catch (error) {
        decided.push({ pending: { ...pending, resolve: () => pending.reject(error) }, events: [], at: now });
        continue;
      }
      // Outside the try: an event that cannot be applied leaves a half-changed state, so the whole step fails and is loaded again.
      for (const event of events) this.#state = this.#definition.evolve(this.#state, event);
      if (events.length > 0) version = this.#version + 1;
      decided.push({ pending, events, at: now });
    }
    return decided;
  }

  async #isStale(): Promise<boolean> {
    const era = this.#era();
    const last = await this.#log.last(this.#definition.stream, this.#id);
    if ((last?.seq ?? 0) !== this.#seq) {
      this.#loaded = false;
      return true;
    }
    this.#confirmed = era;
    return false;
  }

  #ask(command: Command, version: number, now: number): readonly E[] {
    const decider = this.#definition.decide[command.name];
    if (!decider) throw new Error(`No such command: ${command.name}`);
    return decider(this.#state, command.input, { now, by: command.by, version, newId: (prefix) => newId(prefix, now) });
  }

  #bodyOf(decided: readonly Decided<S, E>[]): LogBody | undefined {
    const acting = decided.filter((one) => one.events.length > 0);
    const [first] = acting;
    if (!first?.pending.command) return undefined;
    const { by, cause } = first.pending.command;
    const events: LoggedEvent[] = [];
    for (const { pending, events: own } of acting) {
      const command = pending.command;
      const same = command === undefined || (command.by === by && command.cause.request === cause.request);
      for (const event of own) events.push(same ? event : { ...event, by: command.by, cause: command.cause });
    }
    const { snapshotEvery = 1, summary } = this.#definition;
    const full = this.#version === 0 || this.#sinceSnapshot + 1 >= snapshotEvery;
    return {
      v: this.#version + 1,
      at: first.at,
      by,
      cause,
      events,
      ...(full ? { state: this.#state } : { snapshot: this.#snapshotSeq }),
      ...(summary ? { summary: summary(this.#state) } : {}),
    };
  }

  #committed(body: LogBody, seq: number): void {
    this.#version = body.v;
    this.#seq = seq;
    this.#sinceSnapshot = 'state' in body ? 0 : this.#sinceSnapshot + 1;
    if ('state' in body) this.#snapshotSeq = seq;
  }

  #answer(decided: readonly Decided<S, E>[]): void {
    for (const { pending, events } of decided) pending.resolve(this.#outcome(events));
  }

  #outcome(events: readonly E[]): Outcome<S, E> {
    return { state: this.#state, events, version: this.#version, seq: this.#seq };
  }

  async #load(): Promise<void> {
    const { stream } = this.#definition;
    this.#invalidated = false;
    const last = await this.#log.last(stream, this.#id);
    this.#state = this.#definition.initial(this.#id);
    this.#version = 0;
    this.#seq = 0;
    this.#sinceSnapshot = 0;
    this.#snapshotSeq = 0;
    if (last?.body.state !== undefined) this.#restore(last);
    else if (last) for await (const step of this.#log.steps(stream, this.#id, last.body.snapshot)) this.#restore(step);
    this.#loaded = true;
  }

  #restore(step: LogMessage): void {
    const { body, seq } = step;
    if (body.state !== undefined) this.#state = body.state as S;
    else for (const event of body.events) this.#state = this.#definition.evolve(this.#state, event as unknown as E);
    this.#committed(body, seq);
  }
}
