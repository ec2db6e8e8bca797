// Answers one query: what is visible, what matches the text, what the filters leave, in which order, from which cursor on.
import { type Bits, bitsFor, countBits, eachBit, hasBit, intersect, setBit } from './bits.ts';
import { type Cursor, decodeCursor, encodeCursor } from './cursor.ts';
import { attributeDimension, type Dimension } from './facet-values.ts';
import { type Filter, facetsOf } from './facets.ts';
import type { Parts } from './parts.ts';
import type { Page, Query, Sort } from './search.contract.ts';
import { corrected } from './suggest.ts';
import { matchAll, terms } from './text.ts';
import type { Match } from './text-index.ts';
import { type Ordering, TopPage } from './top.ts';

export type IndexQuery = Query;

/** What the caller may see at all. */
export interface Scope {
  readonly status: 'active' | 'draft' | 'archived' | 'any';
  readonly seller?: string | undefined;
}

export interface Answer {
  readonly docs: readonly number[];
  readonly page: Page;
}

interface Plan {
  readonly sort: Sort;
  readonly match: Match | undefined;
  readonly base: Bits;
  readonly filters: readonly Filter[];
  readonly result: Bits;
}

function visible({ documents }: Parts, { status, seller }: Scope): Bits {
  const { values, size } = documents;
  const statuses = status === 'any' ? ['draft', 'active', 'archived'] : [status];
  const bits = values.union('status', statuses, bitsFor(size));
  if (seller !== undefined) intersect(bits, values.union('seller', [seller], bitsFor(size)));
  return bits;
}

/** Choices by facet: several values of one facet are alternatives. */
function choices({ category, brand, filter, inStock }: Query): Map<Dimension, string[]> {
  const chosen = new Map<Dimension, string[]>();
  if (category?.length) chosen.set('category', category);
  if (brand?.length) chosen.set('brand', brand);
  if (inStock !== undefined) chosen.set('stock', [inStock ? 'yes' : 'no']);
  for (const pair of filter ?? []) {
    const colon = pair.indexOf(':');
    const dimension = attributeDimension(pair.slice(0, colon).trim());
    chosen.set(dimension, [...(chosen.get(dimension) ?? []), pair.slice(colon + 1).trim()]);
  }
  return chosen;
}

function priced({ documents }: Parts, base: Bits, from: number, to: number): Bits {
  const bits = bitsFor(documents.size);
  eachBit(base, (doc) => {
    const price = documents.price[doc] ?? 0;
    if (price >= from && price <= to) setBit(bits, doc);
  });
  return bits;
}

function filtersOf(parts: Parts, query: Query, base: Bits): Filter[] {
  const { values, size } = parts.documents;
  const filters = [...choices(query)].map(([dimension, labels]): Filter => {
    return { dimension, bits: values.union(dimension, labels, bitsFor(size)) };
  });
  if (query.minPrice === undefined && query.maxPrice === undefined) return filters;
  const bits = priced(parts, base, query.minPrice ?? 0, query.maxPrice ?? Number.POSITIVE_INFINITY);
  return [...filters, { dimension: 'price', bits }];
}

function planOf(parts: Parts, query: Query, scope: Scope, list: readonly string[]): Plan {
  const seller = scope.seller ?? query.seller;
  const base = visible(parts, { ...scope, seller });
  const match = list.length > 0 ? parts.text.match(matchAll(list)) : undefined;
  if (match) {
    const matching = bitsFor(parts.documents.size);
    for (const doc of match.scores.keys()) setBit(matching, doc);
    intersect(base, matching);
  }
  const filters = filtersOf(parts, query, base);
  const result = base.slice();
  for (const { bits } of filters) intersect(result, bits);
  const sort = query.sort ?? 'relevance';
  return { sort: sort === 'relevance' && !match ? 'newest' : sort, match, base, filters, result };
}

function keysOf({ documents }: Parts, sort: Exclude<Sort, 'relevance'>): (doc: number) => number | string {
  const { price, newest, name, sold } = documents;
  switch (sort) {
    case 'price':
      return (doc) => price[doc] ?? 0;
    case '-price':
      return (doc) => -(price[doc] ?? 0);
    case 'newest':
      return (doc) => newest[doc] ?? 0;
    case 'name':
      return (doc) => name[doc] ?? '';
    case 'bestselling':
      return (doc) => sold[doc] ?? 0;
    default:
      return sort satisfies never;
  }
}

function orderingOf(parts: Parts, { sort, match }: Plan): Ordering {
  const id = (doc: number): string => parts.documents.cards[doc]?.id ?? '';
  if (sort !== 'relevance') return { key: keysOf(parts, sort), id };
  return { key: (doc) => -(match?.scores.get(doc) ?? 0), id };
}

/** Scores shift when other products come and go, so by relevance the page goes on from where its last item stands now. */
function resume(parts: Parts, { sort, result }: Plan, ordering: Ordering, cursor: Cursor): Cursor {
  if (sort !== 'relevance') return cursor;
  const doc = parts.documents.numberOf(cursor.id);
  return doc !== undefined && hasBit(result, doc) ? { key: ordering.key(doc), id: cursor.id } : cursor;
}

/** What a cursor belongs to: everything that decides which products are there and in which order. */
function identity({ cursor: _cursor, limit: _limit, facets: _facets, ...rest }: Query, scope: Scope): string {
  return JSON.stringify([Object.entries(rest).toSorted(), scope.seller, scope.status]);
}

/** @throws INVALID_INPUT for a forged cursor */
export function search(parts: Parts, query: Query, scope: Scope): Answer {
  const { cards } = parts.documents;
  const name = identity(query, scope);
  const after = query.cursor === undefined ? undefined : decodeCursor(name, query.cursor);
  const list = terms(query.q ?? '');
  const plan = planOf(parts, query, scope, list);
  const ordering = orderingOf(parts, plan);
  const top = new TopPage(ordering, query.limit + 1, after && resume(parts, plan, ordering, after));
  eachBit(plan.result, (doc) => top.offer(doc));
  const docs = top.docs().slice(0, query.limit);
  const last = docs.at(-1);
  const more = top.docs().length > query.limit && last !== undefined;
  const total = countBits(plan.result);
  const meant = total === 0 && list.length > 0 ? corrected(parts, list) : undefined;
  const page: Page = {
    items: docs.flatMap((doc) => cards[doc] ?? []),
    total,
    next: more ? encodeCursor(name, { key: ordering.key(last), id: ordering.id(last) }) : null,
    ...(query.facets ? { facets: facetsOf(parts.documents, parts.tree, plan.base, plan.filters, plan.result) } : {}),
    ...(meant === undefined ? {} : { didYouMean: meant }),
  };
  return { docs, page: Object.freeze(page) };
}
