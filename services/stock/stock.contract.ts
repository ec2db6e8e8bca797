// The public face of stock: how many of each SKU are on hand, held for orders, and sold.
import * as z from 'zod';
import { defineContract, type EventOf } from '../../mixins/contract.ts';
import { defineErrors } from '../../mixins/errors.ts';
import { Id, Quantity, Sku, Time } from '../../mixins/fields.ts';

export const stockErrors = defineErrors({
  OUT_OF_STOCK: { status: 409, title: 'Not enough in stock' },
  RESERVATION_GONE: { status: 409, title: 'The reservation has expired or was released' },
  RESERVATION_CLOSED: { status: 409, title: 'This order has already been settled for this SKU' },
  FATE_UNKNOWN: { status: 409, title: 'This SKU does not remember the order; its log does' },
  TOO_MANY_HOLDS: { status: 503, title: 'Too many open reservations for this SKU, try again' },
  STOCK_NOT_ENOUGH_TO_REMOVE: { status: 409, title: 'An adjustment cannot take more than is available' },
});

export const StockLevel = z.object({
  sku: Sku,
  /** Physically there, held ones included. */
  onHand: z.int(),
  /** Held for orders that are not settled. */
  reserved: z.int(),
  sold: z.int(),
  /** Everything that ever came in, returns not counted. */
  received: z.int(),
  /** onHand − reserved: what can be sold now. */
  available: z.int(),
});
export type StockLevel = z.output<typeof StockLevel>;

/** `since`: when the order was placed, so that the SKU knows whether it may have forgotten it. */
const order = { sku: Sku, orderId: Id, since: Time.optional() };
const quantities = z.object({ sku: Sku, orderId: Id, quantity: Quantity });

export const stock = defineContract({
  name: 'stock',
  // Four of the eleven synced steps of a purchase are stock: partitions sync side by side.
  streams: [{ name: 'STOCK', denyPurge: true, partitions: 8 }],
  errors: stockErrors.catalogue,
  actions: {
    get: {
      summary: 'Stock of one SKU',
      rest: 'GET /inventory/:sku',
      access: 'public',
      params: z.strictObject({ sku: Sku }),
      result: StockLevel,
      example: { sku: 'MUG-RED' },
    },
    check: {
      summary: 'Which of these quantities could be bought now',
      rest: 'POST /inventory/check',
      access: 'public',
      idempotent: true,
      params: z.strictObject({
        items: z
          .array(z.strictObject({ sku: Sku, quantity: Quantity }))
          .min(1)
          .max(100),
      }),
      result: z.object({
        available: z.boolean(),
        items: z.array(z.object({ sku: Sku, requested: z.int(), available: z.int(), ok: z.boolean() })),
      }),
      example: { items: [{ sku: 'MUG-RED', quantity: 2 }] },
    },
    set: {
      summary: 'Receive goods or adjust the count of a SKU, with the reason',
      rest: 'PUT /inventory/:sku',
      access: ['seller', 'admin'],
      owner: 'the seller of the product; admins any',
      scope: 'stock:write',
      params: z.strictObject({
        sku: Sku,
        /** Units that came in (positive) or are missing, broken, counted away (negative). */
        change: z
          .int()
          .min(-1_000_000)
          .max(1_000_000)
          .refine((change) => change !== 0, 'Must not be 0'),
        reason: z.enum(['received', 'counted', 'damaged', 'lost', 'returned', 'other']),
        note: z.string().max(200).optional(),
        /** Repeating a change under the same reference does nothing. */
        reference: Id.optional(),
      }),
      result: StockLevel,
      errors: ['STOCK_NOT_ENOUGH_TO_REMOVE'],
      example: { sku: 'MUG-RED', change: 24, reason: 'received' },
    },
    receive: {
      summary: 'Take goods in, once per reference',
      access: 'internal',
      idempotent: true,
      params: z.object({ sku: Sku, quantity: Quantity, reference: Id }),
      result: StockLevel,
    },
    levels: {
      summary: 'Stock of several SKUs, from this node’s copy',
      access: 'internal',
      params: z.object({ skus: z.array(Sku).max(2_000) }),
      result: z.object({ levels: z.array(StockLevel) }),
    },
    reserve: {
      summary: 'Hold units for an order until `expiresAt`',
      access: 'internal',
      idempotent: true,
      params: z.object({ ...order, quantity: Quantity, expiresAt: Time }),
      result: z.object({ sku: Sku, available: z.int() }),
      errors: ['OUT_OF_STOCK', 'RESERVATION_CLOSED', 'TOO_MANY_HOLDS'],
    },
    commit: {
      summary: 'Turn an order’s hold into a sale',
      access: 'internal',
      idempotent: true,
      params: z.object(order),
      result: z.object({ sku: Sku, available: z.int() }),
      errors: ['RESERVATION_GONE'],
    },
    release: {
      summary: 'Give an order’s hold back; the order may hold the SKU again later',
      access: 'internal',
      idempotent: true,
      params: z.object(order),
      result: z.object({ sku: Sku, available: z.int() }),
    },
    undo: {
      summary: 'Take back what an unfinished order did to a SKU: its hold, or its sale; it cannot buy the SKU again',
      access: 'internal',
      idempotent: true,
      params: z.object(order),
      result: z.object({ sku: Sku, available: z.int() }),
    },
    restock: {
      summary: 'Put what an order had bought back on hand',
      access: 'internal',
      idempotent: true,
      params: z.object({ ...order, quantity: Quantity }),
      result: z.object({ sku: Sku, available: z.int() }),
    },
  },
  events: {
    'stock.received': z.object({ sku: Sku, quantity: Quantity, reference: Id.optional() }),
    'stock.adjusted': z.object({
      sku: Sku,
      change: z.int(),
      reason: z.string(),
      note: z.string().optional(),
      reference: Id.optional(),
    }),
    'stock.reserved': quantities.extend({ expiresAt: Time }),
    'stock.committed': quantities.extend({ at: Time }),
    'stock.released': quantities.extend({ final: z.boolean(), at: Time }),
    'stock.expired': quantities,
    'stock.restocked': quantities.extend({ at: Time }),
    /** Available fell to the low-stock mark or below with this step. */
    'stock.ranLow': z.object({ sku: Sku, available: z.int() }),
  },
});
export type StockEvent = EventOf<typeof stock>;
