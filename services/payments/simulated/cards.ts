// The test cards and test payment methods that Stripe publishes, and what each of them does. Only these are accepted, so a
// real card number cannot be paid with here, and a token names the card's behaviour instead of its number.
import type { Decline } from '../payments.schema.contract.ts';

/** What a card does: at once, after the cardholder's confirmation, and when money goes back. */
export interface Behaviour {
  readonly first: 'authorise' | 'decline' | 'challenge' | 'late';
  /** Code of the decline, at once or after a passed challenge. */
  readonly code?: DeclineCode;
  /** Refunds that stay pending for a while, or are sent back by the bank afterwards. */
  readonly refund?: 'slow' | 'fails';
}

const GENERIC = 'Your card was declined.';

/** Provider codes and what the customer is told; a lost, stolen or suspicious card is never called so to its holder. */
export const DECLINES = {
  generic_decline: GENERIC,
  insufficient_funds: 'Your card has insufficient funds.',
  lost_card: GENERIC,
  stolen_card: GENERIC,
  fraudulent: GENERIC,
  expired_card: 'Your card has expired.',
  incorrect_cvc: "Your card's security code is incorrect.",
  processing_error: 'An error occurred while processing your card. Try again in a little bit.',
  card_velocity_exceeded: 'Your card was declined for making repeated attempts too frequently or exceeding its amount limit.',
  authentication_failed: 'The bank could not confirm that it is you. Please try again or use another card.',
  payment_method_unknown: 'This payment method is not known. Please use another one.',
} as const;
export type DeclineCode = keyof typeof DECLINES;

export const declineOf = (code: DeclineCode): Decline => ({ code, message: DECLINES[code] });

const ok: Behaviour = { first: 'authorise' };
const declined = (code: DeclineCode): Behaviour => ({ first: 'decline', code });
const challenge = (code?: DeclineCode): Behaviour => ({ first: 'challenge', ...(code ? { code } : {}) });

/** By the name that stands in our tokens: `pm_sim_<name>_<brand>_<last4>`. */
export const BEHAVIOURS: Readonly<Record<string, Behaviour>> = {
  ok,
  declined: declined('generic_decline'),
  insufficientFunds: declined('insufficient_funds'),
  lostCard: declined('lost_card'),
  stolenCard: declined('stolen_card'),
  fraudulent: declined('fraudulent'),
  expiredCard: declined('expired_card'),
  incorrectCvc: declined('incorrect_cvc'),
  processingError: declined('processing_error'),
  velocityExceeded: declined('card_velocity_exceeded'),
  challenge: challenge(),
  challengeInsufficientFunds: challenge('insufficient_funds'),
  challengeDeclined: challenge('generic_decline'),
  slowRefund: { first: 'authorise', refund: 'slow' },
  refundFails: { first: 'authorise', refund: 'fails' },
  late: { first: 'late' },
  lateDeclined: { first: 'late', code: 'generic_decline' },
};

interface TestCard {
  readonly number: string;
  readonly brand: string;
  readonly does: string;
  /** Names under which the method can be used without a card, such as `pm_card_visa`. */
  readonly methods: readonly string[];
}

const card = (number: string, brand: string, does: string, ...methods: string[]): TestCard => ({ number, brand, does, methods });

/** The last two are ours: the result comes only by webhook, a while after the attempt. */
export const TEST_CARDS: readonly TestCard[] = [
  card('4242424242424242', 'visa', 'ok', 'pm_card_visa'),
  card('4000056655665556', 'visa', 'ok', 'pm_card_visa_debit'),
  card('5555555555554444', 'mastercard', 'ok', 'pm_card_mastercard'),
  card('2223003122003222', 'mastercard', 'ok'),
  card('5200828282828210', 'mastercard', 'ok', 'pm_card_mastercard_debit'),
  card('5105105105105100', 'mastercard', 'ok', 'pm_card_mastercard_prepaid'),
  card('378282246310005', 'amex', 'ok', 'pm_card_amex', 'pm_card_amex_threeDSecureNotSupported'),
  card('371449635398431', 'amex', 'ok'),
  card('6011111111111117', 'discover', 'ok', 'pm_card_discover'),
  card('6011000990139424', 'discover', 'ok'),
  card('6011981111111113', 'discover', 'ok'),
  card('3056930009020004', 'diners', 'ok', 'pm_card_diners'),
  card('36227206271667', 'diners', 'ok'),
  card('3566002020360505', 'jcb', 'ok', 'pm_card_jcb'),
  card('6200000000000005', 'unionpay', 'ok', 'pm_card_unionpay'),
  card('6200000000000047', 'unionpay', 'ok'),
  card('4000008260000000', 'visa', 'ok', 'pm_card_gb'),
  card('4000000000000077', 'visa', 'ok', 'pm_card_bypassPending'),
  card('4000000000009235', 'visa', 'ok', 'pm_card_riskLevelElevated'),
  card('4000000000000002', 'visa', 'declined', 'pm_card_visa_chargeDeclined', 'pm_card_chargeDeclined'),
  card('4000000000000341', 'visa', 'declined', 'pm_card_chargeCustomerFail'),
  card(
    '4000000000009995',
    'visa',
    'insufficientFunds',
    'pm_card_visa_chargeDeclinedInsufficientFunds',
    'pm_card_chargeDeclinedInsufficientFunds',
  ),
  card('4000000000009987', 'visa', 'lostCard', 'pm_card_visa_chargeDeclinedLostCard'),
  card('4000000000009979', 'visa', 'stolenCard', 'pm_card_visa_chargeDeclinedStolenCard'),
  card('4100000000000019', 'visa', 'fraudulent', 'pm_card_radarBlock', 'pm_card_chargeDeclinedFraudulent'),
  card('4000000000000069', 'visa', 'expiredCard', 'pm_card_chargeDeclinedExpiredCard'),
  card('4000000000000127', 'visa', 'incorrectCvc', 'pm_card_chargeDeclinedIncorrectCvc'),
  card('4000000000000119', 'visa', 'processingError', 'pm_card_chargeDeclinedProcessingError'),
  card('4000000000006975', 'visa', 'velocityExceeded', 'pm_card_visa_chargeDeclinedVelocityLimitExceeded'),
  card('4000002500003155', 'visa', 'challenge', 'pm_card_authenticationRequiredOnSetup'),
  card('4000002760003184', 'visa', 'challenge', 'pm_card_authenticationRequired'),
  card('4000003800000446', 'visa', 'challenge', 'pm_card_authenticationRequiredSetupForOffSession'),
  card('4000000000003220', 'visa', 'challenge', 'pm_card_threeDSecure2Required', 'pm_card_threeDSecureRequired'),
  card('4000000000003055', 'visa', 'ok', 'pm_card_threeDSecureOptional'),
  card('4000008260003178', 'visa', 'challengeInsufficientFunds', 'pm_card_authenticationRequiredChargeDeclinedInsufficientFunds'),
  card('4000008400001629', 'visa', 'challengeDeclined', 'pm_card_threeDSecureRequiredChargeDeclined'),
  card('4000008400001280', 'visa', 'declined', 'pm_card_threeDSecureRequiredProcessingError'),
  card('4000000000007726', 'visa', 'slowRefund', 'pm_card_pendingRefund'),
  card('4000000000005126', 'visa', 'refundFails', 'pm_card_refundFail'),
  card('4000000000008880', 'visa', 'late', 'pm_card_lateWebhook'),
  card('4000000000008898', 'visa', 'lateDeclined', 'pm_card_lateWebhookDeclined'),
];
