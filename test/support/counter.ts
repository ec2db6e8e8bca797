// A small actor for tests of what hosts actors: counts, remembers every key it was given, refuses below zero.
import { defineActor } from '../../mixins/actor/definition.ts';
import { failure } from '../../mixins/errors.ts';

export type CounterEvent =
  | { readonly type: 'counter.added'; readonly data: { readonly key: string; readonly by: number } }
  | { readonly type: 'counter.noted'; readonly data: { readonly text: string } };

export interface CounterState {
  readonly id: string;
  readonly total: number;
  readonly keys: readonly string[];
  readonly text: string;
}

const decide = {
  add(state: CounterState, { key, by }: { key: string; by: number }): CounterEvent[] {
    if (state.keys.includes(key)) return [];
    if (state.total + by < 0) throw failure('CONFLICT', 'below zero', { total: state.total });
    return [{ type: 'counter.added', data: { key, by } }];
  },
  note(_state: CounterState, { text }: { text: string }): CounterEvent[] {
    return [{ type: 'counter.noted', data: { text } }];
  },
};

function evolve(state: CounterState, event: CounterEvent): CounterState {
  switch (event.type) {
    case 'counter.added':
      return { ...state, total: state.total + event.data.by, keys: [...state.keys, event.data.key] };
    case 'counter.noted':
      if (event.data.text === 'poison') throw new Error('this event cannot be applied');
      return { ...state, text: event.data.text };
    default:
      return event satisfies never;
  }
}

const initial = (id: string): CounterState => ({ id, total: 0, keys: [], text: '' });

export const counterActor = defineActor({ stream: 'COUNTERS', initial, decide, evolve });
/** The same with its state in every fourth message only. */
export const sparseActor = defineActor({
  stream: 'COUNTERS',
  initial,
  decide,
  evolve,
  snapshotEvery: 4,
  summary: ({ total }) => ({ total }),
});
