// The file's products as the catalogue takes them: one product with one variant per stock code.

import { CURRENCY } from '../../mixins/money.ts';
import type { ProductInput } from '../../services/catalog/product.contract.ts';
import { type Product, priceOf, titleOf } from './sales.ts';

/** Inputs in the order of `products`. Slugs depend on the whole list only, so that a repeated import finds the same products. */
export function productInputs(products: readonly Product[]): ProductInput[] {
  const slugs = new Map<string, number>();
  return products.map((product) => {
    const wanted = slugFor(`${titleOf(product)} ${product.sku}`);
    const taken = slugs.get(wanted) ?? 0;
    slugs.set(wanted, taken + 1);
    return inputOf(product, taken === 0 ? wanted : `${wanted}-v${taken + 1}`);
  });
}

function inputOf(product: Product, slug: string): ProductInput {
  return {
    slug,
    status: 'active',
    title: titleOf(product),
    description: '',
    brand: null,
    categories: [],
    tags: [],
    attributes: [],
    options: [],
    variants: [
      {
        sku: product.sku,
        values: [],
        price: { amount: priceOf(product), currency: CURRENCY },
        compareAt: null,
        barcode: null,
        tracksStock: !product.charge,
        image: null,
      },
    ],
  };
}

/** Codes that differ in case only share a slug here; the caller numbers them. */
function slugFor(text: string): string {
  const words = text
    .normalize('NFKD')
    .replace(/[\p{M}'’]/gu, '')
    .toLowerCase();
  return words
    .replace(/[^a-z0-9]+/g, '-')
    .slice(-80)
    .replace(/^-+|-+$/g, '');
}
