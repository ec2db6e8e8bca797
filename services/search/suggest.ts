// Helps people who type: completions while they do, and the word they meant when nothing was found.
import { bitsFor, hasBit } from './bits.ts';
import type { Parts } from './parts.ts';
import type { Suggestions } from './search.contract.ts';
import { fold, matchAll, terms, words } from './text.ts';

/** Products looked at for one suggestion; more would only cost time while somebody types. */
const LOOKED_AT = 400;

const startsAnyWord = (text: string, prefix: string): boolean => ` ${words(text).join(' ')}`.includes(` ${prefix}`);

function onSale({ documents }: Parts): (doc: number) => boolean {
  const bits = documents.values.union('status', ['active'], bitsFor(documents.size));
  return (doc) => hasBit(bits, doc);
}

function products(parts: Parts, list: readonly string[], limit: number): Suggestions['products'] {
  const { documents, text } = parts;
  const typed = list.join(' ');
  const rank = (doc: number): number => (documents.name[doc]?.startsWith(typed) ? 0 : 1);
  const sold = (doc: number): number => documents.sold[doc] ?? 0;
  return text
    .some(`{title brand sku} : (${matchAll(list, 1)})`, LOOKED_AT)
    .filter(onSale(parts))
    .toSorted((a, b) => rank(a) - rank(b) || sold(a) - sold(b) || (documents.newest[a] ?? 0) - (documents.newest[b] ?? 0))
    .slice(0, limit)
    .flatMap((doc) => documents.cards[doc] ?? []);
}

function brands(parts: Parts, prefix: string, limit: number): string[] {
  const { values } = parts.documents;
  const sale = onSale(parts);
  const found = values.of('brand').filter(({ label, posting }) => startsAnyWord(label, prefix) && posting.docs().some(sale));
  return found
    .toSorted((a, b) => b.posting.size - a.posting.size)
    .slice(0, limit)
    .map(({ label }) => label);
}

/** Completions of what is being typed; empty for text without a letter or digit. */
export function suggest(parts: Parts, typed: string, limit: number): Suggestions {
  const list = terms(typed);
  const prefix = list.join(' ');
  const last = words(prefix).at(-1);
  if (last === undefined) return { products: [], categories: [], brands: [], words: [] };
  return {
    products: products(parts, list, limit),
    categories: parts.tree
      .nodes()
      .filter(({ name }) => startsAnyWord(name, prefix))
      .slice(0, limit),
    brands: brands(parts, prefix, limit),
    words: parts.vocabulary.complete(last, limit),
  };
}

function known({ text, vocabulary }: Parts, word: string): boolean {
  return vocabulary.has(word) || text.some(`"${word}"`, 1).length > 0;
}

/** The query with unknown words replaced by the closest known ones, if that finds something on sale. */
export function corrected(parts: Parts, list: readonly string[]): string | undefined {
  const typed = list.flatMap(words);
  const meant = typed.map((word) => (known(parts, word) ? word : (parts.vocabulary.closest(word) ?? word)));
  const text = meant.join(' ');
  if (fold(text) === fold(typed.join(' '))) return undefined;
  return [...parts.text.match(matchAll(meant)).scores.keys()].some(onSale(parts)) ? text : undefined;
}
