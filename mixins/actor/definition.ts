// What a domain supplies to become an actor: pure functions only. No I/O, no clock and no random in them;
// the time and new ids arrive in the context.

export interface DomainEvent {
  readonly type: string;
  readonly data: unknown;
}

/** Everything a decision may know besides the state and its input. */
export interface DecideContext {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Account, guest or service that asked. */
  readonly by: string;
  /** The actor's version before this command; 0 means it does not exist yet. */
  readonly version: number;
  newId(prefix: string): string;
}

/** Returns the events that the command causes, none when it is already done; throws a SoukError to refuse. */
export type Decider<S, E, I> = (state: S, input: I, context: DecideContext) => readonly E[];

// biome-ignore lint/suspicious/noExplicitAny: a table of deciders is invariant in its input; `any` is the only common supertype.
export type Deciders<S, E> = Readonly<Record<string, Decider<S, E, any>>>;

export interface ActorDefinition<S, E extends DomainEvent, D extends Deciders<S, E>> {
  /** Stream in upper case, such as `STOCK`; subjects start with it in lower case. */
  readonly stream: string;
  initial(id: string): S;
  readonly decide: D;
  /** Applies one event. May change `state` in place when copying would be too slow (stock); the host never keeps an older reference. */
  evolve(state: S, event: E): S;
  /** Messages between two full states; 1 (the default) writes the state into every message. */
  readonly snapshotEvery?: number;
  /** Small JSON written into every message for views, needed when the state is not in each of them. */
  summary?(state: S): object;
}

export function defineActor<S, E extends DomainEvent, const D extends Deciders<S, E>>(
  definition: ActorDefinition<S, E, D>,
): ActorDefinition<S, E, D> {
  return definition;
}

/** Given events, what is the state? For tests and replays. */
export function replay<S, E extends DomainEvent>(
  definition: Pick<ActorDefinition<S, E, Deciders<S, E>>, 'initial' | 'evolve'>,
  id: string,
  events: readonly E[],
): S {
  return events.reduce((state, event) => definition.evolve(state, event), definition.initial(id));
}
