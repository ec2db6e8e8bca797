// Search on this node: the index follows the catalogue and stock, and answers from memory.
import { hasRole } from '../../mixins/principal.ts';
import { catalogEntry } from '../catalog/catalog-log.contract.ts';
import { defineService } from '../contracts.ts';
import { StockLevel } from '../stock/stock.contract.ts';
import { ProductIndex } from './product-index.ts';
import { search } from './search.contract.ts';

/** Changes are applied together: a burst of sales makes one new answer, not hundreds. */
const FLUSH_MS = 50;

export default defineService(search, (node) => {
  const index = new ProductIndex();

  node.follow('CATALOG', (message) => {
    const entry = catalogEntry(message);
    if (entry?.kind === 'product') index.put(entry.product, entry.version);
    else if (entry?.kind === 'category') index.putCategory(entry.category, entry.version);
    else if (entry) index.removeCategory(entry.slug);
  });
  node.follow('STOCK', ({ id, body }) => {
    const { available, sold } = StockLevel.parse(body.summary);
    index.setStock(id, { available, sold });
  });
  node.every(FLUSH_MS, 'apply changes', async () => index.flush());

  /** Who waits for what they wrote has been followed, and must see it. */
  const upToDate = (waitFor: string | undefined): ProductIndex => {
    if (waitFor !== undefined) index.flush();
    return index;
  };

  return {
    started: async () => index.flush(),
    stopped: async () => index.close(),

    actions: {
      async query(ctx) {
        return upToDate(ctx.meta.waitFor).query(ctx.params, { status: 'active' });
      },

      async suggest(ctx) {
        return upToDate(ctx.meta.waitFor).suggest(ctx.params.q, ctx.params.limit);
      },

      async managed(ctx) {
        const { status = 'any', ...query } = ctx.params;
        const { principal } = ctx.meta;
        const all = principal === undefined || hasRole(principal, 'admin');
        const seller = all ? query.seller : principal.kind === 'account' ? principal.id : '';
        return upToDate(ctx.meta.waitFor).query(query, { status, seller });
      },
    },
  };
});
