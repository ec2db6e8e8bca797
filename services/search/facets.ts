// Facet counts of a result: one pass over its documents, and for each facet with a choice one more pass that ignores this choice.
import { type Bits, eachBit, intersect } from './bits.ts';
import type { CategoryTree } from './categories.ts';
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

function countValues(documents: Documents, within: Bits): Counts {
  const counts = new Uint32Array(documents.values.size);
  const touched: number[] = [];
  eachBit(within, (doc) => {
    for (const id of documents.facets[doc] ?? []) {
      const count = counts[id] ?? 0;
      if (count === 0) touched.push(id);
      counts[id] = count + 1;
    }
  });
  const grouped: Counts = new Map();
  for (const id of touched) {
    const value = documents.values.at(id);
    if (!value) continue;
    const counted = { value, count: counts[id] ?? 0 };
    const group = grouped.get(value.dimension);
    if (group) group.push(counted);
    else grouped.set(value.dimension, [counted]);
  }
  return grouped;
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
    const own = countValues(documents, without(base, filters, filter)).get(filter.dimension);
    counts.set(filter.dimension, own ?? []);
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
