// Numbers for facet values: `Colour: Red` is one small integer everywhere in the index, with the documents that have it.
import { Posting } from './bits.ts';
import { fold } from './text.ts';

/** What a value belongs to: a fixed facet, or `attribute:` with the folded name of an attribute or option. */
export type Dimension = 'category' | 'brand' | 'seller' | 'status' | 'stock' | 'price' | `attribute:${string}`;

export interface FacetValue {
  readonly dimension: Dimension;
  /** The attribute's name as first written; empty for fixed facets. */
  readonly name: string;
  readonly label: string;
  readonly posting: Posting;
}

/** Facet values that are new beyond this number are not counted: attributes are free text and must not eat the memory. */
const MAX_VALUES = 200_000;

export const attributeDimension = (name: string): Dimension => `attribute:${fold(name)}`;

export class FacetValues {
  readonly #ids = new Map<string, number>();
  readonly #values: FacetValue[] = [];
  readonly #byDimension = new Map<Dimension, FacetValue[]>();

  get size(): number {
    return this.#values.length;
  }

  all(): readonly FacetValue[] {
    return this.#values;
  }

  at(id: number): FacetValue | undefined {
    return this.#values[id];
  }

  /** The number of a value, a new one when it is seen for the first time; upper and lower case are one value. */
  idOf(dimension: Dimension, label: string, name = ''): number | undefined {
    const key = `${dimension}|${fold(label)}`;
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    if (this.#values.length >= MAX_VALUES) return undefined;
    const value = { dimension, name, label, posting: new Posting() };
    this.#ids.set(key, this.#values.length);
    const siblings = this.#byDimension.get(dimension);
    if (siblings) siblings.push(value);
    else this.#byDimension.set(dimension, [value]);
    return this.#values.push(value) - 1;
  }

  /** All values of one facet. */
  of(dimension: Dimension): readonly FacetValue[] {
    return this.#byDimension.get(dimension) ?? [];
  }

  posting(dimension: Dimension, label: string): Posting | undefined {
    const id = this.#ids.get(`${dimension}|${fold(label)}`);
    return id === undefined ? undefined : this.#values[id]?.posting;
  }

  /** The documents that have any of these values. */
  union(dimension: Dimension, labels: readonly string[], into: Uint32Array): Uint32Array {
    for (const label of labels) this.posting(dimension, label)?.unionInto(into);
    return into;
  }
}
