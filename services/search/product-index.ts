// The search index: pure, in memory, no I/O. Changes are collected and applied in batches by `flush`; the same query on an
// unchanged index returns the identical frozen object, which the gateway serialises only once.
import { LRUCache } from 'lru-cache';
import { CategoryTree } from '../catalog/category-tree.contract.ts';
import type { Category, CategoryNode, Product } from '../catalog/product.contract.ts';
import type { Level } from './card.ts';
import { Documents } from './documents.ts';
import type { Parts } from './parts.ts';
import { type IndexQuery, type Scope, search } from './query.ts';
import type { Page, Suggestions } from './search.contract.ts';
import { suggest } from './suggest.ts';
import { words } from './text.ts';
import { TextIndex } from './text-index.ts';
import { Vocabulary } from './vocabulary.ts';

/** Pending products beyond this number are applied at once, so that a long replay never holds all of them twice. */
const MAX_PENDING = 500;
const KEPT_ANSWERS = 2_000;

interface Kept {
  found: number;
  cards: number;
  sold: number;
  readonly docs: readonly number[];
  page: Page;
}

export class ProductIndex {
  readonly #parts: Parts;
  readonly #versions = new Map<string, number>();
  #products = new Map<string, Product>();
  #levels = new Map<string, Level>();
  #categories = new Set<string>();
  readonly #answers = new LRUCache<string, Kept>({ max: KEPT_ANSWERS });
  readonly #suggestions = new LRUCache<string, { found: number; value: Suggestions }>({ max: KEPT_ANSWERS });

  constructor() {
    const tree = new CategoryTree();
    this.#parts = { tree, documents: new Documents(tree), text: new TextIndex(), vocabulary: new Vocabulary() };
  }

  get size(): number {
    return this.#parts.documents.size;
  }

  /** Takes a product at a version; an older version than the known one changes nothing. */
  put(product: Product, version: number): void {
    if ((this.#versions.get(product.id) ?? 0) >= version) return;
    this.#versions.set(product.id, version);
    this.#products.set(product.id, product);
    if (this.#products.size >= MAX_PENDING) this.flush();
  }

  putCategory(category: Category, version: number): void {
    this.#parts.tree.put(category, version);
    this.#categories.add(category.slug);
  }

  removeCategory(slug: string): void {
    // Those below it are filed anew as well, so they are found while the tree still knows them.
    for (const below of this.#parts.tree.branch(slug)) this.#categories.add(below);
    this.#parts.tree.remove(slug);
  }

  setStock(sku: string, level: Level): void {
    this.#levels.set(sku, level);
  }

  categories(): CategoryNode[] {
    return this.#parts.tree.nodes();
  }

  /** Applies what was collected. */
  flush(): void {
    if (this.#products.size > 0 || this.#categories.size > 0) this.#parts.text.batch(() => this.#write());
    const levels = this.#levels;
    this.#levels = new Map();
    for (const [sku, level] of levels) this.#parts.documents.setLevel(sku, level);
  }

  /** @throws INVALID_INPUT for a cursor that this query did not give */
  query(query: IndexQuery, scope: Scope): Page {
    const key = JSON.stringify([query, scope]);
    const kept = this.#answers.get(key);
    if (kept && this.#fresh(kept, query)) return kept.page;
    const { docs, page } = search(this.#parts, query, scope);
    this.#answers.set(key, { ...this.#parts.documents.revisions, docs, page });
    return page;
  }

  suggest(typed: string, limit: number): Suggestions {
    const key = `${limit}|${typed}`;
    const { found } = this.#parts.documents.revisions;
    const kept = this.#suggestions.get(key);
    if (kept?.found === found) return kept.value;
    const value = Object.freeze(suggest(this.#parts, typed, limit));
    this.#suggestions.set(key, { found, value });
    return value;
  }

  close(): void {
    this.#parts.text.close();
  }

  /** When only cards changed, the same documents are shown with their new cards; unchanged ones keep the identical object. */
  #fresh(kept: Kept, query: IndexQuery): boolean {
    const { revisions, cards } = this.#parts.documents;
    if (kept.found !== revisions.found) return false;
    if (query.sort === 'bestselling' && kept.sold !== revisions.sold) return false;
    if (kept.cards === revisions.cards) return true;
    kept.cards = revisions.cards;
    const { items } = kept.page;
    if (kept.docs.every((doc, i) => cards[doc] === items[i])) return true;
    kept.page = Object.freeze({ ...kept.page, items: kept.docs.flatMap((doc) => cards[doc] ?? []) });
    return true;
  }

  #write(): void {
    const products = this.#products;
    this.#products = new Map();
    for (const product of products.values()) this.#index(product);
    const slugs = new Set([...this.#categories].flatMap((slug) => this.#parts.tree.branch(slug)));
    this.#categories = new Set();
    this.#recategorise(slugs);
  }

  #index(product: Product): void {
    const { documents, text, vocabulary } = this.#parts;
    const known = documents.numberOf(product.id);
    if (known !== undefined && documents.cards[known]?.status === 'active') vocabulary.remove(words(text.vocabularyText(known)));
    const doc = documents.put(product);
    text.put(doc, {
      title: product.title,
      brand: product.brand ?? '',
      categories: this.#categoryNames(product.categories),
      tags: product.tags.join(' '),
      attributes: [...product.attributes.map(({ value }) => value), ...product.variants.flatMap(({ values }) => values)].join(
        ' ',
      ),
      sku: product.variants.map(({ sku, barcode }) => `${sku} ${barcode ?? ''}`).join(' '),
      body: product.description,
    });
    if (product.status === 'active') vocabulary.add(words(`${product.title} ${product.brand ?? ''} ${product.tags.join(' ')}`));
  }

  #recategorise(slugs: ReadonlySet<string>): void {
    const { documents, text } = this.#parts;
    const docs = new Set([...slugs].flatMap((slug) => documents.values.posting('category', slug)?.docs() ?? []));
    for (const doc of docs) {
      documents.recategorise(doc);
      text.setCategories(doc, this.#categoryNames(documents.categoriesOf(doc)));
    }
    // An empty category changes the facets too, once something is in it; and its name stands in every answer that counts it.
    if (slugs.size > 0) documents.revisions.found++;
  }

  #categoryNames(slugs: readonly string[]): string {
    const { tree } = this.#parts;
    return slugs.flatMap((slug) => tree.lineage(slug).map((above) => tree.get(above)?.name ?? '')).join(' ');
  }
}
