// The read model of payments: one document each for lists, and for the sweep what the provider should be asked about again.
import type { LogMessage } from '../../mixins/log/message.ts';
import { defineView } from '../../mixins/view/definition.ts';
import { isOpen, type PaymentState, refundable } from './payment.state.ts';
import { toPayment } from './payment.ts';
import type { Payment } from './payments.schema.contract.ts';

/**
 * `open`: somebody still has to decide, or a closed payment still holds money · `recent`: worth one more look soon after it
 * happened (a refund may come back, an attempt may have been lost on the way) · absent: nothing changes by itself.
 */
export type Watch = 'open' | 'recent';

export interface PaymentDoc extends Payment {
  readonly watch?: Watch;
}

export function watchOf(state: PaymentState): Watch | undefined {
  const refunds = Object.values(state.refunds);
  if (isOpen(state)) return 'open';
  if (state.closed && (state.status === 'authorised' || (refundable(state) > 0 && refunds.length === 0))) return 'open';
  if (state.closed && (state.status === 'none' || state.status === 'declined')) return 'recent';
  return refunds.some((refund) => !refund.failed) ? 'recent' : undefined;
}

export const paymentsView = defineView<PaymentDoc>({
  name: 'payments',
  stream: 'PAYMENTS',
  indexes: ['accountId', 'createdAt', 'watch'],
  project({ id, body }: LogMessage): PaymentDoc | undefined {
    if (body.state === undefined) return undefined;
    const state = body.state as PaymentState;
    const watch = watchOf(state);
    return { ...toPayment(id, state, body.v), ...(watch ? { watch } : {}) };
  },
});
