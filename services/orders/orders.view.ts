// Order lists: one small row per order, kept from the log. The order itself is read from its actor.
import type { LogMessage } from '../../mixins/log/message.ts';
import { defineView } from '../../mixins/view/definition.ts';
import type { OrderRow } from './order.contract.ts';
import type { OrderState } from './order.ts';

const TITLES_KEPT = 3;

export function rowOf(message: LogMessage): OrderRow {
  const state = message.body.state as OrderState;
  const { owner, lines } = state;
  return {
    id: state.id,
    status: state.status,
    ...(owner?.kind === 'account' ? { accountId: owner.id } : {}),
    ...(owner?.kind === 'guest' ? { guestId: owner.id } : {}),
    sellerIds: state.parcels.map((parcel) => parcel.sellerId),
    total: state.totals.total,
    currency: state.totals.currency,
    units: lines.reduce((sum, line) => sum + line.quantity, 0),
    lines: lines.length,
    titles: lines.slice(0, TITLES_KEPT).map((line) => line.title),
    country: state.country,
    placedAt: state.placedAt,
    updatedAt: message.body.at,
  };
}

export const ordersView = defineView<OrderRow>({
  name: 'orders',
  stream: 'ORDERS',
  indexes: ['accountId', 'guestId', 'placedAt'],
  project: rowOf,
});
