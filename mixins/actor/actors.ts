// Hosts the actors of one definition on this node: an LRU of live mailboxes, commands and exact reads.
import { LRUCache } from 'lru-cache';
import type { Log } from '../log/log.ts';
import { advance } from '../log/position.ts';
import type { Origin } from '../meta.ts';
import { actingAs } from '../principal.ts';
import type { ActorDefinition, Deciders, DomainEvent } from './definition.ts';
import { Mailbox, type Outcome } from './mailbox.ts';

export type { Outcome } from './mailbox.ts';

/** The host of a given definition, for places that take one as a parameter. */
export type ActorsOf<Definition> = Definition extends ActorDefinition<infer S, infer E, infer D> ? Actors<S, E, D> : never;

export interface ActorsOptions {
  /** Live actors kept per definition. */
  readonly keep?: number;
  /** True while no other node hosts this domain: then a cached actor cannot be stale. */
  alone(): boolean;
  /** A number that changes whenever nodes come or go. */
  era?(): number;
}

type InputOfDecider<D> = D extends (state: never, input: infer I, context: never) => unknown ? I : never;

export class Actors<S, E extends DomainEvent, D extends Deciders<S, E>> {
  readonly #definition: ActorDefinition<S, E, D>;
  readonly #log: () => Log;
  readonly #certainty: { readonly alone: () => boolean; readonly era: () => number };
  readonly #idle: LRUCache<string, Mailbox<S, E>>;
  /** Actors with work in flight are never evicted: a second mailbox for one actor would only conflict with the first. */
  readonly #busy = new Map<string, { mailbox: Mailbox<S, E>; uses: number }>();

  constructor(definition: ActorDefinition<S, E, D>, log: () => Log, options: ActorsOptions) {
    this.#definition = definition;
    this.#log = log;
    this.#certainty = { alone: options.alone, era: options.era ?? (() => 0) };
    this.#idle = new LRUCache({ max: options.keep ?? 5_000 });
  }

  /**
   * Handles one command and returns when its events are in the log (or when there was nothing to do).
   * @throws the domain's refusal, CONTENTION, LOG_UNAVAILABLE
   */
  async send<C extends keyof D & string>(
    id: string,
    command: C,
    input: InputOfDecider<D[C]>,
    origin: Origin,
  ): Promise<Outcome<S, E>> {
    const { meta } = origin;
    const cause = {
      ...(meta.requestId ? { request: meta.requestId } : {}),
      ...(meta.traceparent ? { trace: meta.traceparent } : {}),
      ...(meta.historic ? { historic: meta.historic.at } : {}),
    };
    const outcome = await this.#use(id, (mailbox) =>
      mailbox.submit({ name: command, input, by: actingAs(meta.principal), cause, at: meta.historic?.at }),
    );
    // Read again: a call that returned meanwhile may have replaced the context's meta.
    if (outcome.events.length > 0) {
      const stream = this.#log().streamOf(this.#definition.stream, id);
      origin.meta.position = advance(origin.meta.position, stream, outcome.seq);
    }
    return outcome;
  }

  /** The state as it is in the log now, including everything that was acknowledged before. Version 0: it does not exist. */
  read(id: string): Promise<Outcome<S, E>> {
    return this.#use(id, async (mailbox) => mailbox.settled() ?? mailbox.submit(undefined));
  }

  /** Drops what is cached of an actor, after its subject was purged. */
  forget(id: string): void {
    this.#idle.delete(id);
    this.#busy.get(id)?.mailbox.invalidate();
  }

  async #use(id: string, work: (mailbox: Mailbox<S, E>) => Promise<Outcome<S, E>>): Promise<Outcome<S, E>> {
    let entry = this.#busy.get(id);
    if (!entry) {
      entry = { mailbox: this.#idle.get(id) ?? new Mailbox(id, this.#definition, this.#log(), this.#certainty), uses: 0 };
      this.#busy.set(id, entry);
    }
    entry.uses++;
    try {
      return await work(entry.mailbox);
    } finally {
      if (--entry.uses === 0) {
        this.#busy.delete(id);
        this.#idle.set(id, entry.mailbox);
      }
    }
  }
}
