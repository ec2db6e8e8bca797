// Shapes that cross the door of payments: the payment as others see it, payment methods, card details, fault switches.
import * as z from 'zod';
import { Money } from '../../mixins/money.ts';

export const MAX_ATTEMPTS = 5;

/** A payment method of the provider, such as `pm_card_visa`. The shape keeps card numbers out of every log. */
export const MethodToken = z
  .string()
  .max(128)
  .regex(/^pm_[A-Za-z][A-Za-z0-9_]*$/, 'A payment method is a token such as pm_card_visa, never a card number');

const CARD_NUMBER = /\d(?:[ -]?\d){12,18}/g;

/** Free text that ends up in the log, so it is refused when it looks like it contains a card number. */
export const Reason = z
  .string()
  .trim()
  .min(1)
  .max(200)
  .refine((text) => text.search(CARD_NUMBER) < 0, 'Never write a card number here');

/** The same from another service, which must never fail on what somebody wrote: what looks like a card number is blotted out. */
export const AnyReason = z.string().transform((text) => text.replace(CARD_NUMBER, '…').trim().slice(0, 200) || 'no reason given');

/**
 * `none`: nothing was tried · `requires_action`: the cardholder must confirm at the bank · `pending`: the provider has not decided yet ·
 * `authorised`: the money is reserved · `captured`: the money is ours · `voided`: the reservation was given back.
 */
export const PAYMENT_STATUSES = [
  'none',
  'requires_action',
  'pending',
  'authorised',
  'captured',
  'voided',
  'partially_refunded',
  'refunded',
  'declined',
] as const;
export const PaymentStatus = z.enum(PAYMENT_STATUSES);
export type PaymentStatus = z.output<typeof PaymentStatus>;

/** What may be shown of a card. */
export const MethodSummary = z.object({ brand: z.string(), last4: z.string().length(4) });
export type MethodSummary = z.output<typeof MethodSummary>;

/** Why the provider refused, in the provider's code and in words for the customer. */
export const Decline = z.object({ code: z.string(), message: z.string() });
export type Decline = z.output<typeof Decline>;

/** Where the cardholder goes to confirm. */
export const PaymentAction = z.object({ url: z.string() });
export type PaymentAction = z.output<typeof PaymentAction>;

export const Attempt = z.object({
  n: z.int().positive(),
  outcome: z.enum(['requires_action', 'pending', 'authorised', 'declined']),
  code: z.string().optional(),
  at: z.number(),
});

export const Payment = z.object({
  id: z.string(),
  orderId: z.string(),
  accountId: z.string().optional(),
  status: PaymentStatus,
  amount: Money,
  refunded: Money,
  provider: z.string(),
  method: MethodSummary.optional(),
  attempts: z.array(Attempt),
  decline: Decline.optional(),
  action: PaymentAction.optional(),
  /** Closed for good: nothing can be charged any more. */
  closed: z.boolean(),
  /** A refund that the bank sent back: the money is still ours and somebody has to look at it. */
  refundFailed: z.boolean(),
  createdAt: z.number(),
  updatedAt: z.number(),
  version: z.int().nonnegative(),
});
export type Payment = z.output<typeof Payment>;

export const PaymentPage = z.object({ payments: z.array(Payment), next: z.string().optional() });

/** Length limits only: what is wrong with a card is said by its domain error, which never repeats the number. */
export const CardDetails = z.strictObject({
  number: z.string().max(40),
  expMonth: z.coerce.number(),
  expYear: z.coerce.number(),
  cvc: z.string().max(8),
});
export type CardDetails = z.output<typeof CardDetails>;

export const Tokenised = z.object({ paymentMethod: MethodToken, brand: z.string(), last4: z.string().length(4) });
export type Tokenised = z.output<typeof Tokenised>;

/** How the simulated provider misbehaves; each call sets all switches, absent means off. */
export const Faults = z.strictObject({
  /** Deliver every webhook this many times more. */
  duplicateWebhooks: z.int().min(0).max(10).default(0),
  /** Deliver webhooks after a random delay up to this many milliseconds, so also out of order. */
  delayMs: z.int().min(0).max(600_000).default(0),
  /** Lose every n-th webhook; 1 loses all. */
  loseEvery: z.int().min(0).default(0),
  /** Decline this share of authorisations, chosen by the order's id. */
  declinePercent: z.number().min(0).max(100).default(0),
  /** Send webhooks also for results that the caller was told already, as real providers do. */
  echo: z.boolean().default(false),
});
export type Faults = z.output<typeof Faults>;
