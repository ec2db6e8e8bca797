import { ask, idOf, indexOf, product } from './index.testing.ts';
import type { ProductIndex } from './product-index.ts';
import { Query as QueryParams } from './search.contract.ts';

describe('pages', () => {
  const many = () =>
    indexOf(...Array.from({ length: 57 }, (_, i) => ({ title: `Mug ${i % 5}`, price: 100 * (i % 7), brand: `B${i % 3}` })));

  function walk(index: ProductIndex, params: object, between: (page: number) => void = () => {}): string[] {
    const ids: string[] = [];
    let cursor: string | null | undefined;
    for (let page = 0; cursor !== null && page < 50; page++) {
      const answer = ask(index, { ...params, limit: 10, ...(cursor ? { cursor } : {}) });
      ids.push(...answer.items.map(({ id }) => id));
      cursor = answer.next;
      between(page);
    }
    return ids;
  }

  test.each(['relevance', 'newest', 'price', '-price', 'name', 'bestselling'])(
    'given 57 products sorted by %s, when all pages are read, then each comes exactly once and in order',
    (sort) => {
      const index = many();
      const ids = walk(index, { q: 'mug', sort });
      expect(ids).toEqual(ask(index, { q: 'mug', sort, limit: 100 }).items.map(({ id }) => id));
      expect(new Set(ids).size).toBe(57);
    },
  );

  test.each(['relevance', 'newest', 'price', 'name'])(
    'given products arriving while pages sorted by %s are read, then nothing that was there is missed or doubled',
    (sort) => {
      const index = many();
      const ids = walk(index, { q: 'mug', sort }, (page) => {
        for (let n = 0; n < 5; n++)
          index.put(product(1_000 + page * 5 + n, { title: `Mug ${n} extra lantern`, price: n * 150 }), 1);
        index.flush();
      });
      expect(new Set(ids).size).toBe(ids.length);
      for (let n = 1; n <= 57; n++) expect(ids).toContain(idOf(n));
    },
  );

  test.each([
    ['garbage', () => 'garbage'],
    ['a changed one', (good: string) => `${good.slice(0, -2)}AA`],
    ['a made-up one', () => Buffer.from(JSON.stringify([0, idOf(1), 'x'.repeat(16)])).toString('base64url')],
    ['an empty one', () => ''],
  ])('given %s as cursor, then it is refused as invalid input', (_what, forge) => {
    const index = many();
    const cursor = forge(ask(index, { limit: 5 }).next ?? '');
    expect(() => ask(index, { limit: 5, cursor })).toThrow(expect.objectContaining({ type: 'INVALID_INPUT' }));
  });

  test('given the cursor of one query, when another query uses it, then it is refused', () => {
    const index = many();
    const cursor = ask(index, { limit: 5, sort: 'price' }).next;
    expect(() => ask(index, { limit: 5, sort: 'name', cursor })).toThrow(expect.objectContaining({ type: 'INVALID_INPUT' }));
    expect(ask(index, { limit: 7, sort: 'price', cursor, facets: 'true' }).items).toHaveLength(7);
  });
});

test.each([
  { limit: 101 },
  { limit: 0 },
  { q: 'x'.repeat(201) },
  { minPrice: -1 },
  { minPrice: 1.5 },
  { filter: 'Colour' },
  { $where: 1 },
])('given %j, then the contract refuses it', (params) => {
  expect(QueryParams.safeParse(params).success).toBe(false);
});
