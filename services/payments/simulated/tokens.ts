// From card details to a token, and from a token to what the card does. Nothing here keeps, returns or reports a number:
// an error names the field that is wrong, never its value.

import { paymentErrors } from '../payments.contract.ts';
import type { CardDetails, MethodSummary, Tokenised } from '../payments.schema.contract.ts';
import { BEHAVIOURS, type Behaviour, TEST_CARDS } from './cards.ts';

export interface SimulatedMethod {
  readonly behaviour: Behaviour;
  readonly summary: MethodSummary;
}

const BRANDS = new Set(TEST_CARDS.map((card) => card.brand));
const byNumber = new Map(TEST_CARDS.map((card) => [card.number, card]));
const byMethod = new Map(
  TEST_CARDS.flatMap((card) =>
    card.methods.map((method): [string, SimulatedMethod] => [
      method,
      { behaviour: BEHAVIOURS[card.does] ?? { first: 'decline' }, summary: { brand: card.brand, last4: card.number.slice(-4) } },
    ]),
  ),
);

/** The check digit that catches a mistyped number. */
export function luhn(digits: string): boolean {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = Number(digits[digits.length - 1 - i]);
    const doubled = i % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

const invalid = (reason: string, field: keyof CardDetails, detail: string) =>
  paymentErrors('CARD_INVALID', detail, { reason, field });

/** A card is good to the end of its month; a year of two digits is in this century. */
function checkExpiry({ expMonth, expYear }: CardDetails, now: number): void {
  if (!Number.isInteger(expMonth) || expMonth < 1 || expMonth > 12) {
    throw invalid('invalid_expiry_month', 'expMonth', "Your card's expiration month is invalid.");
  }
  const year = expYear < 100 ? 2000 + expYear : expYear;
  const ends = Number.isInteger(year) ? Date.UTC(year, expMonth, 1) : Number.NaN;
  if (!(ends > now) || year > new Date(now).getUTCFullYear() + 50) {
    throw invalid('invalid_expiry_year', 'expYear', "Your card's expiration year is invalid.");
  }
}

/**
 * A token for a published test card. `now` in milliseconds.
 * @throws CARD_INVALID with `reason` and `field`
 */
export function tokenise(details: CardDetails, now: number): Tokenised {
  const number = details.number.replace(/[ -]/g, '');
  if (!/^\d{12,19}$/.test(number) || !luhn(number)) {
    throw invalid('incorrect_number', 'number', 'Your card number is incorrect.');
  }
  const card = byNumber.get(number);
  if (!card) throw invalid('not_a_test_card', 'number', 'Only test cards can be used here, never a real one.');
  checkExpiry(details, now);
  if (!(card.brand === 'amex' ? /^\d{3,4}$/ : /^\d{3}$/).test(details.cvc)) {
    throw invalid('invalid_cvc', 'cvc', "Your card's security code is invalid.");
  }
  const { brand, does } = card;
  const last4 = number.slice(-4);
  return { paymentMethod: `pm_sim_${does}_${brand}_${last4}`, brand, last4 };
}

/** What a token stands for; undefined when this provider did not give it out. */
export function methodOf(token: string): SimulatedMethod | undefined {
  const published = byMethod.get(token);
  if (published) return published;
  const [, does = '', brand = '', last4 = ''] = /^pm_sim_([A-Za-z]+)_([a-z]+)_(\d{4})$/.exec(token) ?? [];
  const behaviour = Object.hasOwn(BEHAVIOURS, does) ? BEHAVIOURS[does] : undefined;
  return behaviour && BRANDS.has(brand) ? { behaviour, summary: { brand, last4 } } : undefined;
}
