// What a list shows of a product. Cards are made when something changes and never altered, so answers can share them.
import { CURRENCY } from '../../mixins/money.ts';
import type { Price, Product, Variant } from '../catalog/product.contract.ts';
import type { Card } from './search.contract.ts';

/** What stock says about one SKU. */
export interface Level {
  readonly available: number;
  readonly sold: number;
}

export interface Standing {
  readonly inStock: boolean;
  /** Null when a variant never runs out. */
  readonly available: number | null;
  readonly sold: number;
  /** The first SKU that can be bought, or the first at all. */
  readonly sku: string;
}

export type Tracked = Pick<Variant, 'sku' | 'tracksStock'>;

export function standingOf(variants: readonly Tracked[], levelOf: (sku: string) => Level | undefined): Standing {
  let available = 0;
  let sold = 0;
  let endless = false;
  let sku: string | undefined;
  for (const variant of variants) {
    const level = levelOf(variant.sku);
    if (!variant.tracksStock) endless = true;
    const left = Math.max(0, level?.available ?? 0);
    if (sku === undefined && (!variant.tracksStock || left > 0)) sku = variant.sku;
    available += variant.tracksStock ? left : 0;
    sold += level?.sold ?? 0;
  }
  return { inStock: endless || available > 0, available: endless ? null : available, sold, sku: sku ?? variants[0]?.sku ?? '' };
}

const byAmount = (a: Variant, b: Variant): number => a.price.amount - b.price.amount;

export function cardOf(product: Product, standing: Standing): Card {
  const sorted = product.variants.toSorted(byAmount);
  const [cheapest] = sorted;
  const free: Price = { amount: 0, currency: CURRENCY };
  return {
    id: product.id,
    slug: product.slug,
    title: product.title,
    brand: product.brand,
    sellerId: product.sellerId,
    status: product.status,
    price: cheapest?.price ?? free,
    priceMax: sorted.at(-1)?.price ?? free,
    compareAt: cheapest?.compareAt ?? null,
    image: product.images[0] ?? null,
    sku: standing.sku,
    variants: product.variants.length,
    inStock: standing.inStock,
    available: standing.available,
  };
}
