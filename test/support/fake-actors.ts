// Actors without a log, for unit tests of what drives them: the same decide and evolve, kept in a map.
import type { Outcome } from '../../mixins/actor/actors.ts';
import type { ActorDefinition, Deciders, DomainEvent } from '../../mixins/actor/definition.ts';
import { newId } from '../../mixins/ids.ts';

type InputOf<D> = D extends (state: never, input: infer I, context: never) => unknown ? I : never;

export class FakeActors<S, E extends DomainEvent, D extends Deciders<S, E>> {
  readonly #definition: ActorDefinition<S, E, D>;
  readonly #kept = new Map<string, { state: S; version: number }>();
  now = 1_000_000;

  constructor(definition: ActorDefinition<S, E, D>) {
    this.#definition = definition;
  }

  #of(id: string): { state: S; version: number } {
    return this.#kept.get(id) ?? { state: this.#definition.initial(id), version: 0 };
  }

  async read(id: string): Promise<Outcome<S, E>> {
    const { state, version } = this.#of(id);
    return { state, version, events: [], seq: version };
  }

  async send<C extends keyof D & string>(id: string, command: C, input: InputOf<D[C]>): Promise<Outcome<S, E>> {
    const { state, version } = this.#of(id);
    const context = { now: this.now, by: 'test', version, newId };
    const events = this.#definition.decide[command]?.(state, input, context) ?? [];
    const after = events.reduce((current, event) => this.#definition.evolve(current, event), state);
    const next = events.length > 0 ? version + 1 : version;
    this.#kept.set(id, { state: after, version: next });
    return { state: after, version: next, events, seq: next };
  }
}
