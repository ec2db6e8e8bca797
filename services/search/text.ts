// Text as the index sees it: folded to plain lower-case words, on the way in and on the way out alike. Whatever a visitor
// types becomes quoted words, so nothing of it is ever read as query syntax.

const LETTERS: Readonly<Record<string, string>> = { ß: 'ss', æ: 'ae', œ: 'oe', ø: 'o', ð: 'd', đ: 'd', þ: 'th', ł: 'l', ı: 'i' };

/** Words of a query that are looked at; the rest is ignored. */
const MAX_WORDS = 12;
/** Shorter last words match whole words only: as a prefix they would match a good part of the catalogue. */
const MIN_PREFIX = 3;

/** Lower case without diacritics: `Crème Brûlée` becomes `creme brulee`. */
export function fold(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[ßæœøðđþłı]/g, (letter) => LETTERS[letter] ?? letter);
}

/** The words of a text: runs of letters and digits, folded. */
export function words(text: string): string[] {
  return fold(text).match(/[\p{L}\p{N}]+/gu) ?? [];
}

/** What was typed, cut into terms: `t-light "holder` becomes `['t light', 'holder']`; a term of several words is a phrase. */
export function terms(typed: string): string[] {
  return typed
    .split(/\s+/u)
    .map((part) => words(part).join(' '))
    .filter((term) => term !== '')
    .slice(0, MAX_WORDS);
}

const quoted = (term: string): string => `"${term}"`;

/** An FTS5 expression in which all terms must match, the last one also as the beginning of a word. */
export function matchAll(list: readonly string[], minPrefix = MIN_PREFIX): string {
  return list
    .map((term, index) => (index === list.length - 1 && term.length >= minPrefix ? `${quoted(term)}*` : quoted(term)))
    .join(' ');
}

/** Typing errors between two words: insert, delete, replace, swap neighbours. Gives up above `max` and returns `max + 1`. */
export function distance(a: string, b: string, max: number): number {
  if (Math.abs(a.length - b.length) > max) return max + 1;
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) cost = Math.min(cost, (before[j - 2] ?? 0) + 1);
      row.push(cost);
    }
    if (Math.min(...row) > max) return max + 1;
    before = last;
    last = row;
  }
  return last[b.length] ?? max + 1;
}
