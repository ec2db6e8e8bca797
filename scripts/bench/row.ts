// One line of the table of numbers: what is measured, the bar, and the medians of its figures.

export interface Bar {
  /** Such as `orders/s`. */
  readonly unit: string;
  /** At least this much, or at most: lower is better. */
  readonly atLeast?: number;
  readonly atMost?: number;
}

export interface Measurement {
  readonly what: string;
  readonly bars: readonly Bar[];
  readonly runs: number;
  /** The figures of one run, in the order of the bars. */
  measure(): Promise<readonly number[]>;
}

export interface Figure extends Bar {
  readonly value: number;
  readonly reached: boolean;
  /** Every run, in order. */
  readonly all: readonly number[];
}

export interface Row {
  readonly what: string;
  readonly figures: readonly Figure[];
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** The value below which this share of all values lies. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export function isReached({ atLeast, atMost }: Bar, value: number): boolean {
  return (atLeast === undefined || value >= atLeast) && (atMost === undefined || value <= atMost);
}

export async function runMeasurement({ what, bars, runs, measure }: Measurement): Promise<Row> {
  const results: (readonly number[])[] = [];
  for (let run = 0; run < runs; run++) results.push(await measure());
  const figures = bars.map((bar, n): Figure => {
    const all = results.map((result) => result[n] ?? Number.NaN);
    const value = median(all);
    return { ...bar, value, reached: isReached(bar, value), all };
  });
  return { what, figures };
}
