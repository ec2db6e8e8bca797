// What the catalogue answers with: product pages, offers for carts, reports of imports.
import * as z from 'zod';
import { Price, Product, Variant } from './product.contract.ts';

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
