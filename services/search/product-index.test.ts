import { ask, indexOf, product, type Sketch, titles } from './index.testing.ts';
import { ProductIndex } from './product-index.ts';

const SHOP: Sketch[] = [
  { title: 'Red ceramic mug', price: 700, brand: 'Potter', categories: ['mugs'], colour: 'Red' },
  { title: 'Blue ceramic mug', price: 900, brand: 'Potter', categories: ['mugs'], colour: 'Blue' },
  { title: 'Crème brûlée dish', price: 1_500, brand: 'Chef', categories: ['kitchen'], colour: 'White' },
  { title: 'Red hanging heart', price: 300, brand: 'Souk', categories: ['decor'], colour: 'Red' },
];

describe('searching text', () => {
  test.each([
    ['ceramic mug', ['Blue ceramic mug', 'Red ceramic mug']],
    ['creme brulee', ['Crème brûlée dish']],
    ['BRÛLÉE', ['Crème brûlée dish']],
    ['hang', ['Red hanging heart']],
    ['SKU-3', ['Crème brûlée dish']],
    ['potter red', ['Red ceramic mug']],
    ['mug heart', []],
  ])(
    'given a shop, when %s is searched, then all terms match, accents do not matter and the last may be a beginning',
    (q, expected) => {
      expect(titles(indexOf(...SHOP), { q })).toEqual(expected);
    },
  );

  test('given a word in a title and in a description, when it is searched, then the title comes first', () => {
    const index = indexOf({ title: 'Plain box', more: { description: 'holds a lantern' } }, { title: 'Garden lantern' });
    expect(titles(index, { q: 'lantern' })).toEqual(['Garden lantern', 'Plain box']);
  });

  test.each([
    '"',
    '""',
    'NEAR(',
    'a" OR "b',
    'title:red*',
    '(((',
    '*',
    '-',
    'red AND',
    'x\u0000y',
    "'; DROP TABLE fts",
    '{brand} : x',
    '^red',
    '😀',
  ])('given query syntax %j as text, when it is searched, then it is only text', (q) => {
    expect(() => ask(indexOf(...SHOP), { q })).not.toThrow();
  });

  test('given a draft, when it is searched, then only its seller finds it', () => {
    const index = indexOf({ title: 'Secret vase', more: { status: 'draft' } }, { title: 'Vase' });
    expect(titles(index, { q: 'vase' })).toEqual(['Vase']);
    const scope = { status: 'any', seller: 'acc_1' } as const;
    expect(ask(index, { q: 'secret' }, scope).total).toBe(1);
    expect(ask(index, { q: 'secret' }, { ...scope, seller: 'acc_2' }).total).toBe(0);
  });

  test('given a product that changed, when the old title is searched, then it is gone; an older version changes nothing', () => {
    const index = indexOf({ title: 'Old name' });
    index.put(product(1, { title: 'New name' }), 3);
    index.put(product(1, { title: 'Late name' }), 2);
    index.flush();
    expect([titles(index, { q: 'old' }), titles(index, { q: 'late' }), titles(index, { q: 'new' })]).toEqual([
      [],
      [],
      ['New name'],
    ]);
  });
});

describe('meaning and completing', () => {
  test.each([
    ['cermaic mug', 'ceramic mug'],
    ['haert', 'heart'],
    ['zzzzzz', undefined],
  ])('given nothing is found for %s, then %s is proposed', (q, meant) => {
    expect(ask(indexOf(...SHOP), { q }).didYouMean).toBe(meant);
  });

  test('given a word only a draft has, when it is mistyped or completed, then the draft is not given away', () => {
    const index = indexOf({ title: 'Prototype', more: { status: 'draft' } });
    expect(ask(index, { q: 'prototpye' }).didYouMean).toBeUndefined();
    expect(index.suggest('proto', 5)).toMatchObject({ products: [], words: [] });
  });

  test('given a shop, when somebody types, then products, categories, brands and words are completed', () => {
    const index = indexOf(...SHOP);
    index.putCategory({ slug: 'mugs', name: 'Mugs and cups', parent: null, position: 0 }, 1);
    index.flush();
    const { products, categories, words } = index.suggest('mu', 5);
    expect(products.map(({ title }) => title).sort()).toEqual(['Blue ceramic mug', 'Red ceramic mug']);
    expect(categories.map(({ name }) => name)).toEqual(['Mugs and cups']);
    expect(words).toEqual(['mug']);
    expect(index.suggest('pot', 5).brands).toEqual(['Potter']);
    expect(index.suggest('"*', 5).products).toEqual([]);
  });
});

describe('filters and facets', () => {
  const values = (counts: { value: string; count: number }[] = []) =>
    Object.fromEntries(counts.map(({ value, count }) => [value, count]));

  test('given two values of one facet, then either may match; two facets must both match', () => {
    const index = indexOf(...SHOP);
    expect(titles(index, { filter: ['Colour:red', 'Colour:Blue'], sort: 'price' })).toEqual([
      'Red hanging heart',
      'Red ceramic mug',
      'Blue ceramic mug',
    ]);
    expect(titles(index, { filter: 'Colour:Red', brand: 'Potter' })).toEqual(['Red ceramic mug']);
    expect(titles(index, { brand: 'Nobody' })).toEqual([]);
  });

  test('given a choice in a facet, then its own counts ignore the choice and all others respect it', () => {
    const { facets, total } = ask(indexOf(...SHOP), { filter: 'Colour:Red', facets: 'true' });
    expect(total).toBe(2);
    expect(values(facets?.attributes.find(({ name }) => name === 'Colour')?.values)).toEqual({ Red: 2, Blue: 1, White: 1 });
    expect(values(facets?.brands)).toEqual({ Potter: 1, Souk: 1 });
  });

  test('given a price range, then it includes both ends, and the price facet ignores it', () => {
    const { items, facets } = ask(indexOf(...SHOP), { minPrice: 700, maxPrice: '900', facets: 'true', sort: '-price' });
    expect(items.map(({ price }) => price.amount)).toEqual([900, 700]);
    expect(facets?.prices).toEqual([
      { from: 0, to: 500, count: 1 },
      { from: 500, to: 1_000, count: 2 },
      { from: 1_000, to: 2_500, count: 1 },
    ]);
  });

  test('given nested categories that arrive after their products, when a parent is asked for, then it holds what lies below', () => {
    const index = indexOf(...SHOP);
    index.putCategory({ slug: 'mugs', name: 'Mugs', parent: 'kitchen', position: 0 }, 1);
    index.flush();
    index.putCategory({ slug: 'kitchen', name: 'Kitchen', parent: null, position: 0 }, 1);
    index.flush();
    expect(ask(index, { category: 'kitchen' }).total).toBe(3);
    expect(ask(index, { q: 'kitchen' }).total).toBe(3);
    const counts = ask(index, { facets: 'true' }).facets?.categories.map(({ path, count }) => [path, count]);
    expect(counts).toEqual([
      ['kitchen', 3],
      ['kitchen/mugs', 2],
    ]);
    index.putCategory({ slug: 'mugs', name: 'Mugs', parent: null, position: 0 }, 2);
    index.flush();
    expect(ask(index, { category: 'kitchen' }).total).toBe(1);
  });

  test('given a category in the middle that is removed, then what lies below no longer counts above', () => {
    const index = indexOf(...SHOP);
    for (const [slug, parent] of [
      ['home', null],
      ['kitchen', 'home'],
      ['mugs', 'kitchen'],
    ] as const)
      index.putCategory({ slug, name: slug, parent, position: 0 }, 1);
    index.flush();
    expect(ask(index, { category: 'home' }).total).toBe(3);
    index.removeCategory('kitchen');
    index.flush();
    expect(ask(index, { category: 'home' }).total).toBe(0);
    expect(ask(index, { category: 'mugs' }).total).toBe(2);
  });
});

describe('stock', () => {
  test('given levels before and after the product, then cards and the in-stock filter follow', () => {
    const index = new ProductIndex();
    index.setStock('SKU-1', { available: 5, sold: 0 });
    index.flush();
    index.put(product(1, { title: 'Mug' }), 1);
    index.flush();
    expect(ask(index, { inStock: 'true' }).items).toMatchObject([{ inStock: true, available: 5, sku: 'SKU-1' }]);
    index.setStock('SKU-1', { available: 0, sold: 5 });
    index.flush();
    expect(ask(index, { inStock: 'true' }).total).toBe(0);
    expect(ask(index, { inStock: 'false', facets: 'true' })).toMatchObject({ total: 1, facets: { inStock: 0 } });
  });

  test('given sales, when sorted by best-selling, then the order follows them', () => {
    const index = indexOf({ title: 'A' }, { title: 'B' });
    expect(titles(index, { sort: 'bestselling' })).toEqual(['B', 'A']);
    index.setStock('SKU-1', { available: 1, sold: 9 });
    index.flush();
    expect(titles(index, { sort: 'bestselling' })).toEqual(['A', 'B']);
  });

  test('given a variant that is not tracked, then the product is always in stock', () => {
    const endless = product(1, { title: 'Song' });
    const index = new ProductIndex();
    index.put({ ...endless, variants: endless.variants.map((variant) => ({ ...variant, tracksStock: false })) }, 1);
    index.flush();
    expect(ask(index, {}).items).toMatchObject([{ inStock: true, available: null }]);
  });
});

describe('identical answers', () => {
  test('given an unchanged index, when the same is asked, then the identical object comes back', () => {
    const index = indexOf(...SHOP);
    expect(ask(index, { q: 'mug', facets: 'true' })).toBe(ask(index, { q: 'mug', facets: 'true' }));
    expect(index.suggest('mu', 5)).toBe(index.suggest('mu', 5));
  });

  test('given a stock change elsewhere, then the object stays; given one in it, then only that card is another', () => {
    const index = indexOf(...SHOP);
    for (let n = 1; n <= 4; n++) index.setStock(`SKU-${n}`, { available: 9, sold: 0 });
    index.flush();
    const before = ask(index, { q: 'mug', sort: 'price' });
    index.setStock('SKU-4', { available: 8, sold: 1 });
    index.flush();
    expect(ask(index, { q: 'mug', sort: 'price' })).toBe(before);
    index.setStock('SKU-2', { available: 8, sold: 1 });
    index.flush();
    const after = ask(index, { q: 'mug', sort: 'price' });
    expect(after).not.toBe(before);
    expect(after.items[0]).toBe(before.items[0]);
    expect(after.items[1]?.available).toBe(8);
  });

  test('given a change that is not flushed, then answers do not see it yet', () => {
    const index = indexOf(...SHOP);
    index.put(product(9, { title: 'New mug' }), 1);
    expect(ask(index, {}).total).toBe(4);
    index.flush();
    expect(ask(index, {}).total).toBe(5);
  });
});
