// Rate, errors and duration by name. Counting is two additions per request; Prometheus' labels are made when it asks.

/** How something ended: done, refused by a rule, or failed on our side. */
export type Outcome = 'ok' | 'refused' | 'failed';

export interface Tally {
  ok: number;
  refused: number;
  failed: number;
  /** Sum of all durations. */
  seconds: number;
}

export class Red {
  readonly #tallies = new Map<string, Tally>();

  record(name: string, outcome: Outcome, seconds: number): void {
    let tally = this.#tallies.get(name);
    if (!tally) {
      tally = { ok: 0, refused: 0, failed: 0, seconds: 0 };
      this.#tallies.set(name, tally);
    }
    tally[outcome]++;
    tally.seconds += seconds;
  }

  entries(): IterableIterator<[string, Tally]> {
    return this.#tallies.entries();
  }
}

export function outcomeOf(status: number): Outcome {
  return status >= 500 ? 'failed' : status >= 400 ? 'refused' : 'ok';
}
