// The public face of carts: one cart per visitor, priced and checked by the server, turned into an order by checkout.
import * as z from 'zod';
import { defineContract, type EventOf } from '../../mixins/contract.ts';
import { defineErrors } from '../../mixins/errors.ts';
import { Id, Quantity, Sku, Time } from '../../mixins/fields.ts';
import { Money } from '../../mixins/money.ts';
import { OrderView } from '../orders/order.contract.ts';
import { CartLine, CartView, Contact, Delivery, DeliveryChoice, MethodToken, Owner, Totals } from './cart.contract.ts';

export const cartErrors = defineErrors({
  CART_EMPTY: { status: 409, title: 'The cart is empty' },
  CART_ALREADY_ORDERED: { status: 409, title: 'This cart has been ordered' },
  CART_FROZEN: { status: 409, title: 'This cart is being ordered: finish or cancel the order first' },
  CART_CHANGED: { status: 409, title: 'Prices or availability have changed since these things were put into the cart' },
  CART_FULL: { status: 409, title: 'The cart holds too many different things' },
  NOT_IN_CART: { status: 404, title: 'This is not in the cart' },
  PAYMENT_FAILED: { status: 402, title: 'The payment could not be taken; nothing was charged and the cart is open again' },
  NOT_FOR_SALE: { status: 409, title: 'This product cannot be bought' },
});

const CART_ERRORS = ['CART_FROZEN'];
const OWN = 'the visitor’s own cart, found by identity';

export const carts = defineContract({
  name: 'carts',
  // Three of the synced steps of a purchase: partitions sync side by side.
  streams: [{ name: 'CARTS', partitions: 4 }],
  errors: cartErrors.catalogue,
  actions: {
    get: {
      summary: 'The visitor’s cart with current prices, totals and problems',
      rest: 'GET /cart',
      access: 'visitor',
      owner: OWN,
      scope: 'cart:read',
      params: z.strictObject({}),
      result: CartView,
    },
    add: {
      summary: 'Put units of a SKU into the cart',
      rest: 'POST /cart/add',
      access: 'visitor',
      owner: OWN,
      scope: 'cart:write',
      params: z.strictObject({ sku: Sku, quantity: Quantity.max(10_000).default(1) }),
      result: CartView,
      errors: ['NOT_FOR_SALE', 'CART_FULL', ...CART_ERRORS],
      example: { sku: 'MUG-RED', quantity: 2 },
    },
    change: {
      summary: 'Set how many units of a SKU the cart holds; 0 removes it',
      rest: 'PUT /cart/items/:sku',
      access: 'visitor',
      owner: OWN,
      scope: 'cart:write',
      idempotent: true,
      params: z.strictObject({ sku: Sku, quantity: z.int().min(0).max(10_000) }),
      result: CartView,
      errors: ['NOT_IN_CART', ...CART_ERRORS],
      example: { sku: 'MUG-RED', quantity: 3 },
    },
    remove: {
      summary: 'Take a SKU out of the cart, or everything',
      rest: 'DELETE /cart/remove',
      access: 'visitor',
      owner: OWN,
      scope: 'cart:write',
      idempotent: true,
      params: z.strictObject({ sku: Sku.optional() }),
      result: CartView,
      errors: CART_ERRORS,
      example: { sku: 'MUG-RED' },
    },
    accept: {
      summary: 'Accept the current prices of everything in the cart',
      rest: 'POST /cart/accept',
      access: 'visitor',
      owner: OWN,
      scope: 'cart:write',
      idempotent: true,
      params: z.strictObject({}),
      result: CartView,
      errors: CART_ERRORS,
    },
    checkout: {
      summary: 'Order and pay what is in the cart; repeated, it returns the same order',
      rest: 'POST /cart/checkout',
      access: 'visitor',
      owner: OWN,
      scope: 'cart:write',
      status: 201,
      idempotent: true,
      params: z.strictObject({
        contact: Contact,
        delivery: DeliveryChoice.default('standard'),
        paymentMethod: MethodToken,
        /** The total that the customer saw; another one now is refused with CART_CHANGED. */
        expectedTotal: Money.optional(),
      }),
      result: OrderView,
      errors: ['CART_EMPTY', 'CART_ALREADY_ORDERED', 'CART_CHANGED', 'OUT_OF_STOCK', 'PAYMENT_FAILED'],
      example: {
        contact: {
          email: 'ada@example.com',
          name: 'Ada Byron',
          address: { line1: '12 St James’s Square', city: 'London', postcode: 'SW1Y 4JH', country: 'GB' },
        },
        delivery: 'standard',
        paymentMethod: 'pm_card_visa',
      },
    },
    adopt: {
      summary: 'Merge a guest’s cart into an account’s after sign-in',
      access: 'internal',
      idempotent: true,
      params: z.object({ guestId: Id, accountId: Id }),
      result: z.object({ merged: z.int() }),
    },
    fill: {
      summary: 'Import only: put priced lines into a named cart in one step',
      access: 'internal',
      idempotent: true,
      params: z.object({ cartId: Id, owner: Owner, lines: z.array(CartLine).min(1) }),
      result: z.object({ cartId: Id, lines: z.int() }),
    },
    order: {
      summary: 'Freeze a named cart and place its order; checkout and import both end here',
      access: 'internal',
      idempotent: true,
      params: z.object({
        cartId: Id,
        contact: Contact,
        delivery: Delivery,
        paymentMethod: MethodToken,
        /** Given by the import; minted otherwise. */
        orderId: Id.optional(),
        totals: Totals.optional(),
      }),
      result: OrderView,
    },
    contact: {
      summary: 'Who gets an order and where; personal data that stays in this domain',
      access: 'internal',
      params: z.object({ cartId: Id, orderId: Id }),
      result: z.object({ contact: Contact.optional() }),
    },
    settle: {
      summary: 'The order of a cart has ended: empty the cart after a purchase, open it again otherwise',
      access: 'internal',
      idempotent: true,
      params: z.object({ cartId: Id, orderId: Id, outcome: z.enum(['bought', 'reopened']) }),
      result: z.object({ status: z.string() }),
    },
    exportFor: {
      summary: 'Everything that carts know of an account',
      access: 'internal',
      params: z.object({ accountId: Id }),
      result: z.object({ carts: z.array(z.unknown()) }),
    },
    eraseFor: {
      summary: 'Erase the cart of an account and every cart that one of its orders came from, with their contacts',
      access: 'internal',
      idempotent: true,
      params: z.object({ accountId: Id }),
      result: z.object({ erased: z.int() }),
    },
  },
  events: {
    'cart.opened': z.object({ owner: Owner }),
    'cart.lineAdded': z.object({ line: CartLine, operation: z.string().optional() }),
    'cart.lineChanged': z.object({ key: z.string(), quantity: z.int() }),
    'cart.lineRemoved': z.object({ key: z.string() }),
    'cart.repriced': z.object({ prices: z.record(z.string(), z.int()) }),
    'cart.merged': z.object({ from: Id, lines: z.array(CartLine) }),
    'cart.adopted': z.object({ into: Id }),
    'cart.checkedOut': z.object({
      orderId: Id,
      owner: Owner,
      totals: Totals,
      delivery: Delivery,
      country: z.string(),
      paymentMethod: MethodToken,
      contact: Contact,
      /** The request that checked out, when it had a key. */
      operation: z.string().optional(),
      at: Time,
    }),
    'cart.ordered': z.object({ orderId: Id }),
    'cart.reopened': z.object({ orderId: Id }),
  },
});
export type CartEvent = EventOf<typeof carts>;
