// The demo catalogue: categories, and product families whose options multiply into variants. The goods themselves are data.
import data from './catalogue.json' with { type: 'json' };

export interface DemoCategory {
  readonly slug: string;
  readonly name: string;
  readonly parent: string | null;
}

/** One product: `options` maps an option to its values; the price, in pence, applies to all variants. */
export interface DemoProduct {
  readonly code: string;
  readonly title: string;
  readonly description: string;
  readonly category: string;
  readonly brand: string;
  readonly price: number;
  /** What it cost before. */
  readonly was?: number;
  readonly options?: Readonly<Record<string, readonly string[]>>;
  readonly tags?: readonly string[];
  /** Units per variant; 0 is sold out, -1 never runs out. */
  readonly stock: number;
}

export const CATEGORIES: readonly DemoCategory[] = data.categories;
export const PRODUCTS = data.products as readonly DemoProduct[];
