// The shapes of the catalogue that other domains, the gateway and the UI may know: products, variants, images, categories.
// Bounds stand here once; they keep an actor's state far below the size of one log message.
import * as z from 'zod';
import { Sku } from '../../mixins/fields.ts';
import { CURRENCY } from '../../mixins/money.ts';

/** Words that are routes below /products and so can never be a slug. */
export const RESERVED_SLUGS = ['admin', 'export', 'import', 'managed', 'new', 'suggest'] as const;

export const Slug = z
  .string()
  .max(100)
  .regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/, 'lower-case letters, digits and single hyphens')
  .refine((slug) => !RESERVED_SLUGS.some((word) => word === slug), 'a reserved word');

export const ProductId = z.string().regex(/^prd_[0-9a-z]{26}$/, 'a product id');
export const ImageHash = z.string().regex(/^[0-9a-f]{64}$/, 'an image hash');
export const ProductStatus = z.enum(['draft', 'active', 'archived']);
export type ProductStatus = z.output<typeof ProductStatus>;

/** An amount in integer minor units; the shop has one currency. */
export const Price = z.strictObject({ amount: z.int().min(0).max(1_000_000_000), currency: z.literal(CURRENCY) });
export type Price = z.output<typeof Price>;

const line = (max: number) => z.string().trim().min(1).max(max);

export const Attribute = z.strictObject({ name: line(50), value: line(200) });
export type Attribute = z.output<typeof Attribute>;

export const Variant = z.strictObject({
  sku: Sku,
  /** One value per option of the product, in the order of `options`. */
  values: z.array(line(100)).max(5).default([]),
  price: Price,
  /** The price it is compared with ("was"), higher than the price. */
  compareAt: Price.nullable().default(null),
  barcode: z
    .string()
    .regex(/^[0-9A-Za-z-]{4,32}$/, '4 to 32 letters, digits or hyphens')
    .nullable()
    .default(null),
  /** False for what never runs out, such as a download. */
  tracksStock: z.boolean().default(true),
  /** One of the product's images that shows this variant. */
  image: ImageHash.nullable().default(null),
});
export type Variant = z.output<typeof Variant>;

export const ProductImage = z.object({
  hash: ImageHash,
  alt: z.string().max(300),
  /** Pixels of the largest stored size. */
  width: z.int(),
  height: z.int(),
  /** Mean colour as `#rrggbb`, painted until the image is there. */
  colour: z.string(),
});
export type ProductImage = z.output<typeof ProductImage>;

const fields = {
  title: line(200),
  description: z.string().max(20_000),
  brand: line(100).nullable(),
  categories: z.array(Slug).max(10),
  tags: z.array(line(50)).max(50),
  attributes: z.array(Attribute).max(50),
  /** Names of the choices a buyer makes, such as Colour and Size. */
  options: z.array(line(50)).max(5),
  variants: z.array(Variant).min(1).max(100),
};

/** What a seller writes; everything but title and variants may be left out. */
export const ProductInput = z.strictObject({
  ...fields,
  slug: Slug.optional(),
  status: ProductStatus.default('draft'),
  description: fields.description.default(''),
  brand: fields.brand.default(null),
  categories: fields.categories.default([]),
  tags: fields.tags.default([]),
  attributes: fields.attributes.default([]),
  options: fields.options.default([]),
});
export type ProductInput = z.output<typeof ProductInput>;

/** A change: what is given replaces what was, the rest stays. `images` orders, re-captions or drops those already there. */
export const ProductChanges = z.strictObject({
  ...z.strictObject({ ...fields, slug: Slug, status: ProductStatus }).partial().shape,
  images: z
    .array(z.strictObject({ hash: ImageHash, alt: z.string().max(300).optional() }))
    .max(20)
    .optional(),
});
export type ProductChanges = z.output<typeof ProductChanges>;

/** A product as its actor and the log have it. */
export const Product = z.object({
  id: ProductId,
  sellerId: z.string(),
  slug: z.string(),
  status: ProductStatus,
  ...fields,
  images: z.array(ProductImage),
  createdAt: z.number(),
  updatedAt: z.number(),
  publishedAt: z.number().nullable(),
});
export type Product = z.output<typeof Product>;

const edit = Product.shape;

/** The fields that one change has replaced. */
export const ProductEdits = z.object({
  slug: edit.slug.exactOptional(),
  title: edit.title.exactOptional(),
  description: edit.description.exactOptional(),
  brand: edit.brand.exactOptional(),
  categories: edit.categories.exactOptional(),
  tags: edit.tags.exactOptional(),
  attributes: edit.attributes.exactOptional(),
  options: edit.options.exactOptional(),
  variants: edit.variants.exactOptional(),
  images: edit.images.exactOptional(),
});
export type ProductEdits = z.output<typeof ProductEdits>;

export const Category = z.object({
  slug: z.string(),
  name: z.string(),
  parent: z.string().nullable(),
  /** Order among its siblings, ascending. */
  position: z.int(),
});
export type Category = z.output<typeof Category>;

/** A category with its place in the tree: slugs from the root, joined by `/`. */
export const CategoryNode = z.object({ ...Category.shape, path: z.string(), depth: z.int(), version: z.int() });
export type CategoryNode = z.output<typeof CategoryNode>;

/** Ids of actors in the CATALOG stream are told apart by these prefixes. */
export const PRODUCT_PREFIX = 'prd_';
export const CATEGORY_PREFIX = 'cat_';

/** Widths in pixels and formats in which every image is stored; `GET /images/<hash>/<width>.<format>`. */
export const IMAGE_WIDTHS = [320, 640, 1280] as const;
export const IMAGE_FORMATS = ['avif', 'webp', 'jpeg'] as const;
