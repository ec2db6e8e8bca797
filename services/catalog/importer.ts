// Applies an import: every product of the file is looked up by slug or SKU, completed by what is already there, checked like
// any other write, and created or updated. A refused product is reported row by row and nothing of it is written.
import * as z from 'zod';
import type { Origin } from '../../mixins/meta.ts';
import type { ImportFile, RawProduct, Refusal } from './import-file.ts';
import type { Listing, Written } from './listing.ts';
import { type Product, ProductInput } from './product.contract.ts';
import { checkContent } from './product.ts';
import { mapWithin } from './window.ts';

/** Products in flight: each waits for the log, which writes many at once. */
const AT_ONCE = 128;

export interface ImportOptions {
  readonly sellerId: string;
  /** True for those who may change products of other sellers. */
  readonly any: boolean;
  readonly dryRun: boolean;
  readonly origin: Origin;
  /** Asked before each product: true when no further one may be begun. */
  expired(): boolean;
  /** Called for everything that was written. */
  wrote(written: Written): void;
}

type Result =
  | { readonly outcome: 'created' | 'updated' | 'unchanged'; readonly id: string | null }
  | { readonly outcome: 'remaining'; readonly id: null }
  | { readonly outcome: 'refused'; readonly id: null; readonly refusals: readonly Refusal[] };

/** Without what the file does not say: null as image means "as it was". */
function said(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { image, ...rest } = fields;
  return image === null || image === undefined ? rest : fields;
}

/** What is there, overlaid by what the file says; variants that it does not name stay. */
function overlay(existing: Product | undefined, raw: RawProduct): Record<string, unknown> {
  const named = raw.variants.map(({ fields }) => said(fields));
  if (!existing) return { ...raw.fields, variants: named };
  const { id: _id, sellerId: _s, images: _i, createdAt: _c, updatedAt: _u, publishedAt: _p, ...content } = existing;
  const kept = content.variants.map((variant) => ({ ...variant, ...named.find(({ sku }) => sku === variant.sku) }));
  const added = named.filter(({ sku }) => !content.variants.some((variant) => variant.sku === sku));
  return { ...content, ...raw.fields, variants: [...kept, ...added] };
}

function rowOf(raw: RawProduct, sku: unknown): number {
  return raw.variants.find(({ fields }) => fields.sku === sku)?.row ?? raw.row;
}

function refusalsOf(raw: RawProduct, candidate: Record<string, unknown>, error: z.ZodError): Refusal[] {
  const variants = Array.isArray(candidate.variants) ? candidate.variants : [];
  return error.issues.map(({ path, message }) => {
    const [head, index, ...rest] = path;
    const inVariant = head === 'variants' && typeof index === 'number';
    const field = (inVariant ? rest : path).join('.');
    return { row: inVariant ? rowOf(raw, variants[index]?.sku) : raw.row, field, code: 'INVALID_INPUT', reason: message };
  });
}

const Refused = z.object({
  type: z.string(),
  code: z.int().max(499),
  message: z.string(),
  data: z.object({ field: z.string().optional(), sku: z.string().optional() }).optional(),
});

/** What a refused write means for the rows; anything that is not a refusal stops the import. */
function refusalOf(raw: RawProduct, error: unknown): Refusal {
  const { success, data: refused } = Refused.safeParse(error);
  if (!success) throw error;
  const { field, sku } = refused.data ?? {};
  return { row: rowOf(raw, sku), field: field ?? (sku === undefined ? '' : 'sku'), code: refused.type, reason: refused.message };
}

export class Importer {
  readonly #listing: Listing;

  constructor(listing: Listing) {
    this.#listing = listing;
  }

  /** One result per product of the file, in its order. */
  async run(file: ImportFile, options: ImportOptions) {
    const bad = new Set(file.refused.map(({ row }) => row));
    const isBad = ({ row, variants }: RawProduct): boolean => bad.has(row) || variants.some((variant) => bad.has(variant.row));
    const results = await mapWithin(AT_ONCE, file.products, async (raw): Promise<Result> => {
      if (options.expired()) return { outcome: 'remaining', id: null };
      if (isBad(raw)) return { outcome: 'refused', id: null, refusals: [] };
      return this.#apply(raw, options);
    });
    const count = (wanted: Result['outcome']): number => results.filter(({ outcome }) => outcome === wanted).length;
    const refused = [...file.refused, ...results.flatMap((result) => (result.outcome === 'refused' ? result.refusals : []))];
    return {
      rows: file.rows,
      created: count('created'),
      updated: count('updated'),
      unchanged: count('unchanged'),
      remaining: count('remaining'),
      refused: refused.sort((a, b) => a.row - b.row),
      ids: results.map(({ id }) => id),
    };
  }

  async #apply(raw: RawProduct, options: ImportOptions): Promise<Result> {
    const skus = raw.variants.flatMap(({ fields: { sku } }) => (typeof sku === 'string' ? [sku] : []));
    const slug = typeof raw.fields.slug === 'string' ? raw.fields.slug : undefined;
    const existing = await this.#listing.find(slug, skus);
    const candidate = overlay(existing?.product, raw);
    const parsed = ProductInput.safeParse(candidate);
    if (!parsed.success) return { outcome: 'refused', id: null, refusals: refusalsOf(raw, candidate, parsed.error) };
    if (existing && !options.any && existing.product.sellerId !== options.sellerId) {
      const reason = 'This slug or SKU belongs to a product of another seller';
      return {
        outcome: 'refused',
        id: null,
        refusals: [{ row: raw.row, field: slug ? 'slug' : 'sku', code: 'FORBIDDEN', reason }],
      };
    }
    try {
      return await this.#write(existing, parsed.data, options);
    } catch (error) {
      return { outcome: 'refused', id: null, refusals: [refusalOf(raw, error)] };
    }
  }

  async #write(existing: Written | undefined, input: ProductInput, options: ImportOptions): Promise<Result> {
    const { sellerId, dryRun, origin } = options;
    if (dryRun) {
      checkContent({ ...input, images: existing?.product.images ?? [] });
      return { outcome: existing ? 'updated' : 'created', id: existing?.product.id ?? null };
    }
    const { slug, ...content } = input;
    const changes = slug === undefined ? content : { ...content, slug };
    const written = existing
      ? await this.#listing.update(existing.product.id, changes, undefined, origin)
      : await this.#listing.create(sellerId, input, origin);
    options.wrote(written);
    return { outcome: existing ? (written.changed ? 'updated' : 'unchanged') : 'created', id: written.product.id };
  }
}
