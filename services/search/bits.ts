// Sets of document numbers. A dense set is one bit per document, so intersecting two of them over 100,000 products takes
// microseconds; a sparse one (a brand with five products) is a plain Set and costs next to nothing.

export type Bits = Uint32Array;

export const bitsFor = (documents: number): Bits => new Uint32Array((documents + 31) >>> 5);

export function setBit(bits: Bits, doc: number): void {
  const word = doc >>> 5;
  bits[word] = (bits[word] ?? 0) | (1 << (doc & 31));
}

export function hasBit(bits: Bits, doc: number): boolean {
  return (((bits[doc >>> 5] ?? 0) >>> (doc & 31)) & 1) === 1;
}

export function intersect(into: Bits, other: Bits): void {
  for (let i = 0; i < into.length; i++) into[i] = (into[i] ?? 0) & (other[i] ?? 0);
}

export function countBits(bits: Bits): number {
  let count = 0;
  for (let i = 0; i < bits.length; i++) count += ones(bits[i] ?? 0);
  return count;
}

function ones(bits: number): number {
  let word = bits - ((bits >>> 1) & 0x55555555);
  word = (word & 0x33333333) + ((word >>> 2) & 0x33333333);
  return Math.imul((word + (word >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/** Visits the documents from the highest number down: the newest first, which is what most lists begin with. */
export function eachBit(bits: Bits, visit: (doc: number) => void): void {
  for (let i = bits.length - 1; i >= 0; i--) {
    let word = bits[i] ?? 0;
    while (word !== 0) {
      const high = 31 - Math.clz32(word);
      visit((i << 5) + high);
      word &= ~(1 << high);
    }
  }
}

/** A Set costs some 40 bytes per document, bits cost one bit per document of the index: change over where they meet. */
const DENSE_ABOVE = 1_024;
const SPARSE_BELOW = 256;

/** The documents that have one facet value. */
export class Posting {
  #few: Set<number> | undefined = new Set();
  #many: Bits = new Uint32Array(0);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  has(doc: number): boolean {
    return this.#few ? this.#few.has(doc) : hasBit(this.#many, doc);
  }

  add(doc: number): void {
    if (this.has(doc)) return;
    this.#size++;
    if (this.#few) {
      this.#few.add(doc);
      if (this.#size > DENSE_ABOVE) this.#toBits();
    } else {
      if (doc >>> 5 >= this.#many.length) this.#grow(doc);
      setBit(this.#many, doc);
    }
  }

  remove(doc: number): void {
    if (!this.has(doc)) return;
    this.#size--;
    if (this.#few) this.#few.delete(doc);
    else {
      this.#many[doc >>> 5] = (this.#many[doc >>> 5] ?? 0) & ~(1 << (doc & 31));
      if (this.#size < SPARSE_BELOW) this.#toSet();
    }
  }

  /** Adds these documents to `bits`, which must be long enough for the index. */
  unionInto(bits: Bits): void {
    if (this.#few) for (const doc of this.#few) setBit(bits, doc);
    else {
      const words = Math.min(this.#many.length, bits.length);
      for (let i = 0; i < words; i++) bits[i] = (bits[i] ?? 0) | (this.#many[i] ?? 0);
    }
  }

  /** How many of these documents are in `bits`. */
  countIn(bits: Bits): number {
    let count = 0;
    if (this.#few) for (const doc of this.#few) count += hasBit(bits, doc) ? 1 : 0;
    else
      for (let i = Math.min(this.#many.length, bits.length) - 1; i >= 0; i--)
        count += ones((this.#many[i] ?? 0) & (bits[i] ?? 0));
    return count;
  }

  docs(): number[] {
    if (this.#few) return [...this.#few];
    const docs: number[] = [];
    eachBit(this.#many, (doc) => docs.push(doc));
    return docs;
  }

  #toBits(): void {
    const few = this.#few ?? new Set<number>();
    this.#many = bitsFor([...few].reduce((max, doc) => Math.max(max, doc), 0) + 1);
    for (const doc of few) setBit(this.#many, doc);
    this.#few = undefined;
  }

  #toSet(): void {
    this.#few = new Set(this.docs());
    this.#many = new Uint32Array(0);
  }

  #grow(doc: number): void {
    const longer = new Uint32Array(Math.max((doc >>> 5) + 1, this.#many.length * 2));
    longer.set(this.#many);
    this.#many = longer;
  }
}
