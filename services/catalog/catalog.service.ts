// The catalogue: products, categories, images, import and export. Prices of carts come from this node's copy of the log.

import { failure } from '../../mixins/errors.ts';
import { hasRole } from '../../mixins/principal.ts';
import { defineService } from '../contracts.ts';
import { createCategory, removeCategory, updateCategory } from './catalog.categories.ts';
import { catalog } from './catalog.contract.ts';
import { toCsv, toJsonLines } from './export-file.ts';
import { CatalogHost, mayEdit, sellerFor } from './host.ts';
import { readImport } from './import-file.ts';
import type { Written } from './listing.ts';
import { mapWithin } from './window.ts';

const READ_AT_ONCE = 32;
/** An import answers within this time and says how much is left; callers stop waiting after ten seconds. */
const IMPORT_MS = 6_000;

export default defineService(catalog, (node) => {
  const host = new CatalogHost(node);
  const { listing, products } = host;
  const wrote = ({ product, version }: Written): void => host.learn(product, version);

  return {
    actions: {
      async get(ctx) {
        const page = await host.page(ctx.params.idOrSlug);
        if (page.status !== 'active' && !mayEdit(ctx.meta, page.sellerId))
          throw failure('NOT_FOUND', 'There is no such product.');
        return page;
      },

      async create(ctx) {
        const { sellerId, ...input } = ctx.params;
        const written = await listing.create(sellerFor(ctx.meta, sellerId), input, ctx);
        ctx.meta.location = `/api/products/${written.product.id}`;
        return host.shown(written);
      },

      async update(ctx) {
        const { id, ifMatch, ...changes } = ctx.params;
        await host.own(id, ctx.meta);
        return host.shown(await listing.update(id, changes, ifMatch, ctx));
      },

      async remove(ctx) {
        const { id, ifMatch } = ctx.params;
        const product = await host.own(id, ctx.meta);
        const { state, version } = await products.send(id, 'archive', { ifMatch }, ctx);
        return host.shown({ product: state ?? product, version });
      },

      async addImage(ctx) {
        const { id, file, alt } = ctx.params;
        const product = await host.own(id, ctx.meta);
        const image = await host.images.add(Buffer.from(file, 'base64'), alt);
        const { state, version } = await products.send(id, 'addImage', { image }, ctx);
        return { image, product: host.shown({ product: state ?? product, version }) };
      },

      async removeImage(ctx) {
        const { id, hash } = ctx.params;
        const product = await host.own(id, ctx.meta);
        const { state, version } = await products.send(id, 'removeImage', { hash }, ctx);
        return host.shown({ product: state ?? product, version });
      },

      async image(ctx) {
        return host.images.get(ctx.params.hash, ctx.params.size);
      },

      async import(ctx) {
        const { format, body, dryRun } = ctx.params;
        const any = ctx.meta.principal === undefined || hasRole(ctx.meta.principal, 'admin');
        const sellerId = sellerFor(ctx.meta, undefined);
        const deadline = node.now() + IMPORT_MS;
        const expired = (): boolean => node.now() > deadline;
        const options = { sellerId, any, dryRun, origin: ctx, wrote, expired };
        const { ids: _ids, ...report } = await host.importer.run(readImport(format, body), options);
        return report;
      },

      async export(ctx) {
        const { format, after = '', limit } = ctx.params;
        const all = ctx.meta.principal === undefined || hasRole(ctx.meta.principal, 'admin');
        const ids = host.shelf.idsAfter(after, all ? undefined : sellerFor(ctx.meta, undefined), limit + 1);
        const page = await mapWithin(READ_AT_ONCE, ids.slice(0, limit), async (id) => (await products.read(id)).state);
        const found = page.filter((product) => product !== null);
        const last = ids.length > limit ? ids[limit - 1] : undefined;
        const [text, type] = format === 'csv' ? [toCsv(found), 'text/csv'] : [toJsonLines(found), 'application/jsonl'];
        const headers = {
          'Content-Disposition': `attachment; filename="products.${format}"`,
          ...(last === undefined ? {} : { 'X-Souk-Next': last }),
        };
        return { contentType: `${type}; charset=utf-8`, bytes: Buffer.from(text), headers };
      },

      async categories() {
        return host.categoryList();
      },

      async createCategory(ctx) {
        return createCategory(host, ctx.params, ctx);
      },

      async updateCategory(ctx) {
        const { slug, ifMatch, name, parent, position } = ctx.params;
        const changes = {
          ...(name === undefined ? {} : { name }),
          ...(parent === undefined ? {} : { parent }),
          ...(position === undefined ? {} : { position }),
        };
        return updateCategory(host, slug, { changes, ifMatch }, ctx);
      },

      async removeCategory(ctx) {
        return removeCategory(host, ctx.params.slug, ctx);
      },

      async offers(ctx) {
        const offers = await Promise.all(ctx.params.skus.map((sku) => host.shelf.offer(sku) ?? host.offer(sku)));
        return { offers: offers.filter((offer) => offer !== undefined) };
      },

      async upsert(ctx) {
        const { sellerId, products: inputs } = ctx.params;
        const raw = inputs.map(({ variants, ...fields }, i) => {
          return { row: i + 1, fields, variants: variants.map((variant) => ({ row: i + 1, fields: variant })) };
        });
        const file = { rows: raw.length, products: raw, refused: [] };
        return host.importer.run(file, { sellerId, any: true, dryRun: false, origin: ctx, wrote, expired: () => false });
      },
    },
  };
});
