// The purchase, top to bottom. Level-triggered: every pass reads the order and does what is missing; every step is idempotent,
// so that a pass may be repeated by anybody at any time. Compensation touches only what this order itself did.
//
//   placed ─> hold stock ─> authorise ─> sell stock ─> capture ─> confirmed
//      └ a line is short: reject          └ declined / 3-D Secure: wait for the customer, hold kept
//      └ time is up: close the payment, expire
//   rejected, expired ─> stock and money given back, cart open again
//   cancelling ─> close the payment (void or refund) ─> put stock back ─> cancelled
import type { Actors } from '../../mixins/actor/actors.ts';
import { codeOf } from '../../mixins/errors.ts';
import type { Origin } from '../../mixins/meta.ts';
import type { Call } from '../../mixins/service.ts';
import type { Actions } from '../contracts.ts';
import type { Payment } from '../payments/payments.schema.contract.ts';
import type { Shortage } from './order.contract.ts';
import type { OrderState, orderActor } from './order.ts';
import type { OrderEvent } from './orders.contract.ts';

/** How long stock is held for an order that is not paid. */
export const HOLD_MS = 15 * 60_000;
/** A pass that takes longer starts again from the order's state, so that no step acts on an old one. */
const PASS_MS = 10_000;
const MAX_PASSES = 20;

export interface Saga {
  readonly orders: Actors<OrderState, OrderEvent, typeof orderActor.decide>;
  readonly call: Call<Actions>;
  now(): number;
}

/** Units per SKU: an order may have several lines of one SKU. Services and charges have no stock. */
export function unitsBySku(lines: OrderState['lines']): Map<string, number> {
  const units = new Map<string, number>();
  for (const { sku, quantity, tracksStock } of lines) if (tracksStock) units.set(sku, (units.get(sku) ?? 0) + quantity);
  return units;
}

/** An order's step at one SKU. */
const stepOf = (order: OrderState, sku: string) => ({ sku, orderId: order.id, since: order.placedAt });

/** Drives an order until it settles: ended, or waiting for its customer. Returns the state it was left in. */
export async function drive(saga: Saga, orderId: string, origin: Origin): Promise<OrderState> {
  for (let pass = 0; pass < MAX_PASSES; pass++) {
    const { state, version } = await saga.orders.read(orderId);
    if (version === 0) return state;
    const moved = await passOnce(saga, state, origin);
    if (!moved) return state;
  }
  throw new Error(`Order ${orderId} does not settle`);
}

/** One pass. Returns false when nothing is left to do in this state. */
function passOnce(saga: Saga, order: OrderState, origin: Origin): Promise<boolean> {
  switch (order.status) {
    case 'placed':
    case 'awaiting_payment':
      return purchase(saga, order, origin);
    case 'cancelling':
      return compensate(saga, order, origin);
    case 'rejected':
    case 'expired':
    case 'cancelled':
      return cleanUp(saga, order, origin);
    default:
      return Promise.resolve(false);
  }
}

async function purchase(saga: Saga, order: OrderState, origin: Origin): Promise<boolean> {
  const startedAt = saga.now();
  const inTime = () => saga.now() - startedAt < PASS_MS;
  const late = startedAt >= order.expiresAt;
  if (late || order.status === 'awaiting_payment') {
    const payment = await paymentOf(saga, order, origin);
    // Paid after its time: the goods are held again if they are there, otherwise the money goes back.
    if (!isPaid(payment)) return late ? giveUp(saga, order, 'expired', [], origin) : stillWaiting(saga, order, payment, origin);
  }
  const shortages = await hold(saga, order, origin);
  if (shortages === 'ended') return true;
  if (shortages.length > 0) return giveUp(saga, order, 'rejected', shortages, origin);
  const payment = await authorise(saga, order, origin);
  // Whoever closed it was ending the order, and may have died before saying so.
  if (payment === 'closed') return giveUp(saga, order, 'payment_failed', [], origin);
  if (payment !== 'free' && !isPaid(payment)) return wait(saga, order, payment, origin);
  if (!inTime()) return true;
  if (!(await sell(saga, order, origin))) return true;
  if (payment !== 'free' && !(await capture(saga, order, origin))) return giveUp(saga, order, 'payment_failed', [], origin);
  await saga.orders.send(order.id, 'confirm', { amount: order.totals.total }, origin);
  return true;
}

/** Holds every line that is not sold yet; returns those that are short, or that another driver has ended the order meanwhile. */
async function hold(saga: Saga, order: OrderState, origin: Origin): Promise<Shortage[] | 'ended'> {
  const expiresAt = Math.max(order.expiresAt, saga.now() + 60_000);
  const results = await Promise.all(
    [...unitsBySku(order.lines)].map(async ([sku, quantity]): Promise<Shortage | 'ended' | undefined> => {
      try {
        await saga.call('stock.reserve', { ...stepOf(order, sku), quantity, expiresAt }, origin);
        return undefined;
      } catch (error) {
        if (codeOf(error) === 'RESERVATION_CLOSED') return wasSold(error) ? undefined : 'ended';
        if (codeOf(error) !== 'OUT_OF_STOCK') throw error;
        const { available } = (error as { data: { available: number } }).data;
        return { sku, requested: quantity, available };
      }
    }),
  );
  if (results.includes('ended')) return 'ended';
  return results.filter((result) => result !== undefined && result !== 'ended');
}

const wasSold = (error: unknown): boolean => (error as { data: { was?: string } }).data.was === 'sold';

async function authorise(saga: Saga, order: OrderState, origin: Origin): Promise<Payment | 'free' | 'closed'> {
  const { id: orderId, totals, owner, paymentMethod: method, attempt } = order;
  if (totals.total === 0) return 'free';
  const account = owner?.kind === 'account' ? { accountId: owner.id } : {};
  const amount = { amount: totals.total, currency: totals.currency };
  try {
    return await saga.call('payments.authorise', { orderId, ...account, amount, method, attempt }, origin);
  } catch (error) {
    if (codeOf(error) === 'PAYMENT_CLOSED') return 'closed';
    throw error;
  }
}

/** Turns every hold into a sale; false when one had run out meanwhile, so that the next pass holds it again or rejects. */
async function sell(saga: Saga, order: OrderState, origin: Origin): Promise<boolean> {
  const results = await Promise.all(
    [...unitsBySku(order.lines).keys()].map(async (sku) => {
      try {
        await saga.call('stock.commit', stepOf(order, sku), origin);
        return true;
      } catch (error) {
        if (codeOf(error) !== 'RESERVATION_GONE') throw error;
        return false;
      }
    }),
  );
  return results.every(Boolean);
}

/** False when the money can no longer be taken. */
async function capture(saga: Saga, order: OrderState, origin: Origin): Promise<boolean> {
  try {
    return (await saga.call('payments.capture', { orderId: order.id }, origin)).status === 'captured';
  } catch (error) {
    if (codeOf(error) === 'PAYMENT_CLOSED' || codeOf(error) === 'PAYMENT_NOT_AUTHORISED') return false;
    throw error;
  }
}

/** The customer has to act: says why and keeps the hold. */
async function wait(saga: Saga, order: OrderState, payment: Payment, origin: Origin): Promise<boolean> {
  const { attempt } = order;
  const waiting = waitingFor(payment);
  const { events } = await saga.orders.send(order.id, 'awaitPayment', { ...waiting, attempt }, origin);
  return events.length > 0;
}

function waitingFor(payment: Payment) {
  if (payment.status === 'requires_action')
    return { reason: 'action_required' as const, ...(payment.action ? { action: payment.action } : {}) };
  if (payment.status === 'pending') return { reason: 'pending' as const };
  return { reason: 'declined' as const, ...(payment.decline ?? {}) };
}

const isPaid = (payment: Payment | undefined): boolean => payment?.status === 'authorised' || payment?.status === 'captured';

/** Nothing came in yet; what the payment says may have changed, such as a challenge that failed. */
async function stillWaiting(saga: Saga, order: OrderState, payment: Payment | undefined, origin: Origin): Promise<boolean> {
  return payment ? wait(saga, order, payment, origin) : false;
}

async function paymentOf(saga: Saga, order: OrderState, origin: Origin): Promise<Payment | undefined> {
  return (await saga.call('payments.state', { orderId: order.id }, origin)).payment;
}

/**
 * Ends an order that did not come about. The payment is closed first: money that was reserved or taken goes back,
 * and nobody can take any from then on. Then the order says how it ended, and the next pass cleans up: said first, so that
 * no driver ever finds stock given back by an order that still looks alive.
 */
async function giveUp(
  saga: Saga,
  order: OrderState,
  how: 'expired' | 'rejected' | 'payment_failed',
  shortages: Shortage[],
  origin: Origin,
): Promise<boolean> {
  if (how !== 'rejected' || (await paymentOf(saga, order, origin))) await closePayment(saga, order, how, origin);
  if (how === 'expired') await saga.orders.send(order.id, 'expire', {}, origin);
  else await saga.orders.send(order.id, 'reject', { reason: how === 'rejected' ? 'out_of_stock' : how, shortages }, origin);
  return true;
}

async function closePayment(saga: Saga, order: OrderState, reason: string, origin: Origin): Promise<void> {
  if (order.totals.total > 0) await saga.call('payments.cancel', { orderId: order.id, reason }, origin);
}

async function undoStock(saga: Saga, order: OrderState, origin: Origin): Promise<void> {
  const skus = [...unitsBySku(order.lines).keys()];
  await Promise.all(skus.map((sku) => saga.call('stock.undo', stepOf(order, sku), origin)));
}

/**
 * The last steps of an order that has ended without a purchase, repeated whenever somebody comes by: another driver may have held
 * stock or reserved money for it while it ended, and money may arrive late.
 */
async function cleanUp(saga: Saga, order: OrderState, origin: Origin): Promise<boolean> {
  if (order.confirmedAt === undefined) {
    const payment = await paymentOf(saga, order, origin);
    if (payment && !isReturned(payment)) await closePayment(saga, order, order.status, origin);
    await undoStock(saga, order, origin);
  }
  return settleCart(saga, order, origin);
}

const isReturned = ({ closed, status }: Payment): boolean =>
  closed && ['none', 'declined', 'voided', 'refunded'].includes(status);

/** A cancelled order: money back, goods back. */
async function compensate(saga: Saga, order: OrderState, origin: Origin): Promise<boolean> {
  await closePayment(saga, order, 'cancelled', origin);
  if (order.confirmedAt === undefined) await undoStock(saga, order, origin);
  else await restock(saga, order, origin);
  await saga.orders.send(order.id, 'cancelled', {}, origin);
  return true;
}

async function restock(saga: Saga, order: OrderState, origin: Origin): Promise<void> {
  const units = [...unitsBySku(order.lines)];
  await Promise.all(units.map(([sku, quantity]) => saga.call('stock.restock', { ...stepOf(order, sku), quantity }, origin)));
}

/**
 * The last step of an order that ended: its cart is open again, or emptied when the things had been bought and cancelled later.
 * After a purchase nothing is written here: the cart sees at its next use that it was bought.
 */
async function settleCart(saga: Saga, order: OrderState, origin: Origin): Promise<boolean> {
  const outcome = order.confirmedAt === undefined ? 'reopened' : 'bought';
  await saga.call('carts.settle', { cartId: order.cartId, orderId: order.id, outcome }, origin);
  return false;
}
