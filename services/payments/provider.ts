// The port to a payment provider. Every operation answers with the provider's own record of the intent, which is the truth:
// a refusal is an answer too, an exception means that the outcome is unknown.
import type { Money } from '../../mixins/money.ts';
import type { Decline, MethodSummary, PaymentAction } from './payments.schema.contract.ts';

export type IntentStatus = 'requires_action' | 'processing' | 'authorised' | 'declined' | 'captured' | 'voided';

export interface IntentRefund {
  readonly amount: number;
  readonly reason: string;
  readonly status: 'pending' | 'succeeded' | 'failed';
}

/** One attempt to pay as the provider has it in its books. */
export interface Intent {
  readonly id: string;
  readonly orderId: string;
  readonly accountId?: string;
  readonly attempt: number;
  /** Minor units. */
  readonly amount: number;
  readonly currency: Money['currency'];
  readonly status: IntentStatus;
  readonly method: MethodSummary;
  readonly decline?: Decline;
  readonly action?: PaymentAction;
  /** By our refund key. */
  readonly refunds: Readonly<Record<string, IntentRefund>>;
}

export interface AuthoriseRequest {
  /** The same key is the same attempt: it has one effect however often it is sent. */
  readonly idempotencyKey: string;
  readonly orderId: string;
  readonly accountId?: string;
  readonly attempt: number;
  readonly amount: number;
  readonly currency: Money['currency'];
  readonly methodToken: string;
}

export interface RefundRequest {
  readonly intentId: string;
  readonly key: string;
  readonly amount: number;
  readonly reason: string;
}

export interface Effect {
  readonly intent: Intent;
  /** Set when the provider did not do it; the intent then says why. */
  readonly refused?: Decline;
}

/** When it happened; imports give a historic time. */
export interface Timing {
  readonly at?: number;
}

export interface PaymentProvider {
  /** Short name written into payments, such as `simulated`. */
  readonly name: string;
  authorise(request: AuthoriseRequest, timing?: Timing): Promise<Effect>;
  capture(intentId: string, timing?: Timing): Promise<Effect>;
  /** Gives an authorisation back, or abandons an attempt that waits for something. */
  void(intentId: string, timing?: Timing): Promise<Effect>;
  refund(request: RefundRequest, timing?: Timing): Promise<Effect>;
  /** The provider's current record. */
  retrieve(intentId: string): Promise<Intent>;
  /** The attempt of an order when the provider has it, whatever became of the answer to us. */
  find(orderId: string, attempt: number): Promise<Intent | undefined>;
  /** The intent that a signed webhook speaks of. @throws WEBHOOK_REFUSED */
  verify(rawBody: string, signature: string | undefined): { readonly eventId: string; readonly intentId: string };
}
