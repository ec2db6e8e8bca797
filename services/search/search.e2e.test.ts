// Browsing over HTTP as a shopper's browser does it: lists, search, pages, images, and what happens to nonsense.
import sharp from 'sharp';
import { money } from '../../mixins/money.ts';
import { startShop, type TestShop } from '../../test/support/shop.ts';

let shop: TestShop;
let ids: string[];

const get = (path: string, headers: Record<string, string> = {}) => fetch(`${shop.url}/api${path}`, { headers });
const json = async (path: string) => (await get(path)).json() as Promise<Record<string, never>>;

beforeAll(async () => {
  shop = await startShop({ services: ['gateway', 'catalog', 'search', 'stock'], env: { SOUK_RATE_LIMIT: 'off' } });
  await shop.broker.call('catalog.createCategory', { slug: 'mugs', name: 'Mugs' });
  const products = ['Red', 'Blue', 'Green'].map((colour, i) => ({
    title: `${colour} mug`,
    status: 'active',
    categories: ['mugs'],
    attributes: [{ name: 'Colour', value: colour }],
    variants: [{ sku: `MUG-${i}`, price: money(500 + 100 * i) }],
  }));
  const meta: { position?: string } = {};
  const report: { ids: string[] } = await shop.broker.call('catalog.upsert', { sellerId: 'acc_1', products }, { meta });
  ids = report.ids;
  await shop.broker.call('stock.receive', { sku: 'MUG-0', quantity: 3, reference: 'r1' }, { meta });
  expect((await get('/products', { 'X-Souk-Position': meta.position ?? '' })).status).toBe(200);
});

afterAll(() => shop.stop());

test('given products, when they are listed, then prices and stock are on every card', async () => {
  expect(await json('/products?sort=price')).toMatchObject({
    total: 3,
    next: null,
    items: [
      { title: 'Red mug', price: money(500), available: 3, inStock: true, sku: 'MUG-0' },
      { title: 'Blue mug', inStock: false },
      { title: 'Green mug' },
    ],
  });
});

test('given several values of one facet, when they are chosen, then either counts', async () => {
  const page = await json('/products?q=mug&filter=Colour:Red&filter=Colour:Blue&category=mugs&facets=true&sort=-price');
  expect(page).toMatchObject({ total: 2, facets: { categories: [{ slug: 'mugs', count: 2 }], inStock: 1 } });
});

test('given pages of one, when they are followed, then every product comes once', async () => {
  const seen: string[] = [];
  for (let cursor = ''; seen.length < 5; ) {
    const page = (await json(`/products?limit=1&sort=name${cursor}`)) as unknown as {
      items: { title: string }[];
      next: string | null;
    };
    seen.push(...page.items.map(({ title }) => title));
    if (page.next === null) break;
    cursor = `&cursor=${page.next}`;
  }
  expect(seen).toEqual(['Blue mug', 'Green mug', 'Red mug']);
});

test('given a page of a product, when it is asked for by id and by slug, then it is the same, and unchanged it is not sent again', async () => {
  const byId = await get(`/products/${ids[0]}`);
  expect(await byId.json()).toEqual(await json('/products/red-mug'));
  const etag = byId.headers.get('etag') ?? '';
  expect((await get(`/products/${ids[0]}`, { 'If-None-Match': etag })).status).toBe(304);
});

test('given somebody who types, then suggestions and corrections come', async () => {
  expect(await json('/products/suggest?q=gre')).toMatchObject({ products: [{ title: 'Green mug' }], words: ['green'] });
  expect(await json('/products?q=grene+mug')).toMatchObject({ total: 0, didYouMean: 'green mug' });
});

test('given categories, then they are listed; an image is served as what it is, for ever', async () => {
  expect(await json('/categories')).toMatchObject({ categories: [{ slug: 'mugs', path: 'mugs' }] });
  const png = await sharp({ create: { width: 40, height: 40, channels: 3, background: '#fff' } })
    .png()
    .toBuffer();
  const added: { image: { hash: string } } = await shop.broker.call('catalog.addImage', {
    id: ids[0],
    file: png.toString('base64'),
  });
  const image = await get(`/images/${added.image.hash}/320.webp`);
  expect(image.headers.get('content-type')).toBe('image/webp');
  expect(image.headers.get('cache-control')).toContain('immutable');
  expect((await sharp(Buffer.from(await image.arrayBuffer())).metadata()).format).toBe('webp');
});

test.each([
  ['/products?limit=101', 422],
  ['/products?limit=-1', 422],
  ['/products?cursor=forged', 422],
  ['/products?sort=cheapest', 422],
  ['/products?minPrice=abc', 422],
  ['/products?$where=1', 422],
  [`/products?q=${'x'.repeat(201)}`, 422],
  ['/products?filter=Colour', 422],
  ['/products?q=%22%20OR%20NEAR(*', 200],
  ['/products/prd_00000000000000000000000000', 404],
  ['/products/no-such-thing', 404],
  ['/products/$ne', 404],
  ['/products/..%2fadmin', 404],
  ['/images/xyz/320.webp', 422],
  [`/images/${'0'.repeat(64)}/320.webp`, 404],
  [`/images/${'0'.repeat(64)}/9999.webp`, 422],
])('given GET %s, then the answer is %i', async (path, status) => {
  expect((await get(path)).status).toBe(status);
});

test.each([
  ['POST', '/products'],
  ['PUT', '/products/prd_00000000000000000000000000'],
  ['DELETE', '/products/prd_00000000000000000000000000'],
  ['POST', '/categories'],
  ['POST', '/products/import?format=csv'],
])('given nobody signed in, when %s %s is sent, then it is refused', async (method, path) => {
  const body = path.includes('import') ? 'sku\n' : '{}';
  const type = path.includes('import') ? 'text/csv' : 'application/json';
  const response = await fetch(`${shop.url}/api${path}`, { method, body, headers: { 'Content-Type': type } });
  expect(response.status).toBe(401);
});
