// Pages and their cursors.
import { Buffer } from 'node:buffer';
import { pageOf, queryOf } from './query.ts';

const cursor = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const rows = (...ids: string[]) => ids.map((id, i) => ({ id, at: i }));

it('asks for one more than the page, in a total order', () => {
  expect(queryOf({ where: { status: 'open' }, sort: '-at', limit: 20 })).toEqual({
    query: { status: 'open' },
    sort: ['-at', '-id'],
    limit: 21,
  });
  expect(queryOf({})).toEqual({ query: {}, sort: ['id'], limit: 51 });
  expect(queryOf({ sort: '-id' }).sort).toEqual(['-id']);
  expect(queryOf({ limit: 1_000_000 }).limit).toBe(1_001);
});

it('goes on behind the last item of the page before', () => {
  const page = pageOf({ sort: '-at' }, rows('a', 'b', 'c'), 3);
  expect(page.items.map(({ id }) => id)).toEqual(['a', 'b']);
  expect(queryOf({ sort: '-at', where: { x: 1 }, after: page.next ?? '' }).query).toEqual({
    $and: [{ x: 1 }, { $or: [{ at: { $lt: 1 } }, { at: 1, id: { $lt: 'b' } }] }],
  });
  expect(pageOf({}, rows('a', 'b'), 3)).toEqual({ items: rows('a', 'b') });
});

it('refuses every cursor that could carry more than a value and an id', () => {
  const forged = [
    '',
    'x',
    'null',
    cursor(null),
    cursor([]),
    cursor([1]),
    cursor([1, 2]),
    cursor([{ $gt: '' }, 'a']),
    cursor([['a'], 'a']),
    cursor([null, 'a']),
  ];
  for (const after of [...forged.slice(1), cursor({ length: 2 }), cursor([1, { $ne: '' }]), cursor([true, 'a'])]) {
    expect(() => queryOf({ sort: 'at', after })).toThrow(expect.objectContaining({ type: 'INVALID_INPUT' }));
  }
});

it('says which field a page cannot be sorted by', () => {
  expect(() => pageOf({ sort: 'missing' }, rows('a', 'b'), 2)).toThrow('sorted by missing');
});
