// Carts of guests and accounts. Prices and availability are looked up for every answer; nothing is charged that was not shown.
import { codeOf, failure } from '../../mixins/errors.ts';
import type { Meta } from '../../mixins/meta.ts';
import { defineService, type ServiceContext } from '../contracts.ts';
import type { OrderView } from '../orders/order.contract.ts';
import { stockErrors } from '../stock/stock.contract.ts';
import type { CartView, Owner } from './cart.contract.ts';
import { type CartState, cartActor, cartIdOf } from './cart.ts';
import { cartErrors, carts } from './carts.contract.ts';
import { offersFor } from './offers.ts';
import { totalsOf, viewOf } from './pricing.ts';

/** The cart's owner is whoever calls. @throws UNAUTHENTICATED for a caller without identity */
function ownerOf({ principal }: Meta): Owner {
  if (principal?.kind === 'guest' || principal?.kind === 'account') return { kind: principal.kind, id: principal.id };
  throw failure('UNAUTHENTICATED', 'A cart needs a guest cookie or an account');
}

export default defineService(carts, (node) => {
  const actors = node.actors(cartActor, 5_000);

  async function shown(ctx: ServiceContext, { state, version }: { state: CartState; version: number }): Promise<CartView> {
    return viewOf(state, version, await offersFor(ctx, state.status === 'open' ? state.lines : []));
  }

  /**
   * The caller's cart as it stands. A purchase writes nothing to its cart: the next use of a frozen cart asks whether its order
   * has come about, and empties it then.
   */
  async function current(ctx: ServiceContext) {
    const owner = ownerOf(ctx.meta);
    const id = cartIdOf(owner);
    const found = await actors.read(id);
    const { status, orderId } = found.state;
    if (status !== 'frozen' || !orderId) return { ...found, id, owner };
    const bought = await ctx.call('orders.access', { orderId }).then((order) => order.bought, isUnplaced);
    return { ...(bought ? await actors.send(id, 'settle', { orderId, outcome: 'bought' }, ctx) : found), id, owner };
  }

  /** Places the order of a frozen cart; repeated for the same cart it returns the same order. */
  async function placeOrder(ctx: ServiceContext, state: CartState) {
    const { checkout, lines } = state;
    if (!checkout) throw cartErrors('CART_EMPTY');
    const { orderId, owner, totals, delivery, country, paymentMethod } = checkout;
    const orderLines = lines.map(({ key: _key, ...line }) => line);
    return ctx.call('orders.place', {
      orderId,
      cartId: state.id,
      owner,
      lines: orderLines,
      totals,
      delivery,
      country,
      paymentMethod,
    });
  }

  /** The order that this very request has placed before: its node died after the purchase and before the answer was kept. */
  async function orderOfRequest(ctx: ServiceContext, operation: string | undefined): Promise<OrderView | undefined> {
    if (!operation) return undefined;
    const { state } = await actors.read(cartIdOf(ownerOf(ctx.meta)));
    const { lastCheckout } = state;
    if (lastCheckout?.operation !== operation) return undefined;
    if (state.orderId === lastCheckout.orderId) return placeOrder(ctx, state);
    return ctx.call('orders.get', { id: lastCheckout.orderId });
  }

  return {
    reactions: [
      node.reaction({
        name: 'carts-orders',
        stream: 'CARTS',
        maxAttempts: 30,
        on: {
          // The safety net of checkout: the node that froze the cart may have died before it placed the order.
          'cart.checkedOut': async ({ orderId }, message, origin) => {
            const { state } = await actors.read(message.id);
            if (state.orderId !== orderId) return;
            await placeOrder(node.as(origin), state);
          },
        },
      }),
    ],

    actions: {
      async get(ctx) {
        return shown(ctx, await current(ctx));
      },

      async add(ctx) {
        const { sku, quantity } = ctx.params;
        const { id, owner } = await current(ctx);
        const { offers } = await ctx.call('catalog.offers', { skus: [sku] });
        const [offer] = offers;
        if (!offer?.active) throw cartErrors('NOT_FOR_SALE', undefined, { sku });
        const { productId, sellerId, title, variant, price, tracksStock, image } = offer;
        const line = {
          key: sku,
          sku,
          productId,
          sellerId,
          title,
          variant,
          quantity,
          unitPrice: price.amount,
          tracksStock,
          ...(image ? { image } : {}),
        };
        return shown(ctx, await actors.send(id, 'add', { line, owner, operation: ctx.meta.operation }, ctx));
      },

      async change(ctx) {
        const { id } = await current(ctx);
        return shown(ctx, await actors.send(id, 'change', ctx.params, ctx));
      },

      async remove(ctx) {
        const { id } = await current(ctx);
        return shown(ctx, await actors.send(id, 'remove', ctx.params, ctx));
      },

      async accept(ctx) {
        const { id, state } = await current(ctx);
        const offers = await offersFor(ctx, state.lines);
        const prices = Object.fromEntries(
          state.lines.map(({ key, sku, unitPrice }) => [key, offers.get(sku)?.price ?? unitPrice]),
        );
        return shown(ctx, await actors.send(id, 'reprice', { prices }, ctx));
      },

      async checkout(ctx) {
        const { contact, delivery, paymentMethod, expectedTotal } = ctx.params;
        const { operation } = ctx.meta;
        const earlier = await orderOfRequest(ctx, operation);
        if (earlier) return accepted(earlier);
        const { id, state, version } = await current(ctx);
        if (state.status === 'open' && state.lines.length > 0) {
          const { problems } = viewOf(state, version, await offersFor(ctx, state.lines));
          const total = totalsOf(state.lines, delivery).total;
          if (problems.length > 0) throw changed(problems, total);
          if (expectedTotal && expectedTotal.amount !== total) throw changed([], total);
        }
        const checkout = { contact, delivery, paymentMethod, operation, checked: version };
        const frozen = await actors.send(id, 'checkout', checkout, ctx);
        return accepted(await placeOrder(ctx, frozen.state));
      },

      async fill(ctx) {
        const { cartId, owner, lines } = ctx.params;
        const { state } = await actors.send(cartId, 'fill', { lines, owner }, ctx);
        return { cartId, lines: state.lines.length };
      },

      async order(ctx) {
        const { cartId, ...checkout } = ctx.params;
        const { state } = await actors.send(cartId, 'checkout', checkout, ctx);
        return placeOrder(ctx, state);
      },

      async contact(ctx) {
        const { cartId, orderId } = ctx.params;
        const contact = (await actors.read(cartId)).state.contacts[orderId];
        return contact ? { contact } : {};
      },

      async settle(ctx) {
        const { cartId, orderId, outcome } = ctx.params;
        const { state } = await actors.send(cartId, 'settle', { orderId, outcome }, ctx);
        return { status: state.status };
      },

      async adopt(ctx) {
        const { guestId, accountId } = ctx.params;
        const from = cartIdOf({ id: guestId });
        const guest = await actors.read(from);
        if (guest.state.status !== 'open' || guest.state.lines.length === 0) return { merged: 0 };
        const into = cartIdOf({ id: accountId });
        const { lines } = guest.state;
        // The guest's cart is emptied first: a crash in between can lose the merge, never put everything in twice.
        const handed = await actors.send(from, 'handOver', { into }, ctx);
        if (handed.events.length === 0) return { merged: 0 };
        await actors.send(into, 'merge', { from, lines, owner: { kind: 'account', id: accountId } }, ctx);
        return { merged: lines.length };
      },

      async exportFor(ctx) {
        const { state, version } = await actors.read(cartIdOf({ id: ctx.params.accountId }));
        return { carts: version > 0 ? [state] : [] };
      },

      async eraseFor(ctx) {
        const { accountId } = ctx.params;
        const { orders: rows } = await ctx.call('orders.exportFor', { accountId });
        const ids = new Set([cartIdOf({ id: accountId })]);
        for (const { id } of rows) ids.add((await ctx.call('orders.access', { orderId: id })).cartId);
        let erased = 0;
        for (const id of ids) {
          const { version } = await actors.read(id);
          if (version === 0) continue;
          await node.log.purge('CARTS', id);
          actors.forget(id);
          erased++;
        }
        return { erased };
      },
    },
  };
});

/** The order, unless it was rejected: then the refusal that says why. */
function accepted(order: OrderView): OrderView {
  if (order.status !== 'rejected') return order;
  const data = { orderId: order.id, lines: order.shortages ?? [] };
  throw order.reason === 'out_of_stock'
    ? stockErrors('OUT_OF_STOCK', undefined, data)
    : cartErrors('PAYMENT_FAILED', undefined, data);
}

/** An order that is not in the log yet: the checkout that froze the cart is still under way. */
function isUnplaced(error: unknown): false {
  if (codeOf(error) === 'ORDER_NOT_FOUND') return false;
  throw error;
}

function changed(problems: CartView['problems'], total: number) {
  const short = problems.filter(({ code }) => code === 'OUT_OF_STOCK' || code === 'NOT_ENOUGH');
  if (short.length > 0)
    return stockErrors('OUT_OF_STOCK', undefined, { lines: short.map(({ sku, available }) => ({ sku, available })), problems });
  return cartErrors('CART_CHANGED', undefined, { problems, total });
}
