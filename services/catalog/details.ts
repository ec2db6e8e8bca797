// Product pages, composed once and handed out as the identical frozen object until the product, its stock or a category changes.
import { LRUCache } from 'lru-cache';
import { CURRENCY } from '../../mixins/money.ts';
import type { ProductDetail } from './answers.contract.ts';
import type { CategoryTree } from './category-tree.contract.ts';
import type { Price, Product } from './product.contract.ts';

interface Kept {
  readonly product: Product;
  readonly version: number;
  detail?: Readonly<ProductDetail> | undefined;
}

const byAmount = (a: Price, b: Price): number => a.amount - b.amount;

/** `availableOf` is what stock says of a SKU. */
export function detailOf(
  product: Product,
  version: number,
  availableOf: (sku: string) => number,
  tree: CategoryTree,
): Readonly<ProductDetail> {
  const variants = product.variants.map((variant) => {
    const left = Math.max(0, availableOf(variant.sku));
    return { ...variant, available: variant.tracksStock ? left : null, inStock: !variant.tracksStock || left > 0 };
  });
  const prices = product.variants.map(({ price }) => price).sort(byAmount);
  const free: Price = { amount: 0, currency: CURRENCY };
  return Object.freeze({
    ...product,
    variants,
    version,
    price: prices[0] ?? free,
    priceMax: prices.at(-1) ?? free,
    inStock: variants.some(({ inStock }) => inStock),
    breadcrumbs: product.categories.map((slug) =>
      tree.lineage(slug).flatMap((above) => {
        const name = tree.get(above)?.name;
        return name === undefined ? [] : [{ slug: above, name }];
      }),
    ),
  });
}

export class Details {
  readonly #kept: LRUCache<string, Kept>;
  readonly #available = new Map<string, number>();
  readonly #tree: CategoryTree;

  constructor(tree: CategoryTree, keep = 10_000) {
    this.#tree = tree;
    this.#kept = new LRUCache({ max: keep });
  }

  /** The page of a product that is kept; undefined when the product has to be read first. */
  get(id: string): Readonly<ProductDetail> | undefined {
    const kept = this.#kept.get(id);
    if (!kept) return undefined;
    kept.detail ??= this.compose(kept.product, kept.version);
    return kept.detail;
  }

  compose(product: Product, version: number): Readonly<ProductDetail> {
    return detailOf(product, version, (sku) => this.#available.get(sku) ?? 0, this.#tree);
  }

  /** Keeps a product that somebody asked for. */
  keep(product: Product, version: number): void {
    const known = this.#kept.get(product.id);
    if (!known || known.version < version) this.#kept.set(product.id, { product, version });
  }

  /** A product changed: what is kept of it follows, what nobody asked for stays out. */
  changed(product: Product, version: number): void {
    if (this.#kept.has(product.id)) this.keep(product, version);
  }

  setAvailable(sku: string, available: number, productId: string | undefined): void {
    if (this.#available.get(sku) === available) return;
    this.#available.set(sku, available);
    const kept = productId === undefined ? undefined : this.#kept.get(productId);
    if (kept) kept.detail = undefined;
  }

  /** Categories stand on every page. */
  categoriesChanged(): void {
    for (const kept of this.#kept.values()) kept.detail = undefined;
  }
}
