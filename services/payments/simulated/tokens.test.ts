// Test cards become tokens; what is wrong with a card is said without repeating its number.

import { BEHAVIOURS, TEST_CARDS } from './cards.ts';
import { luhn, methodOf, tokenise } from './tokens.ts';

const NOW = Date.UTC(2026, 10, 20);
const good = { number: '4242424242424242', expMonth: 12, expYear: 2034, cvc: '123' };
const refusal = (details: Partial<typeof good>) => {
  try {
    return tokenise({ ...good, ...details }, NOW);
  } catch (error) {
    return error as { type: string; message: string; data: { reason: string; field: string } };
  }
};

describe('every published card', () => {
  it.each(TEST_CARDS.map((card) => [card.number, card] as const))(
    '%s has a valid check digit, a known behaviour and a working token',
    (number, card) => {
      expect(luhn(number)).toBe(true);
      expect(Object.keys(BEHAVIOURS)).toContain(card.does);
      const { paymentMethod, last4 } = tokenise({ ...good, number }, NOW);
      expect(paymentMethod).not.toContain(number);
      expect(paymentMethod.replace(last4, '')).not.toMatch(/\d/);
      expect(methodOf(paymentMethod)).toEqual({
        behaviour: BEHAVIOURS[card.does],
        summary: { brand: card.brand, last4: number.slice(-4) },
      });
      for (const method of card.methods) expect(methodOf(method)).toEqual(methodOf(paymentMethod));
    },
  );

  it('is listed once, and so is every method', () => {
    expect(new Set(TEST_CARDS.map((card) => card.number)).size).toBe(TEST_CARDS.length);
    const methods = TEST_CARDS.flatMap((card) => card.methods);
    expect(new Set(methods).size).toBe(methods.length);
  });
});

it.each([
  ['pm_card_visa', 'authorise', undefined],
  ['pm_card_mastercard', 'authorise', undefined],
  ['pm_card_amex', 'authorise', undefined],
  ['pm_card_visa_chargeDeclined', 'decline', 'generic_decline'],
  ['pm_card_visa_chargeDeclinedInsufficientFunds', 'decline', 'insufficient_funds'],
  ['pm_card_visa_chargeDeclinedLostCard', 'decline', 'lost_card'],
  ['pm_card_visa_chargeDeclinedStolenCard', 'decline', 'stolen_card'],
  ['pm_card_chargeDeclinedExpiredCard', 'decline', 'expired_card'],
  ['pm_card_chargeDeclinedIncorrectCvc', 'decline', 'incorrect_cvc'],
  ['pm_card_chargeDeclinedProcessingError', 'decline', 'processing_error'],
  ['pm_card_visa_chargeDeclinedVelocityLimitExceeded', 'decline', 'card_velocity_exceeded'],
  ['pm_card_authenticationRequired', 'challenge', undefined],
  ['pm_card_authenticationRequiredChargeDeclinedInsufficientFunds', 'challenge', 'insufficient_funds'],
])('%s behaves as published', (method, first, code) => {
  expect(methodOf(method)?.behaviour).toMatchObject(code ? { first, code } : { first });
});

it('accepts the number with spaces and a year of two digits', () => {
  expect(refusal({ number: '4242 4242 4242 4242', expYear: 34 })).toEqual({
    paymentMethod: 'pm_sim_ok_visa_4242',
    brand: 'visa',
    last4: '4242',
  });
});

it.each([
  ['a wrong check digit', { number: '4242424242424241' }, 'incorrect_number', 'number'],
  ['letters', { number: '4242abcd42424242' }, 'incorrect_number', 'number'],
  ['nothing', { number: '' }, 'incorrect_number', 'number'],
  ['a card that is not a published test card', { number: '4539578763621486' }, 'not_a_test_card', 'number'],
  ['month 13', { expMonth: 13 }, 'invalid_expiry_month', 'expMonth'],
  ['half a month', { expMonth: 1.5 }, 'invalid_expiry_month', 'expMonth'],
  ['last month', { expMonth: 10, expYear: 2026 }, 'invalid_expiry_year', 'expYear'],
  ['a year in the far future', { expYear: 2099 }, 'invalid_expiry_year', 'expYear'],
  ['no year', { expYear: Number.NaN }, 'invalid_expiry_year', 'expYear'],
  ['a code of two digits', { cvc: '12' }, 'invalid_cvc', 'cvc'],
  ['four digits on a card that has three', { cvc: '1234' }, 'invalid_cvc', 'cvc'],
])('refuses %s, naming the field and not the value', (_title, details, reason, field) => {
  const error = refusal(details);
  expect(error).toMatchObject({ type: 'CARD_INVALID', data: { reason, field } });
  expect(JSON.stringify(error) + String(error)).not.toMatch(/\d{4}(?!2)/);
});

it('accepts a card until the end of its month, and four digits on American Express', () => {
  expect(refusal({ expMonth: 11, expYear: 2026 })).toHaveProperty('paymentMethod');
  expect(refusal({ number: '378282246310005', cvc: '1234' })).toMatchObject({ paymentMethod: 'pm_sim_ok_amex_0005' });
});

it.each(['pm_card_unheard', 'pm_sim_ok_visa', 'pm_sim_constructor_visa_4242', 'pm_sim_ok_martian_4242', '4242424242424242', ''])(
  'does not know %s',
  (token) => {
    expect(methodOf(token)).toBeUndefined();
  },
);
