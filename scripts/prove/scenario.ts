// What a scenario gets and gives back, and small helpers that they share.
import type { Acknowledged, Violation } from './audit/evidence.ts';
import type { Http } from './drive/http.ts';
import type { Instance } from './drive/instance.ts';
import { type Bought, type Refused, Shopper } from './drive/shopper.ts';
import type { Staff } from './drive/staff.ts';

/** Where people shop, and what they were told. */
export interface Street {
  readonly http: Http;
  readonly acknowledged: Acknowledged[];
}

export interface Stage extends Street {
  readonly instance: Instance;
  readonly staff: Staff;
}

export interface Tally {
  readonly confirmed: number;
  readonly refused: number;
  /** What the scenario itself found broken, besides what the auditor finds in the log. */
  readonly broken: readonly Violation[];
}

export interface Scenario {
  readonly key: string;
  readonly title: string;
  /** It has failed when it takes longer. */
  readonly limitMs: number;
  /** SKUs that it sells and how many of each come in. */
  readonly stock: Readonly<Record<string, number>>;
  run(stage: Stage): Promise<Tally>;
}

/** Minor units; everything in a proof costs the same. */
export const PRICE = 1_000;

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export const times = <T>(count: number, make: (n: number) => T): T[] => Array.from({ length: count }, (_, n) => make(n));

export const visitors = ({ http, acknowledged }: Street, count: number, patienceMs: number): Shopper[] =>
  times(count, () => new Shopper({ http, acknowledged, patienceMs }));

/** All items at once, at most `width` at a time. */
export async function inParallel<T, R>(
  items: readonly T[],
  width: number,
  work: (item: T, n: number) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let n = next++; n < items.length; n = next++) results[n] = await work(items[n] as T, n);
  };
  await Promise.all(times(Math.min(width, items.length), worker));
  return results;
}

export function count(results: readonly (Bought | Refused)[], status: string): number {
  return results.filter((result) => result.status === status).length;
}

/** Collects what a scenario expects and does not get. */
export class Expectations {
  readonly broken: Violation[] = [];

  expect(kept: boolean, about: string, detail: string): void {
    if (!kept) this.broken.push({ rule: 'scenario', about, detail });
  }

  equal(about: string, actual: unknown, expected: unknown): void {
    const [is, should] = [JSON.stringify(actual), JSON.stringify(expected)];
    this.expect(is === should, about, `is ${is}, should be ${should}`);
  }
}
