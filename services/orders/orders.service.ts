// Orders: placed by carts, driven by the saga, read by their customers, moved on by sellers and staff.
// The request that places an order drives it at once; the reactions finish it when that request's node dies.
import { failure } from '../../mixins/errors.ts';
import type { Meta, Origin } from '../../mixins/meta.ts';
import { hasRole } from '../../mixins/principal.ts';
import { NotYet } from '../../mixins/reaction/definition.ts';
import { defineService } from '../contracts.ts';
import { OpenOrders } from './open-orders.ts';
import type { OrderView, TimelineEntry } from './order.contract.ts';
import { isOpen, type OrderState, orderActor } from './order.ts';
import { onlyOf, relationTo, timelineOf, viewOf } from './order-view.ts';
import { orderErrors, orders } from './orders.contract.ts';
import { drive, HOLD_MS, type Saga } from './orders.saga.ts';
import { ordersView } from './orders.view.ts';

/** A request waits this long for its order to settle; then it answers 202 and the order goes on by itself. */
const BUDGET_MS = 4_000;
/** Reactions leave an order that was just touched to the request that touched it. */
const GRACE_MS = 1_500;
const SWEEP_MS = 2_000;

export default defineService(orders, (node) => {
  const actors = node.actors(orderActor, 10_000);
  const view = node.view(ordersView);
  const open = new OpenOrders();
  node.follow('ORDERS', (message) => open.apply(message));

  const saga: Saga = { orders: actors, call: node.call, now: () => node.now() };
  /** Orders that this node is driving now: a second driver waits for the first and then looks again. */
  const driving = new Map<string, Promise<OrderState>>();

  async function settle(orderId: string, origin: Origin): Promise<OrderState> {
    await driving.get(orderId)?.catch(() => {});
    const run = drive(saga, orderId, origin).finally(() => {
      if (driving.get(orderId) === run) driving.delete(orderId);
    });
    driving.set(orderId, run);
    return run;
  }

  /** Drives on behalf of a request: the settled state, or the state so far when it takes too long or need not be awaited. */
  async function settleFor(orderId: string, origin: Origin): Promise<OrderState> {
    origin.meta.location = `/api/orders/${orderId}`;
    const run = settle(orderId, origin);
    run.catch((error: unknown) =>
      node.logger.warn({ err: error, orderId }, 'an order did not settle in its request; the reaction goes on'),
    );
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<undefined>((resolve) => {
      timer = setTimeout(resolve, origin.meta.respondAsync ? 0 : BUDGET_MS, undefined);
    });
    const settled = await Promise.race([run.catch(() => undefined), late]).finally(() => clearTimeout(timer));
    if (settled) return settled;
    origin.meta.statusCode = 202;
    return (await actors.read(orderId)).state;
  }

  async function answer(state: OrderState): Promise<OrderView> {
    const { version } = await actors.read(state.id);
    return viewOf(state, version);
  }

  async function related(id: string, meta: Meta) {
    const { state, version } = await actors.read(id);
    return { state, version, relation: relationTo(state, version, meta) };
  }

  /** A reaction's turn: unless somebody is at it, or has just been, drives the order on. */
  async function nudge(orderId: string, at: number, origin: Origin): Promise<void> {
    await driving.get(orderId)?.catch(() => {});
    const { state } = await actors.read(orderId);
    if (!isOpen(state)) return void (await settle(orderId, origin));
    const age = node.now() - at;
    if (age >= 0 && age < GRACE_MS) throw new NotYet(GRACE_MS - age);
    await settle(orderId, origin);
  }

  const nudged = (data: { orderId: string; at: number }, _message: unknown, origin: Origin) =>
    nudge(data.orderId, data.at, origin);
  const paid = async ({ orderId }: { orderId: string }, _message: unknown, origin: Origin) => {
    await driving.get(orderId)?.catch(() => {});
    const { state, version } = await actors.read(orderId);
    if (version === 0) throw new NotYet(GRACE_MS);
    // Money that comes in for an order without a purchase goes back.
    if (state.confirmedAt === undefined) await settle(orderId, origin);
  };

  node.every(SWEEP_MS, 'orders whose time is up', async () => {
    for (const orderId of open.dueAt(node.now())) await settle(orderId, { meta: {} });
  });

  return {
    reactions: [
      node.reaction({
        name: 'orders-saga',
        stream: 'ORDERS',
        maxAttempts: 30,
        on: {
          'order.placed': nudged,
          'order.paymentChosen': nudged,
          'order.cancelRequested': nudged,
          'order.rejected': nudged,
          'order.expired': nudged,
          'order.cancelled': nudged,
        },
      }),
      node.reaction({
        name: 'orders-payments',
        stream: 'PAYMENTS',
        maxAttempts: 30,
        on: { 'payment.authorised': paid, 'payment.captured': paid, 'payment.declined': paid },
      }),
    ],

    actions: {
      async place(ctx) {
        const { paymentMethod, ...input } = ctx.params;
        const expiresAt = node.now() + HOLD_MS;
        await actors.send(input.orderId, 'place', { ...input, paymentMethod, expiresAt }, ctx);
        return answer(await settleFor(input.orderId, ctx));
      },

      async pay(ctx) {
        const { orderId, method } = ctx.params;
        const { relation } = await related(orderId, ctx.meta);
        if (relation === 'seller') throw orderErrors('ORDER_NOT_FOUND');
        await actors.send(orderId, 'choosePayment', { method, operation: ctx.meta.operation }, ctx);
        return answer(await settleFor(orderId, ctx));
      },

      async reconcile(ctx) {
        const state = await settle(ctx.params.orderId, ctx);
        return { status: state.status };
      },

      async get(ctx) {
        const { id } = ctx.params;
        const { state, version, relation } = await related(id, ctx.meta);
        const timeline: TimelineEntry[] = [];
        for await (const step of node.log.steps('ORDERS', id)) timeline.push(...timelineOf(step));
        const { contact } = await ctx.call('carts.contact', { cartId: state.cartId, orderId: id });
        const whole = { ...viewOf(state, version), timeline, ...(contact ? { contact } : {}) };
        const { principal } = ctx.meta;
        return relation === 'seller' && principal?.kind === 'account' ? onlyOf(whole, principal.id) : whole;
      },

      async cancel(ctx) {
        const { id, reason } = ctx.params;
        const { relation } = await related(id, ctx.meta);
        if (relation === 'seller') throw failure('FORBIDDEN', 'A seller cannot cancel a customer’s order');
        await actors.send(id, 'requestCancel', { reason, staff: relation === 'staff' }, ctx);
        return answer(await settleFor(id, ctx));
      },

      async update(ctx) {
        const { id, status, carrier, tracking, ifMatch } = ctx.params;
        const { relation } = await related(id, ctx.meta);
        const { principal } = ctx.meta;
        const sellerId = relation === 'seller' && principal?.kind === 'account' ? principal.id : ctx.params.sellerId;
        const outcome = await actors.send(id, 'send', { status, sellerId, carrier, tracking, ifMatch }, ctx);
        const whole = viewOf(outcome.state, outcome.version);
        return relation === 'seller' && sellerId ? onlyOf(whole, sellerId) : whole;
      },

      async list(ctx) {
        const { principal } = ctx.meta;
        if (!principal || principal.kind === 'anonymous') throw failure('UNAUTHENTICATED');
        const { status, cursor, limit } = ctx.params;
        const own = principal.kind === 'guest' ? { guestId: principal.id } : { accountId: principal.id };
        return page({ ...own, ...(status ? { status } : {}) }, '-placedAt', limit, cursor);
      },

      async listAll(ctx) {
        const { status, accountId, from, to, sort, cursor, limit } = ctx.params;
        const { principal } = ctx.meta;
        const where = {
          ...(status ? { status } : {}),
          ...(accountId ? { accountId } : {}),
          ...(from !== undefined || to !== undefined
            ? { placedAt: { ...(from !== undefined ? { $gte: from } : {}), ...(to !== undefined ? { $lt: to } : {}) } }
            : {}),
          ...(principal?.kind === 'account' && hasRole(principal, 'seller') ? { sellerIds: principal.id } : {}),
        };
        return page(where, sort, limit, cursor);
      },

      async access(ctx) {
        const { state, version } = await actors.read(ctx.params.orderId);
        if (version === 0) throw orderErrors('ORDER_NOT_FOUND');
        const { owner, parcels, status, cartId } = state;
        const id = owner?.kind === 'account' ? { accountId: owner.id } : owner ? { guestId: owner.id } : {};
        return {
          ...id,
          sellerIds: parcels.map((parcel) => parcel.sellerId),
          cartId,
          status,
          bought: state.confirmedAt !== undefined,
        };
      },

      async exportFor(ctx) {
        const found = [];
        for (let after: string | undefined; ; ) {
          const rows = await view.find({
            where: { accountId: ctx.params.accountId },
            sort: '-placedAt',
            limit: 500,
            ...(after ? { after } : {}),
          });
          found.push(...rows.items);
          if (!rows.next) return { orders: found };
          after = rows.next;
        }
      },
    },
  };

  async function page(where: Record<string, never> | object, sort: string, limit: number, after: string | undefined) {
    const rows = await view.find({ where: where as never, sort, limit, ...(after ? { after } : {}) });
    return { items: [...rows.items], ...(rows.next ? { next: rows.next } : {}) };
  }
});
