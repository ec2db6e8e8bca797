// Money is integer minor units with an ISO 4217 code. The shop sells in one currency.
import * as z from 'zod';

/** The currency of every price in the shop. */
export const CURRENCY = 'GBP';

export const Money = z.object({
  /** Minor units, such as pence. */
  amount: z.int().min(0).max(Number.MAX_SAFE_INTEGER),
  currency: z.literal(CURRENCY),
});
export type Money = z.output<typeof Money>;

export function money(amount: number): Money {
  return { amount, currency: CURRENCY };
}
