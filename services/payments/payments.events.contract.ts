// The events of a payment. Each names its order and the money it speaks of; none carries card data or secrets.
import * as z from 'zod';
import { Money } from '../../mixins/money.ts';
import { Decline, MethodSummary, PaymentAction } from './payments.schema.contract.ts';

const Base = z.object({
  orderId: z.string(),
  accountId: z.string().optional(),
  /** Minor units this event is about. */
  ...Money.shape,
  provider: z.string(),
  intentId: z.string(),
  /** Milliseconds since the epoch. */
  at: z.number(),
});

const Tried = Base.extend({ attempt: z.int().positive(), method: MethodSummary });

export const PaymentEvents = {
  /** The provider has taken the attempt but not decided; the result comes later. */
  'payment.pending': Tried,
  'payment.actionRequired': Tried.extend({ action: PaymentAction }),
  'payment.authorised': Tried,
  'payment.declined': Tried.extend(Decline.shape),
  'payment.captured': Base.extend({ method: MethodSummary }),
  'payment.voided': Base,
  'payment.refunded': Base.extend({
    key: z.string(),
    reason: z.string(),
    /** Sum of all refunds after this one. */
    refunded: z.int().positive(),
    /** Nothing of the captured money is left. */
    full: z.boolean(),
  }),
  /** The bank sent a refund back: the money is ours again. */
  'payment.refundFailed': Base.extend({ key: z.string(), refunded: z.int().nonnegative() }),
  /** Nothing can be charged for this order any more. */
  'payment.closed': z.object({
    orderId: z.string(),
    ...Money.shape,
    reason: z.string(),
    at: z.number(),
  }),
};
