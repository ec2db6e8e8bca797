import { distance, fold, matchAll, terms, words } from './text.ts';
import { Vocabulary } from './vocabulary.ts';

test.each([
  ['Crème Brûlée', 'creme brulee'],
  ['STRASSE ß Øl Æsir Łódź', 'strasse ss ol aesir lodz'],
])('given %s, when it is folded, then it is %s', (text, folded) => {
  expect(fold(text)).toBe(folded);
});

test('given hyphens and quotes, then terms are plain words and phrases', () => {
  expect(terms('T-light  "holder" * !!')).toEqual(['t light', 'holder']);
  expect(words("children's 3-in-1")).toEqual(['children', 's', '3', 'in', '1']);
});

test('given many words, then only the first twelve are looked at', () => {
  expect(terms('a '.repeat(100))).toHaveLength(12);
});

test('given terms, then every one is quoted and the last is a prefix unless it is very short', () => {
  expect(matchAll(['red', 'mug'])).toBe('"red" "mug"*');
  expect(matchAll(['red', 'mu'])).toBe('"red" "mu"');
});

test.each([
  ['heart', 'heart', 0],
  ['haert', 'heart', 1],
  ['hart', 'heart', 1],
  ['heartz', 'heart', 1],
  ['beard', 'heart', 2],
  ['mug', 'lantern', 3],
])('given %s and %s, then they are %i errors apart', (a, b, errors) => {
  expect(distance(a, b, 2)).toBe(errors);
});

test('given a vocabulary, then words come and go with the products that use them', () => {
  const vocabulary = new Vocabulary();
  vocabulary.add(['lantern', 'lamp']);
  vocabulary.add(['lantern']);
  expect(vocabulary.complete('la', 5)).toEqual(['lantern', 'lamp']);
  expect(vocabulary.closest('lantren')).toBe('lantern');
  vocabulary.remove(['lantern']);
  vocabulary.remove(['lantern']);
  expect(vocabulary.complete('la', 5)).toEqual(['lamp']);
  expect(vocabulary.closest('lantren')).toBeUndefined();
});
