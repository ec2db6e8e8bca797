// Stock of every SKU. Reserving is internal: only an order's saga holds, sells and gives back.
import { failure } from '../../mixins/errors.ts';
import { hasRole } from '../../mixins/principal.ts';
import { defineService } from '../contracts.ts';
import { Levels } from './levels.ts';
import { available, levelOf, skuActor } from './sku.ts';
import { stock } from './stock.contract.ts';

const SWEEP_MS = 2_000;

export default defineService(stock, (node) => {
  const skus = node.actors(skuActor, 20_000);
  const levels = new Levels();
  node.follow('STOCK', (message) => levels.apply(message));

  // Any node may sweep: whoever is second finds nothing to do.
  node.every(SWEEP_MS, 'expire holds', async () => {
    for (const sku of levels.expiredBy(node.now())) {
      const { state } = await skus.send(sku, 'expire', {}, { meta: {} });
      levels.learn(sku, state.holds);
    }
  });

  return {
    actions: {
      async get(ctx) {
        const { state, version } = await skus.read(ctx.params.sku);
        if (version === 0) throw failure('NOT_FOUND', 'No such SKU', { sku: ctx.params.sku });
        return levelOf(state);
      },

      async check(ctx) {
        const items = ctx.params.items.map(({ sku, quantity }) => {
          const left = levels.get(sku).available;
          return { sku, requested: quantity, available: Math.max(0, left), ok: left >= quantity };
        });
        return { available: items.every((item) => item.ok), items };
      },

      async set(ctx) {
        const { sku, change, reason, note, reference } = ctx.params;
        const { offers } = await ctx.call('catalog.offers', { skus: [sku] });
        const [offer] = offers;
        if (!offer) throw failure('NOT_FOUND', 'No product has this SKU', { sku });
        const { principal } = ctx.meta;
        const own = principal?.kind === 'account' && offer.sellerId === principal.id;
        if (!own && !hasRole(principal, 'admin')) throw failure('FORBIDDEN', 'This product belongs to another seller');
        // Without a reference of its own a repeated request is known by its Idempotency-Key.
        const known = reference ?? ctx.meta.operation;
        const { state } = await skus.send(sku, 'adjust', { change, reason, note, reference: known }, ctx);
        return levelOf(state);
      },

      async receive(ctx) {
        const { sku, quantity, reference } = ctx.params;
        const { state } = await skus.send(sku, 'receive', { quantity, reference }, ctx);
        return levelOf(state);
      },

      async levels(ctx) {
        return { levels: ctx.params.skus.map((sku) => levels.get(sku)) };
      },

      async reserve(ctx) {
        const { sku, orderId, quantity, expiresAt } = ctx.params;
        const { state } = await skus.send(sku, 'reserve', { orderId, quantity, expiresAt }, ctx);
        return { sku, available: available(state) };
      },

      async commit(ctx) {
        const { state } = await skus.send(ctx.params.sku, 'commit', { orderId: ctx.params.orderId }, ctx);
        return { sku: ctx.params.sku, available: available(state) };
      },

      async release(ctx) {
        const { sku, orderId } = ctx.params;
        const { state } = await skus.send(sku, 'release', { orderId }, ctx);
        return { sku, available: available(state) };
      },

      async undo(ctx) {
        const { sku, orderId } = ctx.params;
        const { state } = await skus.send(sku, 'undo', { orderId }, ctx);
        return { sku, available: available(state) };
      },

      async restock(ctx) {
        const { sku, orderId, quantity } = ctx.params;
        const { state } = await skus.send(sku, 'restock', { orderId, quantity }, ctx);
        return { sku, available: available(state) };
      },
    },
  };
});
