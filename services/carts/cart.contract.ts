// Shapes of carts that other domains and clients see.
import * as z from 'zod';
import { Id, Quantity, Sku } from '../../mixins/fields.ts';
import { CURRENCY, Money } from '../../mixins/money.ts';

/** A payment method token such as `pm_card_visa`; never a card number. */
export const MethodToken = z
  .string()
  .max(128)
  .regex(/^pm_[A-Za-z][A-Za-z0-9_]*$/, 'A payment method token such as pm_card_visa');

/** What a customer may choose. */
export const DeliveryChoice = z.enum(['standard', 'express', 'pickup']);
/** `none`: imported sales, whose delivery was never a line of its own. */
export const Delivery = z.enum([...DeliveryChoice.options, 'none']);
export type Delivery = z.output<typeof Delivery>;

export const Address = z.strictObject({
  line1: z.string().trim().min(1).max(120),
  line2: z.string().trim().max(120).optional(),
  city: z.string().trim().min(1).max(80),
  region: z.string().trim().max(80).optional(),
  postcode: z.string().trim().min(1).max(20),
  /** ISO 3166-1 alpha-2. */
  country: z.string().regex(/^[A-Z]{2}$/, 'Two capital letters, such as GB'),
});

export const Contact = z.strictObject({
  email: z.email().max(254),
  name: z.string().trim().min(1).max(120),
  phone: z.string().trim().max(40).optional(),
  address: Address,
});
export type Contact = z.output<typeof Contact>;

export const Owner = z.object({ kind: z.enum(['guest', 'account']), id: Id });
export type Owner = z.output<typeof Owner>;

export const CartLine = z.object({
  /** Identity within the cart: the SKU, or SKU and price for imported lines. */
  key: z.string(),
  sku: Sku,
  productId: Id,
  sellerId: Id,
  title: z.string(),
  variant: z.string(),
  image: z.string().optional(),
  quantity: Quantity,
  /** Minor units, as the customer saw it. */
  unitPrice: z.int().min(0),
  tracksStock: z.boolean(),
});
export type CartLine = z.output<typeof CartLine>;

export const Totals = z.object({
  /** Minor units. */
  items: z.int().min(0),
  delivery: z.int().min(0),
  total: z.int().min(0),
  currency: z.literal(CURRENCY),
});
export type Totals = z.output<typeof Totals>;

export const CartProblem = z.object({
  code: z.enum(['PRICE_CHANGED', 'OUT_OF_STOCK', 'NOT_ENOUGH', 'NOT_FOR_SALE']),
  key: z.string(),
  sku: Sku,
  /** PRICE_CHANGED: what it was and what it is now. */
  was: Money.optional(),
  now: Money.optional(),
  /** NOT_ENOUGH and OUT_OF_STOCK: what can still be bought. */
  available: z.int().optional(),
});
export type CartProblem = z.output<typeof CartProblem>;

export const CartView = z.object({
  id: Id,
  version: z.int(),
  status: z.enum(['open', 'frozen']),
  lines: z.array(CartLine.omit({ unitPrice: true }).extend({ unitPrice: Money, total: Money })),
  /** Units in the cart. */
  count: z.int(),
  totals: z.object({ items: Money, delivery: Money, total: Money }),
  deliveryOptions: z.array(z.object({ id: Delivery, price: Money })),
  problems: z.array(CartProblem),
  /** The order that this cart is frozen for. */
  orderId: Id.optional(),
});
export type CartView = z.output<typeof CartView>;
