// This node's copy of what can be bought, kept from the log: answers carts without a read per SKU, and finds products by slug.
import type { Offer } from './answers.contract.ts';
import type { Product, Variant } from './product.contract.ts';

interface Entry {
  readonly version: number;
  readonly slug: string;
  readonly sellerId: string;
  readonly skus: readonly string[];
}

export function offerOf(product: Product, variant: Variant): Offer {
  const image = variant.image ?? product.images[0]?.hash;
  return {
    sku: variant.sku,
    productId: product.id,
    sellerId: product.sellerId,
    slug: product.slug,
    title: product.title,
    variant: variant.values.join(' / '),
    price: variant.price,
    active: product.status === 'active',
    tracksStock: variant.tracksStock,
    ...(image === undefined ? {} : { image }),
  };
}

export class Shelf {
  readonly #products = new Map<string, Entry>();
  readonly #bySlug = new Map<string, string>();
  readonly #offers = new Map<string, Offer>();

  /** Takes a product at a version; answers false when a newer one is known. */
  put(product: Product, version: number): boolean {
    const known = this.#products.get(product.id);
    if (known && known.version >= version) return false;
    if (known) this.#drop(product.id, known);
    const { id, slug, sellerId, variants } = product;
    this.#products.set(id, { version, slug, sellerId, skus: variants.map(({ sku }) => sku) });
    this.#bySlug.set(slug, id);
    for (const variant of variants) this.#offers.set(variant.sku, offerOf(product, variant));
    return true;
  }

  offer(sku: string): Offer | undefined {
    return this.#offers.get(sku);
  }

  idOf(slug: string): string | undefined {
    return this.#bySlug.get(slug);
  }

  versionOf(id: string): number {
    return this.#products.get(id)?.version ?? 0;
  }

  /** Ids after `after` in ascending order: of one seller, or of all when `sellerId` is undefined. */
  idsAfter(after: string, sellerId: string | undefined, limit: number): string[] {
    const ids = [...this.#products].filter(([id, entry]) => id > after && (sellerId ?? entry.sellerId) === entry.sellerId);
    return ids
      .map(([id]) => id)
      .sort()
      .slice(0, limit);
  }

  /** A slug or SKU may have moved to another product meanwhile: only what is still this product's goes. */
  #drop(id: string, { slug, skus }: Entry): void {
    if (this.#bySlug.get(slug) === id) this.#bySlug.delete(slug);
    for (const sku of skus) if (this.#offers.get(sku)?.productId === id) this.#offers.delete(sku);
  }
}
