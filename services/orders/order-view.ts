// An order as its reader may see it.

import type { LogMessage } from '../../mixins/log/message.ts';
import type { Meta } from '../../mixins/meta.ts';
import { money } from '../../mixins/money.ts';
import { hasRole } from '../../mixins/principal.ts';
import type { OrderView, TimelineEntry } from './order.contract.ts';
import { isUnpaid, type OrderState } from './order.ts';
import { orderErrors } from './orders.contract.ts';

export function viewOf(state: OrderState, version: number): OrderView {
  const { totals, owner } = state;
  return {
    id: state.id,
    version,
    status: state.status,
    ...(owner?.kind === 'account' ? { accountId: owner.id } : {}),
    lines: state.lines.map((line) => ({
      ...line,
      unitPrice: money(line.unitPrice),
      total: money(line.quantity * line.unitPrice),
    })),
    totals: { items: money(totals.items), delivery: money(totals.delivery), total: money(totals.total) },
    delivery: state.delivery,
    country: state.country,
    placedAt: state.placedAt,
    ...(isUnpaid(state) ? { expiresAt: state.expiresAt } : {}),
    attempt: state.attempt,
    ...(state.waiting ? { waiting: state.waiting } : {}),
    ...(state.shortages.length > 0 ? { shortages: [...state.shortages] } : {}),
    ...(state.reason ? { reason: state.reason } : {}),
    parcels: [...state.parcels],
  };
}

/** What a reader is to an order. Strangers are told that it does not exist. @throws ORDER_NOT_FOUND */
export function relationTo(state: OrderState, version: number, { principal }: Meta): 'staff' | 'owner' | 'seller' {
  if (version > 0 && principal) {
    if (hasRole(principal, 'agent', 'admin')) return 'staff';
    if (principal.kind !== 'anonymous' && principal.id === state.owner?.id) return 'owner';
    if (
      principal.kind === 'account' &&
      principal.role === 'seller' &&
      state.parcels.some((parcel) => parcel.sellerId === principal.id)
    )
      return 'seller';
  }
  throw orderErrors('ORDER_NOT_FOUND');
}

/** A seller sees own lines and parcels only. */
export function onlyOf(view: OrderView, sellerId: string): OrderView {
  const lines = view.lines.filter((line) => line.sellerId === sellerId);
  const items = money(lines.reduce((sum, line) => sum + line.total.amount, 0));
  const parcels = view.parcels.filter((parcel) => parcel.sellerId === sellerId);
  return { ...view, lines, parcels, totals: { items, delivery: money(0), total: items } };
}

/** The order's history from its own log subject: what happened, who did it, and why. */
export function timelineOf(message: LogMessage): TimelineEntry[] {
  const { at, by, events } = message.body;
  return events.map((event) => {
    const note = noteOf(event.data as Record<string, unknown>);
    return { at, by: event.by ?? by, what: event.type, ...(note ? { note } : {}) };
  });
}

function noteOf({ reason, code, tracking, carrier }: Record<string, unknown>): string | undefined {
  const parts = [reason, code, carrier, tracking].filter((part): part is string => typeof part === 'string' && part !== '');
  return parts.length > 0 ? parts.join(' ') : undefined;
}
