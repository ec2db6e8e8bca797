// The public face of orders: placing (by carts), paying, following, cancelling, sending.
import * as z from 'zod';
import { defineContract, type EventOf } from '../../mixins/contract.ts';
import { defineErrors } from '../../mixins/errors.ts';
import { Cursor, Id, IfMatch, PageLimit, Time } from '../../mixins/fields.ts';
import { MethodToken, Owner, Totals } from '../carts/cart.contract.ts';
import { OrderLine, OrderRow, OrderStatus, OrderView, Shortage, Waiting } from './order.contract.ts';

export const orderErrors = defineErrors({
  ORDER_NOT_FOUND: { status: 404, title: 'There is no such order' },
  ORDER_ALREADY_PAID: { status: 409, title: 'This order has been paid' },
  ORDER_CLOSED: { status: 409, title: 'This order has ended' },
  ORDER_NOT_CANCELLABLE: { status: 409, title: 'This order can no longer be cancelled' },
  ORDER_WRONG_STATUS: { status: 409, title: 'The order is not in a state for this step' },
  TOO_MANY_ATTEMPTS: { status: 409, title: 'No more payment attempts: cancel the order and try again' },
});

const OWN = 'the order’s customer or guest; sellers of its lines; agents and admins any';
const Page = z.object({ items: z.array(OrderRow), next: z.string().optional() });
const Acting = z.object({ orderId: Id });

export const orders = defineContract({
  name: 'orders',
  streams: [{ name: 'ORDERS', denyPurge: true }],
  errors: orderErrors.catalogue,
  actions: {
    list: {
      summary: 'The caller’s own orders, newest first',
      rest: 'GET /orders',
      access: 'visitor',
      owner: 'the caller’s own',
      scope: 'orders:read',
      params: z.strictObject({ status: OrderStatus.optional(), cursor: Cursor.optional(), limit: PageLimit }),
      result: Page,
    },
    listAll: {
      summary: 'Orders of the shop; a seller sees those with own lines',
      rest: 'GET /orders/admin/all',
      access: ['seller', 'agent', 'admin'],
      owner: 'sellers: orders with own lines; agents and admins: all',
      scope: 'orders:read',
      params: z.strictObject({
        status: OrderStatus.optional(),
        accountId: Id.optional(),
        from: z.coerce.number().int().min(0).optional(),
        to: z.coerce.number().int().min(0).optional(),
        sort: z.enum(['-placedAt', 'placedAt', '-total', 'total']).default('-placedAt'),
        cursor: Cursor.optional(),
        limit: PageLimit,
      }),
      result: Page,
    },
    get: {
      summary: 'One order with its timeline',
      rest: 'GET /orders/:id',
      access: 'visitor',
      owner: OWN,
      scope: 'orders:read',
      params: z.strictObject({ id: Id }),
      result: OrderView,
      errors: ['ORDER_NOT_FOUND'],
    },
    cancel: {
      summary: 'Cancel an order that was not shipped; paid money goes back',
      rest: 'DELETE /orders/:id',
      access: 'visitor',
      owner: 'the order’s customer or guest until it is packed; agents and admins until it is shipped',
      scope: 'orders:write',
      idempotent: true,
      params: z.strictObject({ id: Id, reason: z.string().trim().max(200).optional() }),
      result: OrderView,
      errors: ['ORDER_NOT_FOUND', 'ORDER_NOT_CANCELLABLE'],
    },
    update: {
      summary: 'Move an order, or one seller’s parcel of it, forward: packed, shipped, delivered',
      rest: 'PUT /orders/:id',
      access: ['seller', 'admin'],
      owner: 'sellers their own parcel; admins any',
      scope: 'orders:write',
      idempotent: true,
      params: z.strictObject({
        id: Id,
        status: z.enum(['packed', 'shipped', 'delivered']),
        sellerId: Id.optional(),
        carrier: z.string().trim().min(1).max(60).optional(),
        tracking: z.string().trim().min(1).max(120).optional(),
        ifMatch: IfMatch,
      }),
      result: OrderView,
      errors: ['ORDER_NOT_FOUND', 'ORDER_WRONG_STATUS', 'VERSION_MISMATCH'],
    },
    place: {
      summary: 'Place the order of a frozen cart and drive it until it settles',
      access: 'internal',
      idempotent: true,
      params: z.object({
        orderId: Id,
        cartId: Id,
        owner: Owner,
        lines: z.array(OrderLine).min(1),
        totals: Totals,
        delivery: z.string(),
        country: z.string(),
        paymentMethod: MethodToken,
      }),
      result: OrderView,
    },
    pay: {
      summary: 'Try another payment method for an order that waits for its payment',
      access: 'internal',
      params: z.object({ orderId: Id, method: MethodToken }),
      result: OrderView,
      errors: ['ORDER_NOT_FOUND', 'ORDER_ALREADY_PAID', 'ORDER_CLOSED', 'TOO_MANY_ATTEMPTS'],
    },
    reconcile: {
      summary: 'Drive an order one step further, whatever happened before',
      access: 'internal',
      idempotent: true,
      params: Acting,
      result: z.object({ status: OrderStatus.optional() }),
    },
    access: {
      summary: 'Whose order it is',
      access: 'internal',
      params: Acting,
      result: z.object({
        accountId: Id.optional(),
        guestId: Id.optional(),
        sellerIds: z.array(Id),
        cartId: Id,
        status: OrderStatus,
        /** The purchase has come about, whatever happened to it afterwards. */
        bought: z.boolean(),
      }),
      errors: ['ORDER_NOT_FOUND'],
    },
    exportFor: {
      summary: 'Every order of an account',
      access: 'internal',
      params: z.object({ accountId: Id }),
      result: z.object({ orders: z.array(OrderRow) }),
    },
  },
  events: {
    'order.placed': z.object({
      orderId: Id,
      cartId: Id,
      owner: Owner,
      lines: z.array(OrderLine),
      totals: Totals,
      delivery: z.string(),
      country: z.string(),
      paymentMethod: MethodToken,
      expiresAt: Time,
      at: Time,
    }),
    'order.awaitingPayment': Waiting.extend({ orderId: Id, attempt: z.int(), at: Time }),
    'order.paymentChosen': z.object({
      orderId: Id,
      attempt: z.int(),
      paymentMethod: MethodToken,
      operation: z.string().optional(),
      at: Time,
    }),
    'order.confirmed': z.object({ orderId: Id, amount: z.int(), currency: z.string(), at: Time }),
    'order.rejected': z.object({
      orderId: Id,
      reason: z.enum(['out_of_stock', 'payment_failed']),
      shortages: z.array(Shortage),
      at: Time,
    }),
    'order.expired': z.object({ orderId: Id, at: Time }),
    'order.packed': z.object({ orderId: Id, sellerId: Id, at: Time }),
    'order.shipped': z.object({
      orderId: Id,
      sellerId: Id,
      carrier: z.string().optional(),
      tracking: z.string().optional(),
      at: Time,
    }),
    'order.delivered': z.object({ orderId: Id, sellerId: Id, at: Time }),
    'order.cancelRequested': z.object({ orderId: Id, reason: z.string().optional(), at: Time }),
    'order.cancelled': z.object({ orderId: Id, at: Time }),
  },
});
export type OrderEvent = EventOf<typeof orders>;
