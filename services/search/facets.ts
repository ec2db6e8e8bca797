// Facet counts of a result: one pass over its documents, and for each facet with a choice one more pass that ignores this choice.

import type { CategoryTree } from '../catalog/category-tree.contract.ts';
import { type Bits, countBits, eachBit, intersect } from './bits.ts';
import type { Documents } from './documents.ts';
import type { Dimension, FacetValue } from './facet-values.ts';
import { PRICE_RANGES } from './prices.ts';
import type { Facets } from './search.contract.ts';

const MAX_CATEGORIES = 200;
const MAX_BRANDS = 50;
const MAX_ATTRIBUTES = 20;
const MAX_ATTRIBUTE_VALUES = 30;

/** A choice within one facet and the documents that satisfy it. */
export interface Filter {
  readonly dimension: Dimension;
  readonly bits: Bits;
}

interface Counted {
  readonly value: FacetValue;
  readonly count: number;
}

type Counts = Map<Dimension, Counted[]>;

/** Counts document by document: cheap for small results. */
function countByDocument({ values, facets }: Documents, within: Bits): Counted[] {
  const counts = new Uint32Array(values.size);
  const touched: number[] = [];
  eachBit(within, (doc) => {
    for (const id of facets[doc] ?? []) {
      const count = counts[id] ?? 0;
      if (count === 0) touched.push(id);
      counts[id] = count + 1;
    }
  });
  return touched.flatMap((id) => counted(values.at(id), counts[id] ?? 0));
}

/** Counts value by value: cheap for large results, since a frequent value costs one bit per document. */
function countByValue(values: readonly FacetValue[], within: Bits): Counted[] {
  return values.flatMap((value) => counted(value, value.posting.countIn(within)));
}

function counted(value: FacetValue | undefined, count: number): Counted[] {
  return value && count > 0 ? [{ value, count }] : [];
}

/** Part of all documents above which counting by value is the cheaper way. */
const LARGE = 1 / 2;

function countValues(documents: Documents, within: Bits): Counts {
  const large = countBits(within) > documents.size * LARGE;
  const all = large ? countByValue(documents.values.all(), within) : countByDocument(documents, within);
  return Map.groupBy(all, ({ value }) => value.dimension);
}

function without(base: Bits, filters: readonly Filter[], ignored: Filter): Bits {
  const bits = base.slice();
  for (const filter of filters) if (filter !== ignored) intersect(bits, filter.bits);
  return bits;
}

const byCount = (a: Counted, b: Counted): number => b.count - a.count || a.value.label.localeCompare(b.value.label);

function labelled(counted: readonly Counted[], max: number): { value: string; count: number }[] {
  return counted
    .toSorted(byCount)
    .slice(0, max)
    .map(({ value, count }) => ({ value: value.label, count }));
}

function attributesOf(counts: Counts): Facets['attributes'] {
  const groups = [...counts].filter(([dimension]) => dimension.startsWith('attribute:')).map(([, counted]) => counted);
  const size = (counted: readonly Counted[]) => counted.reduce((sum, { count }) => sum + count, 0);
  return groups
    .toSorted((a, b) => size(b) - size(a))
    .slice(0, MAX_ATTRIBUTES)
    .map((counted) => ({ name: counted[0]?.value.name ?? '', values: labelled(counted, MAX_ATTRIBUTE_VALUES) }));
}

function categoriesOf(tree: CategoryTree, counted: readonly Counted[]): Facets['categories'] {
  const counts = new Map(counted.map(({ value, count }) => [value.label, count]));
  return tree
    .nodes()
    .flatMap((node) => {
      const count = counts.get(node.slug);
      return count === undefined ? [] : [{ ...node, count }];
    })
    .slice(0, MAX_CATEGORIES);
}

function pricesOf(counted: readonly Counted[]): Facets['prices'] {
  const counts = new Map(counted.map(({ value, count }) => [Number(value.label), count]));
  return PRICE_RANGES.flatMap(({ from, to }, i) => {
    const count = counts.get(i);
    return count === undefined ? [] : [{ from, to, count }];
  });
}

/** `base` is what text and visibility leave, `result` what the filters leave of it. */
export function facetsOf(documents: Documents, tree: CategoryTree, base: Bits, filters: readonly Filter[], result: Bits): Facets {
  const counts = countValues(documents, result);
  for (const filter of filters) {
    const others = without(base, filters, filter);
    counts.set(filter.dimension, countByValue(documents.values.of(filter.dimension), others));
  }
  const of = (dimension: Dimension): Counted[] => counts.get(dimension) ?? [];
  return {
    categories: categoriesOf(tree, of('category')),
    brands: labelled(of('brand'), MAX_BRANDS),
    prices: pricesOf(of('price')),
    attributes: attributesOf(counts),
    inStock: of('stock').find(({ value }) => value.label === 'yes')?.count ?? 0,
  };
}
