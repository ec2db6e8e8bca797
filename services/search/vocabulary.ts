// The words that products on sale use in their titles, brands and tags: completes what is being typed and finds the word
// that was meant. Kept up to date word by word, so it never has to be rebuilt.
import { distance } from './text.ts';

/** Only this many of the words that share the most letter pairs are compared letter by letter. */
const COMPARED = 60;
const MAX_WORD = 40;

function pairs(word: string): string[] {
  const padded = `^${word}$`;
  return Array.from({ length: padded.length - 1 }, (_, i) => padded.slice(i, i + 2));
}

export class Vocabulary {
  /** Number of products per word. */
  readonly #counts = new Map<string, number>();
  readonly #byPair = new Map<string, Set<string>>();
  #sorted: string[] | undefined;

  get size(): number {
    return this.#counts.size;
  }

  has(word: string): boolean {
    return this.#counts.has(word);
  }

  add(list: Iterable<string>): void {
    for (const word of new Set(list)) {
      if (word.length < 2 || word.length > MAX_WORD) continue;
      const count = this.#counts.get(word) ?? 0;
      this.#counts.set(word, count + 1);
      if (count === 0) this.#enter(word);
    }
  }

  remove(list: Iterable<string>): void {
    for (const word of new Set(list)) {
      const count = this.#counts.get(word);
      if (count === undefined) continue;
      if (count > 1) this.#counts.set(word, count - 1);
      else this.#leave(word);
    }
  }

  /** Words that begin with `prefix`, the most frequent first. */
  complete(prefix: string, limit: number): string[] {
    this.#sorted ??= [...this.#counts.keys()].sort();
    const found: string[] = [];
    for (let i = this.#firstFrom(prefix); i < this.#sorted.length; i++) {
      const word = this.#sorted[i] ?? '';
      if (!word.startsWith(prefix)) break;
      found.push(word);
    }
    return found.sort((a, b) => this.#count(b) - this.#count(a) || a.length - b.length).slice(0, limit);
  }

  /** The word that was probably meant: fewest typing errors (one in short words, two in longer ones), then the most frequent. */
  closest(word: string): string | undefined {
    if (word.length < 3 || word.length > MAX_WORD) return undefined;
    const max = word.length <= 4 ? 1 : 2;
    let best: { word: string; errors: number } | undefined;
    for (const candidate of this.#similar(word, max)) {
      const errors = distance(word, candidate, max);
      if (errors > max) continue;
      const better = !best || errors < best.errors || (errors === best.errors && this.#count(candidate) > this.#count(best.word));
      if (better) best = { word: candidate, errors };
    }
    return best?.word;
  }

  #count(word: string): number {
    return this.#counts.get(word) ?? 0;
  }

  #similar(word: string, max: number): string[] {
    const shared = new Map<string, number>();
    for (const pair of new Set(pairs(word)))
      for (const candidate of this.#byPair.get(pair) ?? [])
        if (Math.abs(candidate.length - word.length) <= max) shared.set(candidate, (shared.get(candidate) ?? 0) + 1);
    return [...shared]
      .sort((a, b) => b[1] - a[1])
      .slice(0, COMPARED)
      .map(([candidate]) => candidate);
  }

  #firstFrom(prefix: string): number {
    const sorted = this.#sorted ?? [];
    let low = 0;
    for (let high = sorted.length; low < high; ) {
      const middle = (low + high) >>> 1;
      if ((sorted[middle] ?? '') < prefix) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #enter(word: string): void {
    this.#sorted = undefined;
    for (const pair of pairs(word)) {
      const known = this.#byPair.get(pair);
      if (known) known.add(word);
      else this.#byPair.set(pair, new Set([word]));
    }
  }

  #leave(word: string): void {
    this.#sorted = undefined;
    this.#counts.delete(word);
    for (const pair of pairs(word)) this.#byPair.get(pair)?.delete(word);
  }
}
