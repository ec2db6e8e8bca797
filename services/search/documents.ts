// The documents of the index: numbers, cards, sort columns and facet values of every product. Numbers are private to this
// process; outside, products go by their ids.

import type { CategoryTree } from '../catalog/category-tree.contract.ts';
import type { Product } from '../catalog/product.contract.ts';
import { cardOf, type Level, type Standing, standingOf, type Tracked } from './card.ts';
import { attributeDimension, type Dimension, FacetValues } from './facet-values.ts';
import { rangeOf } from './prices.ts';
import type { Card } from './search.contract.ts';
import { fold } from './text.ts';

/** Characters of the title that order by name; a cursor carries them. */
const NAME_KEY = 60;

interface Document {
  readonly variants: readonly Tracked[];
  readonly categories: readonly string[];
  /** Facet values that do not depend on categories or stock. */
  readonly fixed: readonly number[];
}

export class Documents {
  readonly values = new FacetValues();
  readonly cards: Card[] = [];
  readonly price: number[] = [];
  readonly newest: number[] = [];
  readonly sold: number[] = [];
  readonly name: string[] = [];
  /** Facet values per document. */
  readonly facets: number[][] = [];
  /** Count of changes to what is found or how it is ordered, to cards only, and to what sells best. */
  readonly revisions = { found: 0, cards: 0, sold: 0 };
  readonly #numbers = new Map<string, number>();
  readonly #documents: Document[] = [];
  readonly #bySku = new Map<string, number>();
  readonly #levels = new Map<string, Level>();
  readonly #tree: CategoryTree;

  constructor(tree: CategoryTree) {
    this.#tree = tree;
  }

  get size(): number {
    return this.cards.length;
  }

  numberOf(id: string): number | undefined {
    return this.#numbers.get(id);
  }

  categoriesOf(doc: number): readonly string[] {
    return this.#documents[doc]?.categories ?? [];
  }

  /** Takes a product in or replaces it; returns its number. */
  put(product: Product): number {
    const doc = this.#numbers.get(product.id) ?? this.cards.length;
    this.#numbers.set(product.id, doc);
    for (const { sku } of this.#documents[doc]?.variants ?? []) this.#bySku.delete(sku);
    for (const { sku } of product.variants) this.#bySku.set(sku, doc);
    const variants = product.variants.map(({ sku, tracksStock }) => ({ sku, tracksStock }));
    this.#documents[doc] = { variants, categories: product.categories, fixed: this.#fixedValues(product) };
    const standing = this.#standing(doc);
    const card = cardOf(product, standing);
    this.cards[doc] = card;
    this.price[doc] = card.price.amount;
    this.newest[doc] = -(product.publishedAt ?? product.createdAt);
    this.sold[doc] = -standing.sold;
    this.name[doc] = fold(product.title).slice(0, NAME_KEY);
    this.#refile(doc);
    this.revisions.found++;
    return doc;
  }

  /** Files a document under its categories again, after the tree changed. */
  recategorise(doc: number): void {
    this.#refile(doc);
    this.revisions.found++;
  }

  setLevel(sku: string, level: Level): void {
    this.#levels.set(sku, level);
    const doc = this.#bySku.get(sku);
    if (doc !== undefined) this.#restock(doc);
  }

  #standing(doc: number): Standing {
    return standingOf(this.#documents[doc]?.variants ?? [], (sku) => this.#levels.get(sku));
  }

  #restock(doc: number): void {
    const card = this.cards[doc];
    if (!card) return;
    const { inStock, available, sku, sold } = this.#standing(doc);
    if (this.sold[doc] !== -sold) {
      this.sold[doc] = -sold;
      this.revisions.sold++;
    }
    if (card.available === available && card.sku === sku && card.inStock === inStock) return;
    this.cards[doc] = { ...card, inStock, available, sku };
    this.revisions.cards++;
    if (card.inStock === inStock) return;
    this.#refile(doc);
    this.revisions.found++;
  }

  #fixedValues({ brand, sellerId, status, attributes, options, variants }: Product): number[] {
    const cheapest = Math.min(...variants.map(({ price }) => price.amount));
    const pairs = [
      ...attributes.map(({ name, value }) => [name, value] as const),
      ...options.flatMap((name, i) => variants.map(({ values }) => [name, values[i] ?? ''] as const)),
    ];
    return this.#ids([
      ['seller', sellerId],
      ['status', status],
      ['price', String(rangeOf(cheapest))],
      ...(brand === null ? [] : [['brand', brand] as const]),
      ...pairs.map(([name, value]) => [attributeDimension(name), value, name] as const),
    ]);
  }

  #ids(list: readonly (readonly [Dimension, string, string?])[]): number[] {
    const ids = list.map(([dimension, label, name]) => this.values.idOf(dimension, label, name));
    return [...new Set(ids.filter((id) => id !== undefined))];
  }

  #refile(doc: number): void {
    const { fixed, categories } = this.#documents[doc] ?? { fixed: [], categories: [] };
    const lineages = categories.flatMap((slug) => this.#tree.lineage(slug)).map((slug) => ['category', slug] as const);
    const stock = this.cards[doc]?.inStock ? 'yes' : 'no';
    const wanted = [...fixed, ...this.#ids([...lineages, ['stock', stock]])];
    const had = this.facets[doc] ?? [];
    for (const id of had) if (!wanted.includes(id)) this.values.at(id)?.posting.remove(doc);
    for (const id of wanted) if (!had.includes(id)) this.values.at(id)?.posting.add(doc);
    this.facets[doc] = wanted;
  }
}
