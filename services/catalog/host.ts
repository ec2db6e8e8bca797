// What the actions of the catalogue work with on one node: actors, the copies kept from the log, images, import.
import { failure } from '../../mixins/errors.ts';
import type { LogMessage } from '../../mixins/log/message.ts';
import type { Meta } from '../../mixins/meta.ts';
import { hasRole } from '../../mixins/principal.ts';
import type { ServiceNode } from '../../mixins/service.ts';
import { StockLevel } from '../stock/stock.contract.ts';
import type { Offer, ProductDetail } from './answers.contract.ts';
import { catalogEntry } from './catalog-log.contract.ts';
import { categoryActor, categoryId } from './category.ts';
import { CategoryTree } from './category-tree.contract.ts';
import { claimActor, slugClaimId } from './claim.ts';
import { Details } from './details.ts';
import { ObjectImageStore } from './image-store.ts';
import { Images } from './images.ts';
import { Importer } from './importer.ts';
import { Listing, type Written } from './listing.ts';
import type { Category, CategoryNode, Product } from './product.contract.ts';
import { ProductId, Slug } from './product.contract.ts';
import { productActor } from './product.ts';
import { Shelf } from './shelf.ts';

export type CatalogNode = Pick<ServiceNode<unknown, unknown>, 'actors' | 'log' | 'logger' | 'now' | 'newId' | 'follow'>;

const missing = () => failure('NOT_FOUND', 'There is no such product.');

export class CatalogHost {
  readonly products;
  readonly claims;
  readonly categories;
  readonly listing: Listing;
  readonly importer: Importer;
  readonly images: Images;
  readonly shelf = new Shelf();
  readonly tree = new CategoryTree();
  readonly details = new Details(this.tree);
  #categoryList: { readonly categories: CategoryNode[] } | undefined;

  constructor(node: CatalogNode) {
    this.products = node.actors(productActor, 5_000);
    this.claims = node.actors(claimActor, 20_000);
    this.categories = node.actors(categoryActor, 1_000);
    this.images = new Images(new ObjectImageStore(() => node.log));
    this.listing = new Listing({
      products: this.products,
      claims: this.claims,
      newId: node.newId,
      now: node.now,
      hasCategory: (slug) => this.hasCategory(slug),
      onLeftover: (error) => node.logger.warn({ err: error }, 'a slug or SKU could not be given back; it is free in a minute'),
    });
    this.importer = new Importer(this.listing);
    node.follow('CATALOG', (message) => this.#followCatalog(message));
    node.follow('STOCK', ({ id, body }) => {
      this.details.setAvailable(id, StockLevel.parse(body.summary).available, this.shelf.offer(id)?.productId);
    });
  }

  /** Takes over what was just written or read, so that the next request on this node sees it. */
  learn(product: Product, version: number): void {
    this.shelf.put(product, version);
    this.details.changed(product, version);
  }

  /** The page of a product that was just written. */
  shown({ product, version }: Omit<Written, 'changed'>): ProductDetail {
    this.learn(product, version);
    return this.details.compose(product, version);
  }

  /** The page of a product by id or slug, whoever asks. @throws NOT_FOUND */
  async page(idOrSlug: string): Promise<Readonly<ProductDetail>> {
    const id = await this.#idOf(idOrSlug);
    const kept = this.details.get(id);
    if (kept) return kept;
    const { state, version } = await this.products.read(id);
    if (!state) throw missing();
    this.shelf.put(state, version);
    if (this.shelf.versionOf(id) > version) return this.details.compose(state, version);
    this.details.keep(state, version);
    return this.details.get(id) ?? this.details.compose(state, version);
  }

  /** The product, if the caller may change it. @throws NOT_FOUND, FORBIDDEN */
  async own(id: string, meta: Meta): Promise<Product> {
    const { state } = await this.products.read(id);
    if (!state) throw missing();
    if (mayEdit(meta, state.sellerId)) return state;
    throw state.status === 'active' ? failure('FORBIDDEN', 'This product belongs to another seller.') : missing();
  }

  /** The offer of a SKU that this node has not heard of yet, read exactly. */
  async offer(sku: string): Promise<Offer | undefined> {
    const found = await this.listing.find(undefined, [sku]);
    if (found) this.learn(found.product, found.version);
    return this.shelf.offer(sku);
  }

  async hasCategory(slug: string): Promise<boolean> {
    return this.tree.get(slug) !== undefined || (await this.categories.read(categoryId(slug))).state !== null;
  }

  learnCategory(category: Category, version: number): void {
    this.tree.put(category, version);
    this.#categoriesChanged();
  }

  forgetCategory(slug: string): void {
    this.tree.remove(slug);
    this.#categoriesChanged();
  }

  /** The identical object until a category changes. */
  categoryList(): { readonly categories: CategoryNode[] } {
    this.#categoryList ??= Object.freeze({ categories: this.tree.nodes() });
    return this.#categoryList;
  }

  #categoriesChanged(): void {
    this.#categoryList = undefined;
    this.details.categoriesChanged();
  }

  /** A slug that was not followed yet is looked up exactly. */
  async #idOf(idOrSlug: string): Promise<string> {
    if (ProductId.safeParse(idOrSlug).success) return idOrSlug;
    const known = this.shelf.idOf(idOrSlug);
    if (known !== undefined) return known;
    if (!Slug.safeParse(idOrSlug).success) throw missing();
    const { state } = await this.claims.read(slugClaimId(idOrSlug));
    if (state.owner === null) throw missing();
    return state.owner;
  }

  #followCatalog(message: LogMessage): void {
    const entry = catalogEntry(message);
    if (entry?.kind === 'product') this.learn(entry.product, entry.version);
    else if (entry?.kind === 'category') this.learnCategory(entry.category, entry.version);
    else if (entry) this.forgetCategory(entry.slug);
  }
}

/** True for the system, admins, and the seller itself. */
export function mayEdit({ principal }: Meta, sellerId: string): boolean {
  if (principal === undefined || hasRole(principal, 'admin')) return true;
  return principal.kind === 'account' && principal.id === sellerId;
}

/** Whose product a new one becomes: the caller's own, or that of the seller an admin names. @throws FORBIDDEN, INVALID_INPUT */
export function sellerFor({ principal }: Meta, wanted: string | undefined): string {
  const own = principal?.kind === 'account' ? principal.id : undefined;
  const seller = wanted ?? own;
  if (seller === undefined) throw failure('INVALID_INPUT', 'sellerId: whose product is it?', { field: 'sellerId' });
  if (!mayEdit({ ...(principal ? { principal } : {}) }, seller))
    throw failure('FORBIDDEN', 'Sellers create their own products only.');
  return seller;
}
