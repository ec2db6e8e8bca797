// Small catalogues for the tests of the index.
import { money } from '../../mixins/money.ts';
import { type Product, ProductInput } from '../catalog/product.contract.ts';
import { ProductIndex } from './product-index.ts';
import { Query as QueryParams } from './search.contract.ts';

export const idOf = (n: number) => `prd_${String(n).padStart(26, '0')}`;
const ACTIVE = { status: 'active' } as const;

export interface Sketch {
  title: string;
  price?: number;
  brand?: string;
  categories?: string[];
  colour?: string;
  more?: Partial<Product>;
}

export function product(n: number, { title, price = 1_000, brand, categories = [], colour, more = {} }: Sketch): Product {
  const { slug, ...input } = ProductInput.parse({
    title,
    status: 'active',
    brand: brand ?? null,
    categories,
    attributes: colour ? [{ name: 'Colour', value: colour }] : [],
    variants: [{ sku: `SKU-${n}`, price: money(price) }],
  });
  const times = { createdAt: n, updatedAt: n, publishedAt: n };
  return { ...input, id: idOf(n), slug: slug ?? `p-${n}`, sellerId: 'acc_1', images: [], ...times, ...more };
}

export function indexOf(...sketches: Sketch[]): ProductIndex {
  const index = new ProductIndex();
  sketches.forEach((sketch, i) => {
    index.put(product(i + 1, sketch), 1);
  });
  index.flush();
  return index;
}

export const ask = (index: ProductIndex, params: object, scope: Parameters<ProductIndex['query']>[1] = ACTIVE) =>
  index.query(QueryParams.parse(params), scope);
export const titles = (index: ProductIndex, params: object) => ask(index, params).items.map(({ title }) => title);
