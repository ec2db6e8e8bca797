import { newId } from '../../mixins/ids.ts';
import { money } from '../../mixins/money.ts';
import { FakeActors } from '../../test/support/fake-actors.ts';
import { claimActor } from './claim.ts';
import { toCsv, toJsonLines } from './export-file.ts';
import { minorUnits, readImport, splitCell } from './import-file.ts';
import { Importer, type ImportOptions } from './importer.ts';
import { Listing, type Written } from './listing.ts';
import { ProductInput } from './product.contract.ts';
import { productActor } from './product.ts';

const origin = { meta: {} };

function shop() {
  const products = new FakeActors(productActor);
  const tools = { products, claims: new FakeActors(claimActor), newId, now: () => 2_000_000 };
  const listing = new Listing({
    ...tools,
    hasCategory: async (slug) => slug !== 'nowhere',
    onLeftover: (error) => {
      throw error;
    },
  });
  const importer = new Importer(listing);
  const written: Written[] = [];
  const run = (format: 'csv' | 'jsonl', file: string, over: Partial<ImportOptions> = {}) =>
    importer.run(readImport(format, file), {
      sellerId: 'acc_1',
      any: false,
      dryRun: false,
      origin,
      wrote: (one) => written.push(one),
      expired: () => false,
      ...over,
    });
  return { listing, run, written };
}

const CSV = `slug,title,categories,tags,status,attributes,options,sku,values,price,compareAt,tracksStock
heart,Hanging heart,decor|gifts,"red|a\\|b",active,Material=Oak,Colour,H-RED,Red,2.95,3.50,yes
heart,,,,,,,H-BLUE,Blue,3,,no
box,"Box, large",,,draft,,,BOX,,10.5,,yes
`;

test('given a CSV, when it is imported twice, then the second time nothing changes', async () => {
  const { run, listing } = shop();
  expect(await run('csv', CSV)).toMatchObject({ rows: 3, created: 2, updated: 0, unchanged: 0, refused: [] });
  expect(await run('csv', CSV)).toMatchObject({ rows: 3, created: 0, updated: 0, unchanged: 2, refused: [] });
  expect((await listing.find('heart', []))?.product).toMatchObject({
    title: 'Hanging heart',
    status: 'active',
    categories: ['decor', 'gifts'],
    tags: ['red', 'a|b'],
    attributes: [{ name: 'Material', value: 'Oak' }],
    options: ['Colour'],
    variants: [
      { sku: 'H-RED', values: ['Red'], price: money(295), compareAt: money(350), tracksStock: true },
      { sku: 'H-BLUE', values: ['Blue'], price: money(300), compareAt: null, tracksStock: false },
    ],
  });
});

test.each(['csv', 'jsonl'] as const)(
  'given products, when they are exported as %s and imported again, then nothing changes',
  async (format) => {
    const { run, listing, written } = shop();
    await run('csv', CSV);
    const tricky = { title: '=SUM(A1) "quoted"', description: 'two\nlines, and a comma', tags: ['a|b', '\\'] };
    const input = ProductInput.parse({ ...tricky, variants: [{ sku: 'T', price: money(5), barcode: '12345678' }] });
    written.push(await listing.create('acc_1', input, origin));
    const products = written.map(({ product }) => product);
    const file = format === 'csv' ? toCsv(products) : toJsonLines(products);
    expect(await run(format, file)).toMatchObject({ created: 0, updated: 0, unchanged: 3, refused: [] });
    if (format === 'csv') expect(file).toContain(`"'=SUM(A1) ""quoted"""`);
  },
);

test('given a file with only SKUs and prices, then prices change, everything else and other variants stay', async () => {
  const { run, listing } = shop();
  await run('csv', CSV);
  expect(await run('csv', 'sku,price\nH-BLUE,2.00\nBOX,11\n')).toMatchObject({ updated: 2, refused: [] });
  const { product } = (await listing.find('heart', [])) ?? {};
  expect(product).toMatchObject({
    title: 'Hanging heart',
    variants: [{ price: money(295) }, { price: money(200), tracksStock: false }],
  });
});

test('given rows that break rules, then each is reported with row, field and reason, and only the good ones are written', async () => {
  const { run, written } = shop();
  const file = [
    'slug,title,categories,sku,price,compareAt,currency',
    'good,Good,,G-1,1.00,,GBP',
    'no-price,No price,,N-1,cheap,,',
    'dollars,Dollars,,D-1,1.00,,USD',
    'Bad Slug,Bad,,B-1,1.00,,',
    'bad-sku,Bad,,B 1,1.00,,',
    'cheaper,Cheaper,,C-1,5.00,4.00,',
    'lost,Lost,nowhere,L-1,1.00,,',
    'twin,Twin,,G-1,1.00,,',
    'untitled,,,U-1,1.00,,',
  ].join('\n');
  const report = await run('csv', file);
  const found = report.refused.map(({ row, field, code }) => [row, field, code]);
  expect(found).toEqual([
    [3, 'price', 'INVALID_INPUT'],
    [4, 'currency', 'INVALID_INPUT'],
    [5, 'slug', 'INVALID_INPUT'],
    [6, 'sku', 'INVALID_INPUT'],
    [7, 'variants.compareAt', 'INVALID_PRODUCT'],
    [8, 'categories', 'UNKNOWN_CATEGORY'],
    [9, 'sku', 'SKU_TAKEN'],
    [10, 'title', 'INVALID_INPUT'],
  ]);
  expect(report).toMatchObject({ rows: 9, created: 1 });
  expect(written.map(({ product }) => product.slug)).toEqual(['good']);
});

test('given a product of another seller, when a seller imports its SKU, then it is refused; an admin may', async () => {
  const { run } = shop();
  await run('csv', CSV);
  const file = 'sku,price\nBOX,1\n';
  expect(await run('csv', file, { sellerId: 'acc_2' })).toMatchObject({
    updated: 0,
    refused: [{ row: 2, field: 'sku', code: 'FORBIDDEN' }],
  });
  expect(await run('csv', file, { sellerId: 'acc_2', any: true })).toMatchObject({ updated: 1, refused: [] });
});

test('given a dry run, then the report is the same and nothing is written', async () => {
  const { run, written } = shop();
  expect(await run('csv', CSV, { dryRun: true })).toMatchObject({ created: 2, refused: [] });
  expect(written).toEqual([]);
});

test('given too little time, when an import stops half-way, then it says how much is left, and the same file finishes it', async () => {
  const { run } = shop();
  const file = ['sku,title,price', ...Array.from({ length: 500 }, (_, i) => `T-${i},Thing ${i},1`)].join('\n');
  let asked = 0;
  const first = await run('csv', file, { expired: () => ++asked > 200 });
  expect(first).toMatchObject({ rows: 500, created: 200, remaining: 300, refused: [] });
  expect(await run('csv', file)).toMatchObject({ created: 300, unchanged: 200, remaining: 0 });
});

test('given JSON lines, then bad lines are reported and unknown fields are refused', async () => {
  const { run } = shop();
  const good = JSON.stringify({ title: 'A', variants: [{ sku: 'A', price: money(100) }] });
  const report = await run(
    'jsonl',
    `${good}\n{oops\n\n"text"\n{"title":"B","colour":"red","variants":[{"sku":"B","price":{"amount":1.5,"currency":"GBP"}}]}\n`,
  );
  expect(report).toMatchObject({ rows: 4, created: 1 });
  expect(report.refused.map(({ row, code }) => [row, code])).toEqual([
    [2, 'INVALID_JSON'],
    [4, 'INVALID_INPUT'],
    [5, 'INVALID_INPUT'],
    [5, 'INVALID_INPUT'],
  ]);
});

test.each([
  ['an open quote', 'sku,price\n"A,1\n'],
  ['an unknown column', 'sku,prize\nA,1\n'],
  ['no SKU column', 'title,price\nA,1\n'],
  ['a row with too many cells', 'sku,price\nA,1,2\n'],
])('given a CSV with %s, then the whole file is refused', (_what, file) => {
  expect(() => readImport('csv', file)).toThrow(expect.objectContaining({ type: 'IMPORT_UNREADABLE' }));
});

test('given cells, then prices are exact and separators can be escaped', () => {
  expect(['0', '12', '12.5', '0.29', '1234567.89'].map(minorUnits)).toEqual([0, 1200, 1250, 29, 123_456_789]);
  for (const bad of ['-1', '1e3', '1.234', '', '£5', '1,50']) expect(() => minorUnits(bad)).toThrow();
  expect(splitCell('a| b |c\\|d||')).toEqual(['a', 'b', 'c|d']);
});
