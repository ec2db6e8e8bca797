// The public face of the catalogue: products with variants, categories, images, bulk import and export, and the offers
// from which carts are priced.
import * as z from 'zod';
import { defineContract } from '../../mixins/contract.ts';
import { defineErrors } from '../../mixins/errors.ts';
import { IfMatch, Sku } from '../../mixins/fields.ts';
import {
  Category,
  CategoryNode,
  ImageHash,
  Price,
  Product,
  ProductChanges,
  ProductEdits,
  ProductId,
  ProductImage,
  ProductInput,
  Slug,
  Variant,
} from './product.contract.ts';

export const catalogErrors = defineErrors({
  SLUG_TAKEN: { status: 409, title: 'Another product has this slug' },
  SKU_TAKEN: { status: 409, title: 'Another product has this SKU' },
  INVALID_PRODUCT: { status: 422, title: 'The product contradicts itself' },
  UNKNOWN_CATEGORY: { status: 422, title: 'There is no such category' },
  CATEGORY_IN_USE: { status: 409, title: 'The category still has categories below it' },
  INVALID_CATEGORY: { status: 422, title: 'A category cannot be placed there' },
  TOO_MANY_IMAGES: { status: 409, title: 'A product has at most 20 images' },
  IMAGE_UNREADABLE: { status: 422, title: 'The image cannot be decoded' },
  IMAGE_TOO_LARGE: { status: 413, title: 'The image is too large' },
  IMPORT_UNREADABLE: { status: 422, title: 'The file cannot be read' },
});

const SELLERS = ['seller', 'admin'] as const;
const OWN = 'a seller their own products; an admin any';
const Format = z.enum(['csv', 'jsonl']);

/** A variant with what is left of it: `available` is null when stock is not tracked. */
export const VariantDetail = z.object({ ...Variant.shape, available: z.int().nullable(), inStock: z.boolean() });

/** A product as its page shows it. */
export const ProductDetail = z.object({
  ...Product.shape,
  variants: z.array(VariantDetail),
  version: z.int(),
  price: Price,
  priceMax: Price,
  inStock: z.boolean(),
  /** From the root to each category of the product. */
  breadcrumbs: z.array(z.array(z.object({ slug: z.string(), name: z.string() }))),
});
export type ProductDetail = z.output<typeof ProductDetail>;

/** One SKU as a cart needs it. `active` is false when it can no longer be bought. */
export const Offer = z.object({
  sku: z.string(),
  productId: z.string(),
  sellerId: z.string(),
  slug: z.string(),
  title: z.string(),
  /** The chosen values, such as `Red / L`; empty when there is nothing to choose. */
  variant: z.string(),
  price: Price,
  active: z.boolean(),
  tracksStock: z.boolean(),
  image: z.string().optional(),
});
export type Offer = z.output<typeof Offer>;

/** What an import did: counts of products, and every refused row with its line number. */
export const ImportReport = z.object({
  rows: z.int(),
  created: z.int(),
  updated: z.int(),
  unchanged: z.int(),
  /** Products that time did not suffice for: send the same file again, what is done is passed over. */
  remaining: z.int(),
  refused: z.array(z.object({ row: z.int(), field: z.string(), code: z.string(), reason: z.string() })),
});
export type ImportReport = z.output<typeof ImportReport>;

/** Answered as raw bytes. */
const File = z.object({
  contentType: z.string(),
  bytes: z.custom<Uint8Array>((bytes) => bytes instanceof Uint8Array),
  headers: z.record(z.string(), z.string()),
});

const EXAMPLE = {
  title: 'Hanging heart T-light holder',
  categories: ['lighting'],
  brand: 'Souk Home',
  options: ['Colour'],
  variants: [{ sku: 'HEART-WHITE', values: ['White'], price: { amount: 295, currency: 'GBP' } }],
};

export const catalog = defineContract({
  name: 'catalog',
  errors: catalogErrors.catalogue,
  streams: [{ name: 'CATALOG' }],
  actions: {
    get: {
      summary: 'A product by id or slug, with what is left of each variant.',
      params: z.strictObject({ idOrSlug: z.string().min(1).max(128) }),
      result: ProductDetail,
      access: 'public',
      owner: 'anyone when active; otherwise its seller and admins',
      rest: 'GET /products/:idOrSlug',
      idempotent: true,
      scope: 'products:read',
      errors: ['NOT_FOUND'],
      example: { idOrSlug: 'hanging-heart-t-light-holder' },
    },
    create: {
      summary: 'Creates a product, a draft unless told otherwise.',
      params: z.strictObject({ ...ProductInput.shape, sellerId: z.string().max(128).optional() }),
      result: ProductDetail,
      access: SELLERS,
      owner: 'a seller creates for themselves; an admin for any seller',
      rest: 'POST /products',
      status: 201,
      scope: 'products:write',
      bodyLimit: 262_144,
      errors: ['SLUG_TAKEN', 'SKU_TAKEN', 'INVALID_PRODUCT', 'UNKNOWN_CATEGORY'],
      example: EXAMPLE,
    },
    update: {
      summary: 'Changes the given fields of a product; If-Match guards against a change in between.',
      params: z.strictObject({ ...ProductChanges.shape, id: ProductId, ifMatch: IfMatch }),
      result: ProductDetail,
      access: SELLERS,
      owner: OWN,
      rest: 'PUT /products/:id',
      idempotent: true,
      scope: 'products:write',
      bodyLimit: 262_144,
      errors: ['NOT_FOUND', 'VERSION_MISMATCH', 'SLUG_TAKEN', 'SKU_TAKEN', 'INVALID_PRODUCT', 'UNKNOWN_CATEGORY'],
      example: { id: 'prd_01jd0000000000000000000000', title: 'Heart T-light holder' },
    },
    remove: {
      summary: 'Archives a product: it can no longer be found or bought, orders keep referring to it.',
      params: z.strictObject({ id: ProductId, ifMatch: IfMatch }),
      result: ProductDetail,
      access: SELLERS,
      owner: OWN,
      rest: 'DELETE /products/:id',
      idempotent: true,
      scope: 'products:write',
      errors: ['NOT_FOUND', 'VERSION_MISMATCH'],
    },
    addImage: {
      summary: 'Adds an image (JPEG, PNG, WebP, AVIF or GIF, told by its content), re-encoded in every size without metadata.',
      params: z.strictObject({
        id: ProductId /** Base64. */,
        file: z.string().min(1).max(6_700_000),
        alt: z.string().trim().max(300).default(''),
      }),
      result: z.object({ image: ProductImage, product: ProductDetail }),
      access: SELLERS,
      owner: OWN,
      rest: 'POST /products/:id/images',
      status: 201,
      idempotent: true,
      scope: 'products:write',
      body: 'upload',
      bodyLimit: 5_000_000,
      limit: { rate: 2, burst: 10 },
      errors: ['NOT_FOUND', 'UNSUPPORTED_MEDIA_TYPE', 'IMAGE_UNREADABLE', 'IMAGE_TOO_LARGE', 'TOO_MANY_IMAGES'],
    },
    removeImage: {
      summary: 'Takes an image off a product.',
      params: z.strictObject({ id: ProductId, hash: ImageHash }),
      result: ProductDetail,
      access: SELLERS,
      owner: OWN,
      rest: 'DELETE /products/:id/images/:hash',
      idempotent: true,
      scope: 'products:write',
      errors: ['NOT_FOUND'],
    },
    image: {
      summary: 'The bytes of an image in one size and format, such as 640.webp; they never change under this address.',
      params: z.strictObject({
        hash: ImageHash,
        size: z.string().regex(/^(320|640|1280)\.(avif|webp|jpeg)$/, 'such as 640.webp'),
      }),
      result: File,
      access: 'public',
      rest: 'GET /images/:hash/:size',
      idempotent: true,
      limit: { rate: 200, burst: 400 },
      errors: ['NOT_FOUND'],
    },
    import: {
      summary: 'Creates or updates products from CSV or JSON lines; every refused row is reported and nothing of it written.',
      params: z.strictObject({ format: Format, body: z.string().max(5_000_000), dryRun: z.stringbool().default(false) }),
      result: ImportReport,
      access: SELLERS,
      owner: OWN,
      rest: 'POST /products/import',
      idempotent: true,
      scope: 'products:write',
      body: 'text',
      bodyLimit: 5_000_000,
      limit: { rate: 1, burst: 5 },
      errors: ['IMPORT_UNREADABLE'],
    },
    export: {
      summary:
        'The products one may edit as CSV or JSON lines, in the form that import reads; the header X-Souk-Next is `after` of the next page.',
      params: z.strictObject({
        format: Format,
        after: ProductId.optional(),
        limit: z.coerce.number().int().min(1).max(1000).default(500),
      }),
      result: File,
      access: SELLERS,
      owner: OWN,
      rest: 'GET /products/export',
      idempotent: true,
      scope: 'products:read',
    },
    categories: {
      summary: 'All categories, parents before children, with their paths.',
      params: z.strictObject({}),
      result: z.object({ categories: z.array(CategoryNode) }),
      access: 'public',
      rest: 'GET /categories',
      idempotent: true,
      scope: 'products:read',
    },
    createCategory: {
      summary: 'Creates a category, below `parent` when given.',
      params: z.strictObject({
        slug: Slug,
        name: z.string().trim().min(1).max(100),
        parent: Slug.nullable().default(null),
        position: z.int().min(0).max(10_000).default(0),
      }),
      result: Category,
      access: ['admin'],
      rest: 'POST /categories',
      status: 201,
      idempotent: true,
      errors: ['CONFLICT', 'INVALID_CATEGORY', 'UNKNOWN_CATEGORY'],
      example: { slug: 'lighting', name: 'Lighting' },
    },
    updateCategory: {
      summary: 'Renames, moves or reorders a category; its slug stays.',
      params: z.strictObject({
        slug: Slug,
        name: z.string().trim().min(1).max(100).optional(),
        parent: Slug.nullable().optional(),
        position: z.int().min(0).max(10_000).optional(),
        ifMatch: IfMatch,
      }),
      result: Category,
      access: ['admin'],
      rest: 'PUT /categories/:slug',
      idempotent: true,
      errors: ['NOT_FOUND', 'VERSION_MISMATCH', 'INVALID_CATEGORY', 'UNKNOWN_CATEGORY'],
    },
    removeCategory: {
      summary: 'Removes a category without children; products in it stay and lose it.',
      params: z.strictObject({ slug: Slug }),
      result: z.object({ slug: z.string() }),
      access: ['admin'],
      rest: 'DELETE /categories/:slug',
      idempotent: true,
      errors: ['CATEGORY_IN_USE'],
    },
    offers: {
      summary: 'Price, title and state of SKUs, for carts. SKUs that no product has are left out.',
      params: z.object({ skus: z.array(Sku).max(500) }),
      result: z.object({ offers: z.array(Offer) }),
      access: 'internal',
      idempotent: true,
      example: { skus: ['HEART-WHITE'] },
    },
    upsert: {
      summary: 'Creates or updates products told by slug or SKU, for seeding and imports. `row` in the report counts from 1.',
      params: z.object({ sellerId: z.string(), products: z.array(ProductInput).max(1000) }),
      result: z.object({ ...ImportReport.shape, ids: z.array(z.string().nullable()) }),
      access: 'internal',
      idempotent: true,
    },
  },
  events: {
    'product.created': Product,
    'product.updated': z.object({ id: ProductId, at: z.number(), changes: ProductEdits }),
    'product.published': z.object({ id: ProductId, sellerId: z.string(), slug: z.string(), title: z.string(), at: z.number() }),
    'product.withdrawn': z.object({ id: ProductId, at: z.number() }),
    'product.archived': z.object({ id: ProductId, at: z.number() }),
    'product.imageAdded': z.object({ id: ProductId, image: ProductImage, at: z.number() }),
    'product.imageRemoved': z.object({ id: ProductId, hash: ImageHash, at: z.number() }),
    'claim.taken': z.object({ owner: z.string(), at: z.number() }),
    'claim.released': z.object({ owner: z.string(), at: z.number() }),
    'category.created': Category,
    'category.updated': Category,
    'category.removed': z.object({ slug: z.string() }),
  },
});
