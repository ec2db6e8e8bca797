// The rules of one product: what may be written, what a change means, when it can be bought.
import { type DecideContext, defineActor } from '../../mixins/actor/definition.ts';
import type { EventOf } from '../../mixins/contract.ts';
import { failure } from '../../mixins/errors.ts';
import { type catalog, catalogErrors } from './catalog.contract.ts';
import type { Product, ProductChanges, ProductEdits, ProductImage, ProductInput, ProductStatus } from './product.contract.ts';

export type ProductEvent = Extract<EventOf<typeof catalog>, { type: `product.${string}` }>;
type State = Product | null;

export const MAX_IMAGES = 20;

export interface NewProduct {
  readonly id: string;
  readonly sellerId: string;
  readonly slug: string;
  readonly content: Omit<ProductInput, 'slug'>;
}

export interface Change {
  readonly changes: ProductChanges;
  /** The version that the caller saw. */
  readonly ifMatch?: number | undefined;
}

function invalid(field: string, reason: string) {
  return catalogErrors('INVALID_PRODUCT', reason, { field });
}

function repeated(values: readonly string[]): string | undefined {
  return values.find((value, index) => values.indexOf(value) !== index);
}

/** Refuses content that contradicts itself: INVALID_PRODUCT with the field. */
export function checkContent({
  options,
  variants,
  categories,
  images,
}: Pick<Product, 'options' | 'variants' | 'categories' | 'images'>) {
  const option = repeated(options);
  if (option !== undefined) throw invalid('options', `The option ${option} is there twice.`);
  const category = repeated(categories);
  if (category !== undefined) throw invalid('categories', `The category ${category} is there twice.`);
  const sku = repeated(variants.map((variant) => variant.sku));
  if (sku !== undefined) throw invalid('variants.sku', `The SKU ${sku} is there twice.`);
  for (const { sku, values, price, compareAt, image } of variants) {
    if (values.length !== options.length)
      throw invalid('variants.values', `${sku} needs one value for each of ${options.length} options.`);
    if (compareAt && (compareAt.currency !== price.currency || compareAt.amount <= price.amount))
      throw invalid('variants.compareAt', `The price ${sku} is compared with must be higher than its price.`);
    if (image !== null && !images.some(({ hash }) => hash === image))
      throw invalid('variants.image', `${sku} shows an image the product lacks.`);
  }
  if (variants.length > 1 && options.length === 0)
    throw invalid('options', 'Several variants need an option that tells them apart.');
  const twin = repeated(variants.map((variant) => JSON.stringify(variant.values)));
  if (twin !== undefined) throw invalid('variants.values', `Two variants have the same values ${twin}.`);
}

function pickImages(product: Product, wanted: NonNullable<ProductChanges['images']>): ProductImage[] {
  const twice = repeated(wanted.map(({ hash }) => hash));
  if (twice !== undefined) throw invalid('images', `The image ${twice} is there twice.`);
  return wanted.map(({ hash, alt }) => {
    const image = product.images.find((candidate) => candidate.hash === hash);
    if (!image) throw invalid('images', `The product has no image ${hash}.`);
    return alt === undefined ? image : { ...image, alt };
  });
}

const EDITABLE = ['slug', 'title', 'description', 'brand', 'categories', 'tags', 'attributes', 'options', 'variants'] as const;

/** Only what differs, so that an import of the same file appends nothing. */
function difference(product: Product, changes: ProductChanges): ProductEdits {
  const edits: ProductEdits = {};
  const put = <K extends keyof ProductEdits>(field: K, value: ProductEdits[K] | undefined) => {
    if (value !== undefined && JSON.stringify(value) !== JSON.stringify(product[field])) edits[field] = value;
  };
  for (const field of EDITABLE) put(field, changes[field]);
  if (changes.images) put('images', pickImages(product, changes.images));
  return edits;
}

function statusEvents(before: Product, after: Product, wanted: ProductStatus, at: number): ProductEvent[] {
  const { id, sellerId, slug, title } = after;
  if (wanted === before.status) return [];
  if (wanted === 'active') return [{ type: 'product.published', data: { id, sellerId, slug, title, at } }];
  return [{ type: wanted === 'draft' ? 'product.withdrawn' : 'product.archived', data: { id, at } }];
}

function existing(state: State): Product {
  if (state === null) throw failure('NOT_FOUND', 'There is no such product.');
  return state;
}

function matching(ifMatch: number | undefined, version: number): void {
  if (ifMatch !== undefined && ifMatch !== version) throw failure('VERSION_MISMATCH', undefined, { version });
}

function create(state: State, { id, sellerId, slug, content }: NewProduct, { now }: DecideContext): ProductEvent[] {
  if (state !== null) return [];
  const { status, ...fields } = content;
  const times = { createdAt: now, updatedAt: now, publishedAt: null };
  const product: Product = { ...fields, id, sellerId, slug, status: 'draft', images: [], ...times };
  checkContent(product);
  return [{ type: 'product.created', data: product }, ...statusEvents(product, product, status, now)];
}

function update(state: State, { changes, ifMatch }: Change, { now, version }: DecideContext): ProductEvent[] {
  const product = existing(state);
  const fields = difference(product, changes);
  const after = { ...product, ...fields };
  const status = statusEvents(product, after, changes.status ?? product.status, now);
  const edits = Object.keys(fields).length > 0;
  if (!edits && status.length === 0) return [];
  matching(ifMatch, version);
  checkContent(after);
  return [
    ...(edits ? [{ type: 'product.updated' as const, data: { id: product.id, at: now, changes: fields } }] : []),
    ...status,
  ];
}

function archive(state: State, { ifMatch }: { ifMatch?: number | undefined }, { now, version }: DecideContext): ProductEvent[] {
  const product = existing(state);
  if (product.status === 'archived') return [];
  matching(ifMatch, version);
  return [{ type: 'product.archived', data: { id: product.id, at: now } }];
}

function addImage(state: State, { image }: { image: ProductImage }, { now }: DecideContext): ProductEvent[] {
  const product = existing(state);
  if (product.images.some(({ hash }) => hash === image.hash)) return [];
  if (product.images.length >= MAX_IMAGES) throw catalogErrors('TOO_MANY_IMAGES');
  return [{ type: 'product.imageAdded', data: { id: product.id, image, at: now } }];
}

function removeImage(state: State, { hash }: { hash: string }, { now }: DecideContext): ProductEvent[] {
  const product = existing(state);
  const has = product.images.some((image) => image.hash === hash);
  return has ? [{ type: 'product.imageRemoved', data: { id: product.id, hash, at: now } }] : [];
}

function without(product: Product, hash: string): Partial<Product> {
  return {
    images: product.images.filter((image) => image.hash !== hash),
    variants: product.variants.map((variant) => (variant.image === hash ? { ...variant, image: null } : variant)),
  };
}

function evolve(state: State, event: ProductEvent): State {
  if (event.type === 'product.created') return event.data;
  if (state === null) return state;
  const updatedAt = event.data.at;
  switch (event.type) {
    case 'product.updated':
      return { ...state, ...event.data.changes, updatedAt };
    case 'product.published':
      return { ...state, status: 'active', publishedAt: state.publishedAt ?? updatedAt, updatedAt };
    case 'product.withdrawn':
      return { ...state, status: 'draft', updatedAt };
    case 'product.archived':
      return { ...state, status: 'archived', updatedAt };
    case 'product.imageAdded':
      return { ...state, images: [...state.images, event.data.image], updatedAt };
    case 'product.imageRemoved':
      return { ...state, ...without(state, event.data.hash), updatedAt };
    default:
      return event satisfies never;
  }
}

export const productActor = defineActor({
  stream: 'CATALOG',
  initial: (_id: string): State => null,
  decide: { create, update, archive, addImage, removeImage },
  evolve,
});
