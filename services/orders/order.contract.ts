// Shapes of orders that other domains and clients see.
import * as z from 'zod';
import { Id, Sku, Time } from '../../mixins/fields.ts';
import { Money } from '../../mixins/money.ts';
import { CartLine } from '../carts/cart.contract.ts';

export const ORDER_STATUSES = [
  'placed',
  'awaiting_payment',
  'confirmed',
  'packed',
  'shipped',
  'delivered',
  'cancelling',
  'cancelled',
  'rejected',
  'expired',
] as const;
export const OrderStatus = z.enum(ORDER_STATUSES);
export type OrderStatus = z.output<typeof OrderStatus>;

/** A line of the cart as it was ordered. */
export const OrderLine = CartLine.omit({ key: true });
export type OrderLine = z.output<typeof OrderLine>;

/** A line that could not be held, and how many are left. */
export const Shortage = z.object({ sku: Sku, requested: z.int(), available: z.int() });
export type Shortage = z.output<typeof Shortage>;

/** What one seller sends. */
export const Parcel = z.object({
  sellerId: Id,
  status: z.enum(['open', 'packed', 'shipped', 'delivered']),
  carrier: z.string().optional(),
  tracking: z.string().optional(),
});
export type Parcel = z.output<typeof Parcel>;

/** Why an order waits for its customer. */
export const Waiting = z.object({
  reason: z.enum(['declined', 'action_required', 'pending']),
  code: z.string().optional(),
  message: z.string().optional(),
  /** Where the cardholder confirms. */
  action: z.object({ url: z.string() }).optional(),
});
export type Waiting = z.output<typeof Waiting>;

export const TimelineEntry = z.object({ at: Time, by: z.string(), what: z.string(), note: z.string().optional() });
export type TimelineEntry = z.output<typeof TimelineEntry>;

export const OrderView = z.object({
  id: Id,
  version: z.int(),
  status: OrderStatus,
  accountId: Id.optional(),
  lines: z.array(OrderLine.omit({ unitPrice: true }).extend({ unitPrice: Money, total: Money })),
  totals: z.object({ items: Money, delivery: Money, total: Money }),
  delivery: z.string(),
  country: z.string(),
  placedAt: Time,
  /** Until when the stock is held, while the order is not paid. */
  expiresAt: Time.optional(),
  attempt: z.int(),
  waiting: Waiting.optional(),
  shortages: z.array(Shortage).optional(),
  reason: z.string().optional(),
  parcels: z.array(Parcel),
  /** What happened, who did it and why; with single orders only. */
  timeline: z.array(TimelineEntry).optional(),
  /** Name, e-mail and address; absent once erased. */
  contact: z.unknown().optional(),
});
export type OrderView = z.output<typeof OrderView>;

/** A row of an order list. */
export const OrderRow = z.object({
  id: Id,
  status: OrderStatus,
  accountId: Id.optional(),
  guestId: Id.optional(),
  sellerIds: z.array(Id),
  total: z.int(),
  currency: z.string(),
  units: z.int(),
  lines: z.int(),
  /** The first lines' titles, to recognise the order by. */
  titles: z.array(z.string()),
  country: z.string(),
  placedAt: Time,
  updatedAt: Time,
});
export type OrderRow = z.output<typeof OrderRow>;
