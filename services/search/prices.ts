// The price ranges offered as a facet, in minor units.

const STEPS = [0, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000];

export interface PriceRange {
  readonly from: number;
  readonly to: number | null;
}

export const PRICE_RANGES: readonly PriceRange[] = STEPS.map((from, i) => ({ from, to: STEPS[i + 1] ?? null }));

/** Index in PRICE_RANGES of the range that a price lies in. */
export function rangeOf(amount: number): number {
  return STEPS.findLastIndex((from) => amount >= from);
}
