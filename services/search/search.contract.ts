// The public face of search: lists, full text with facets, suggestions. Prices are in minor units of the shop's currency.
import * as z from 'zod';
import { defineContract } from '../../mixins/contract.ts';
import { CategoryNode, Price, ProductImage, ProductStatus } from '../catalog/product.contract.ts';

/** A query parameter that may be given several times; within one facet several values mean "any of these". */
const many = (value: z.ZodString) =>
  z
    .union([value, z.array(value).max(20)])
    .transform((given) => (Array.isArray(given) ? given : [given]))
    .optional();

export const Sort = z.enum(['relevance', 'newest', 'price', '-price', 'name', 'bestselling']);
export type Sort = z.output<typeof Sort>;

const amount = z.coerce.number().int().min(0).max(1_000_000_000).optional();

export const Query = z.strictObject({
  q: z.string().max(200).optional(),
  category: many(z.string().min(1).max(100)),
  brand: many(z.string().min(1).max(100)),
  /** An attribute or option with its value, such as `Colour:Red`. */
  filter: many(
    z
      .string()
      .max(260)
      .regex(/^[^:]{1,50}:.{1,200}$/su, 'a name and a value, such as Colour:Red'),
  ),
  minPrice: amount,
  maxPrice: amount,
  inStock: z.stringbool().optional(),
  seller: z.string().max(128).optional(),
  /** Best match when there is text, newest otherwise. */
  sort: Sort.optional(),
  cursor: z.string().max(600).optional(),
  limit: z.coerce.number().int().min(1).max(100).default(20),
  facets: z.stringbool().default(false),
});
export type Query = z.output<typeof Query>;

/** A product as a list shows it. `available` is null when a variant never runs out; `sku` is the first one that can be bought. */
export const Card = z.object({
  id: z.string(),
  slug: z.string(),
  title: z.string(),
  brand: z.string().nullable(),
  sellerId: z.string(),
  status: ProductStatus,
  price: Price,
  priceMax: Price,
  compareAt: Price.nullable(),
  image: ProductImage.nullable(),
  sku: z.string(),
  variants: z.int(),
  inStock: z.boolean(),
  available: z.int().nullable(),
});
export type Card = z.output<typeof Card>;

const Count = z.object({ value: z.string(), count: z.int() });

/** How many results each further choice has. A facet's own counts ignore the choice already made in it. */
export const Facets = z.object({
  categories: z.array(z.object({ ...CategoryNode.shape, count: z.int() })),
  brands: z.array(Count),
  /** From `from` up to and without `to`; the last one is open. */
  prices: z.array(z.object({ from: z.int(), to: z.int().nullable(), count: z.int() })),
  attributes: z.array(z.object({ name: z.string(), values: z.array(Count) })),
  inStock: z.int(),
});
export type Facets = z.output<typeof Facets>;

export const Page = z.object({
  items: z.array(Card),
  total: z.int(),
  /** Give it as `cursor` for the next page; null on the last. */
  next: z.string().nullable(),
  facets: Facets.optional(),
  /** Only when nothing was found. */
  didYouMean: z.string().optional(),
});
export type Page = z.output<typeof Page>;

export const Suggestions = z.object({
  products: z.array(Card),
  categories: z.array(CategoryNode),
  brands: z.array(z.string()),
  /** The last word, completed. */
  words: z.array(z.string()),
});
export type Suggestions = z.output<typeof Suggestions>;

export const search = defineContract({
  name: 'search',
  errors: {},
  events: {},
  actions: {
    query: {
      summary: 'Products on sale: browsed, searched, filtered and sorted, page by page.',
      params: Query,
      result: Page,
      access: 'public',
      rest: 'GET /products',
      idempotent: true,
      scope: 'products:read',
      errors: ['INVALID_INPUT'],
      example: { q: 'red heart', category: 'lighting', sort: 'price', facets: 'true' },
    },
    suggest: {
      summary: 'What may be meant while somebody types: products, categories, brands and words.',
      params: z.strictObject({ q: z.string().max(200), limit: z.coerce.number().int().min(1).max(20).default(6) }),
      result: Suggestions,
      access: 'public',
      rest: 'GET /products/suggest',
      idempotent: true,
      scope: 'products:read',
      limit: { rate: 20, burst: 40 },
      example: { q: 'hea' },
    },
    managed: {
      summary: 'The products one may edit, drafts and archived ones too.',
      params: z.strictObject({ ...Query.shape, status: ProductStatus.optional() }),
      result: Page,
      access: ['seller', 'admin'],
      owner: 'a seller sees their own; an admin all, or those of `seller`',
      rest: 'GET /products/managed',
      idempotent: true,
      scope: 'products:read',
      errors: ['INVALID_INPUT'],
    },
  },
});
