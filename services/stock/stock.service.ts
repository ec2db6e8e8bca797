// Stock of every SKU. Reserving is internal: only an order's saga holds, sells and gives back.
import type { Outcome } from '../../mixins/actor/actors.ts';
import { codeOf, failure } from '../../mixins/errors.ts';
import { hasRole } from '../../mixins/principal.ts';
import { defineService } from '../contracts.ts';
import { Levels } from './levels.ts';
import { fateInLog } from './recall.ts';
import { available, type Fate, levelOf, type SkuState, skuActor } from './sku.ts';
import { type StockEvent, stock } from './stock.contract.ts';

const SWEEP_MS = 2_000;

type Send = (fate?: Fate | 'none') => Promise<Outcome<SkuState, StockEvent>>;

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

  /** A step of an order's saga. What the SKU has forgotten of the order is looked up in its log, and the step is tried with that. */
  async function step(order: { sku: string; orderId: string; since?: number | undefined }, send: Send) {
    const { sku, orderId, since = 0 } = order;
    const { state } = await send().catch(async (error: unknown) => {
      if (codeOf(error) !== 'FATE_UNKNOWN') throw error;
      return send(await fateInLog(node.log, sku, orderId, since));
    });
    return { sku, available: available(state) };
  }

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
        const { sku, ...input } = ctx.params;
        return step(ctx.params, (fate) => skus.send(sku, 'reserve', { ...input, fate }, ctx));
      },

      async commit(ctx) {
        const { sku, ...input } = ctx.params;
        return step(ctx.params, (fate) => skus.send(sku, 'commit', { ...input, fate }, ctx));
      },

      async release(ctx) {
        const { sku, orderId } = ctx.params;
        const { state } = await skus.send(sku, 'release', { orderId }, ctx);
        return { sku, available: available(state) };
      },

      async undo(ctx) {
        const { sku, ...input } = ctx.params;
        return step(ctx.params, (fate) => skus.send(sku, 'undo', { ...input, fate }, ctx));
      },

      async restock(ctx) {
        const { sku, ...input } = ctx.params;
        return step(ctx.params, (fate) => skus.send(sku, 'restock', { ...input, fate }, ctx));
      },
    },
  };
});
