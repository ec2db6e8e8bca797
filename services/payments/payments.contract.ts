// The public face of payments: one payment per order, its attempts, captures and refunds. Amounts are integer minor units.
import * as z from 'zod';
import { defineContract } from '../../mixins/contract.ts';
import { defineErrors } from '../../mixins/errors.ts';
import { Cursor, Id, PageLimit, Time } from '../../mixins/fields.ts';
import { Money } from '../../mixins/money.ts';
import { PaymentEvents } from './payments.events.contract.ts';
import {
  AnyReason,
  CardDetails,
  Faults,
  MAX_ATTEMPTS,
  MethodToken,
  Payment,
  PaymentPage,
  PaymentStatus,
  Reason,
  Tokenised,
} from './payments.schema.contract.ts';

export const paymentErrors = defineErrors({
  PAYMENT_NOT_FOUND: { status: 404, title: 'There is no such payment' },
  PAYMENT_CLOSED: { status: 409, title: 'This payment is closed: the order was cancelled or has expired' },
  PAYMENT_AMOUNT_MISMATCH: { status: 409, title: 'Another amount is already being paid for this order' },
  PAYMENT_IN_PLACE: { status: 409, title: 'This order is already paid by another attempt' },
  PAYMENT_ATTEMPT_UNKNOWN: { status: 409, title: 'The attempts of a payment are counted from 1 without gaps' },
  PAYMENT_ATTEMPTS_EXHAUSTED: { status: 409, title: `A payment is attempted at most ${MAX_ATTEMPTS} times` },
  PAYMENT_NOT_AUTHORISED: { status: 409, title: 'There is no authorised money to capture' },
  PAYMENT_NOT_CAPTURED: { status: 409, title: 'There is no captured money to refund' },
  PAYMENT_NO_ACTION: { status: 409, title: 'This payment is not waiting for its cardholder' },
  REFUND_TOO_LARGE: { status: 422, title: 'More than what is left of this payment cannot be refunded' },
  REFUND_KEY_REUSED: { status: 409, title: 'This refund key was used for another amount' },
  REFUNDS_EXHAUSTED: { status: 409, title: 'This payment has been refunded too many times in parts' },
  REFUND_REFUSED: { status: 409, title: 'The payment provider refused the refund' },
  CARD_INVALID: { status: 422, title: 'These card details are not valid' },
  PAYMENT_PROVIDER_UNAVAILABLE: { status: 503, title: 'The payment provider does not answer, try again' },
  WEBHOOK_REFUSED: { status: 400, title: 'The signature or the body of this webhook is not valid' },
  NOT_IN_PRODUCTION: { status: 403, title: 'This exists for proofs and demonstrations only' },
});

const ByOrder = z.object({ orderId: Id });
const ById = z.strictObject({ id: Id });

export const payments = defineContract({
  name: 'payments',
  streams: [
    { name: 'PAYMENTS', denyPurge: true },
    // Not relaxed: a server that is killed would forget effects it has acknowledged, and the books are what money is audited against.
    { name: 'LEDGER', denyPurge: true, partitions: 4 },
  ],
  events: PaymentEvents,
  errors: paymentErrors.catalogue,
  actions: {
    charge: {
      summary: 'Try another payment method for an order that is waiting for its payment',
      rest: 'POST /charges',
      access: 'visitor',
      owner: "the order's own customer or guest",
      scope: 'payments:write',
      params: z.strictObject({ orderId: Id, paymentMethod: MethodToken }),
      result: Payment,
      status: 201,
      errors: ['PAYMENT_NOT_FOUND', 'PAYMENT_CLOSED', 'PAYMENT_IN_PLACE', 'PAYMENT_ATTEMPTS_EXHAUSTED'],
      example: { orderId: 'ord_01jd0000000000000000000000', paymentMethod: 'pm_card_visa' },
    },
    tokenise: {
      summary: 'Turn a test card into a payment method of the simulated provider; the number is neither stored nor logged',
      rest: 'POST /payments/tokens',
      access: 'public',
      idempotent: true,
      limit: { rate: 2, burst: 10 },
      bodyLimit: 2_048,
      params: CardDetails,
      result: Tokenised,
      status: 201,
      errors: ['CARD_INVALID'],
      example: { number: '4242424242424242', expMonth: 12, expYear: 2034, cvc: '123' },
    },
    query: {
      summary: 'All payments, newest first',
      rest: 'GET /payments',
      access: ['admin', 'agent'],
      scope: 'payments:read',
      params: z.strictObject({
        status: PaymentStatus.optional(),
        accountId: Id.optional(),
        orderId: Id.optional(),
        /** Created at or after, and before; milliseconds since the epoch. */
        from: z.coerce.number().pipe(Time).optional(),
        to: z.coerce.number().pipe(Time).optional(),
        limit: PageLimit,
        after: Cursor.optional(),
      }),
      result: PaymentPage,
      idempotent: true,
    },
    ofOrder: {
      summary: 'The payment of an order',
      rest: 'GET /payments/order/:orderId',
      access: 'visitor',
      owner: "the order's own customer or guest; staff any",
      scope: 'payments:read',
      params: z.strictObject({ orderId: Id }),
      result: Payment,
      idempotent: true,
      errors: ['PAYMENT_NOT_FOUND'],
    },
    get: {
      summary: 'One payment',
      rest: 'GET /payments/:id',
      access: 'visitor',
      owner: "the order's own customer or guest; staff any",
      scope: 'payments:read',
      params: ById,
      result: Payment,
      idempotent: true,
      errors: ['PAYMENT_NOT_FOUND'],
    },
    confirm: {
      summary: 'The customer is back from the bank: ask the provider how it ended',
      rest: 'POST /payments/:id/confirm',
      access: 'visitor',
      owner: "the order's own customer or guest; staff any",
      scope: 'payments:write',
      params: ById,
      result: Payment,
      idempotent: true,
      errors: ['PAYMENT_NOT_FOUND'],
    },
    challenge: {
      summary: 'Answer the 3-D Secure challenge of the simulated bank',
      rest: 'POST /payments/:id/challenge',
      access: 'visitor',
      owner: "the order's own customer or guest",
      params: z.strictObject({ id: Id, outcome: z.enum(['succeed', 'fail']) }),
      result: z.object({ accepted: z.boolean() }),
      idempotent: true,
      errors: ['PAYMENT_NOT_FOUND', 'PAYMENT_NO_ACTION'],
    },
    refundPart: {
      summary: 'Refund a captured payment, wholly or in part; the same key is refunded once',
      rest: 'POST /payments/:id/refund',
      access: ['admin'],
      scope: 'payments:write',
      params: z.strictObject({ id: Id, amount: z.int().positive().optional(), reason: Reason, key: Id }),
      result: Payment,
      idempotent: true,
      errors: ['PAYMENT_NOT_FOUND', 'PAYMENT_NOT_CAPTURED', 'REFUND_TOO_LARGE', 'REFUND_KEY_REUSED', 'REFUNDS_EXHAUSTED'],
      example: { amount: 500, reason: 'one cup was broken', key: 'rma-1' },
    },
    webhook: {
      summary: 'Signed events of the simulated provider',
      rest: 'POST /payments/webhooks/simulated',
      access: 'public',
      body: 'text',
      bodyLimit: 65_536,
      limit: { rate: 500, burst: 2_000 },
      params: z.object({ body: z.string(), signature: z.string().max(512).optional() }),
      result: z.object({ received: z.literal(true) }),
      idempotent: true,
      errors: ['WEBHOOK_REFUSED'],
    },
    state: {
      summary: 'The payment of an order, if anything was ever tried or closed',
      access: 'internal',
      params: ByOrder,
      result: z.object({ payment: Payment.optional() }),
      idempotent: true,
    },
    authorise: {
      summary: 'Reserve the money of an order; the same attempt is made once. A decline is a result, not an error',
      access: 'internal',
      params: z.object({
        orderId: Id,
        accountId: Id.optional(),
        amount: Money,
        method: MethodToken,
        attempt: z.int().positive().max(MAX_ATTEMPTS),
      }),
      result: Payment,
      idempotent: true,
      errors: [
        'PAYMENT_CLOSED',
        'PAYMENT_AMOUNT_MISMATCH',
        'PAYMENT_IN_PLACE',
        'PAYMENT_ATTEMPT_UNKNOWN',
        'PAYMENT_ATTEMPTS_EXHAUSTED',
        'PAYMENT_PROVIDER_UNAVAILABLE',
      ],
    },
    capture: {
      summary: 'Take the authorised money of an order',
      access: 'internal',
      params: ByOrder,
      result: Payment,
      idempotent: true,
      errors: ['PAYMENT_NOT_FOUND', 'PAYMENT_CLOSED', 'PAYMENT_NOT_AUTHORISED', 'PAYMENT_PROVIDER_UNAVAILABLE'],
    },
    cancel: {
      summary:
        'Close the payment of an order: void what is authorised, refund what is captured; nothing can be charged afterwards',
      access: 'internal',
      params: ByOrder.extend({ reason: AnyReason }),
      result: Payment,
      idempotent: true,
      errors: ['PAYMENT_PROVIDER_UNAVAILABLE'],
    },
    refund: {
      summary: 'Refund a part of the captured money of an order; the same key is refunded once',
      access: 'internal',
      params: ByOrder.extend({ amount: Money, reason: AnyReason, key: Id }),
      result: Payment,
      idempotent: true,
      errors: ['PAYMENT_NOT_FOUND', 'PAYMENT_NOT_CAPTURED', 'PAYMENT_AMOUNT_MISMATCH', 'REFUND_TOO_LARGE', 'REFUND_KEY_REUSED'],
    },
    reconcile: {
      summary: 'Look now for payments whose provider may know more than we do; the sweep does the same by itself',
      access: ['admin'],
      params: z.object({ olderThanMs: z.coerce.number().int().nonnegative().optional() }),
      result: z.object({ looked: z.int(), changed: z.int() }),
      idempotent: true,
    },
    faults: {
      summary: 'Make the simulated provider misbehave, for proofs; refused in production',
      access: ['admin'],
      rest: 'POST /payments/faults',
      params: Faults.extend({
        /** Only the node that handles this call; all nodes with payments otherwise. */
        onlyHere: z.boolean().default(false),
      }),
      result: Faults,
      idempotent: true,
      errors: ['NOT_IN_PRODUCTION'],
    },
  },
});

/** The id of the one payment of an order. */
export function paymentIdOf(orderId: string): string {
  return `pay_${orderId}`;
}

/** The order of a payment's id. @throws PAYMENT_NOT_FOUND when it is not one */
export function orderIdOf(paymentId: string): string {
  if (!paymentId.startsWith('pay_')) throw paymentErrors('PAYMENT_NOT_FOUND', undefined, { id: paymentId });
  return paymentId.slice('pay_'.length);
}
