// A seller's work over HTTP: writing products with If-Match, uploading images, importing and exporting; and who is kept out.
import sharp from 'sharp';
import { money } from '../../mixins/money.ts';
import { startShop, type TestShop } from '../../test/support/shop.ts';

type Role = 'customer' | 'seller' | 'admin';
type Json = Record<string, never>;

let shop: TestShop;
const cookies = {} as Record<string, string>;
const PASSWORD = 'correct horse battery';

async function signIn(name: string, role: Role): Promise<void> {
  const email = `${name}@example.com`;
  await shop.broker.call('accounts.ensure', { email, name, role, password: PASSWORD });
  const response = await fetch(`${shop.url}/api/users/signin`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ email, password: PASSWORD }),
  });
  expect(response.status).toBe(200);
  cookies[name] = response.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ');
}

interface Sent {
  readonly who?: string;
  readonly body?: RequestInit['body'];
  readonly json?: object;
  readonly headers?: Record<string, string>;
}

function send(method: string, path: string, { who, body, json, headers = {} }: Sent = {}): Promise<Response> {
  return fetch(`${shop.url}/api${path}`, {
    method,
    headers: {
      ...(who ? { Cookie: cookies[who] ?? '' } : {}),
      ...(json ? { 'Content-Type': 'application/json' } : {}),
      ...headers,
    },
    ...(json ? { body: JSON.stringify(json) } : body ? { body } : {}),
  });
}

const answer = async (response: Response): Promise<Json> => (await response.json()) as Json;
let count = 0;
const draft = (over: object = {}) => ({ title: 'Vase', variants: [{ sku: `E2E-${++count}`, price: money(900) }], ...over });

async function created(who: string, over: object = {}): Promise<{ id: string; slug: string; version: number }> {
  const response = await send('POST', '/products', { who, json: draft(over) });
  expect(response.status).toBe(201);
  return (await answer(response)) as never;
}

beforeAll(async () => {
  shop = await startShop({ services: ['gateway', 'accounts', 'catalog', 'search', 'stock'], env: { SOUK_RATE_LIMIT: 'off' } });
  await signIn('sella', 'seller');
  await signIn('rival', 'seller');
  await signIn('boss', 'admin');
  await signIn('carl', 'customer');
});

afterAll(() => shop.stop());

test('given a product, when it changes under the version its page named, then it works once', async () => {
  const { id } = await created('sella');
  const page = await send('GET', `/products/${id}`, { who: 'sella' });
  const etag = page.headers.get('etag') ?? '';
  const first = await send('PUT', `/products/${id}`, {
    who: 'sella',
    json: { title: 'Blue vase' },
    headers: { 'If-Match': etag },
  });
  expect({ status: first.status, body: await answer(first) }).toMatchObject({
    status: 200,
    body: { title: 'Blue vase', version: 2 },
  });
  const second = await send('PUT', `/products/${id}`, {
    who: 'sella',
    json: { title: 'Red vase' },
    headers: { 'If-Match': etag },
  });
  expect({ status: second.status, body: await answer(second) }).toMatchObject({
    status: 412,
    body: { code: 'VERSION_MISMATCH' },
  });
});

test('given a draft, then strangers find nothing; published, everybody sees it; removed, nobody but its seller', async () => {
  const { id } = await created('sella', { title: 'Quiet vase' });
  expect((await send('GET', `/products/${id}`)).status).toBe(404);
  expect((await send('GET', `/products/${id}`, { who: 'rival' })).status).toBe(404);
  await send('PUT', `/products/${id}`, { who: 'sella', json: { status: 'active' } });
  expect((await send('GET', `/products/${id}`)).status).toBe(200);
  expect((await send('DELETE', `/products/${id}`, { who: 'rival' })).status).toBe(403);
  expect((await send('DELETE', `/products/${id}`, { who: 'sella' })).status).toBe(200);
  expect((await send('GET', `/products/${id}`)).status).toBe(404);
  expect((await send('GET', `/products/${id}`, { who: 'sella' })).status).toBe(200);
});

test.each([
  ['a customer', 'carl', 403],
  ['nobody', undefined, 401],
])('given %s (%s), when a product is to be created, then the answer is %i', async (_what, who, status) => {
  expect((await send('POST', '/products', { ...(who ? { who } : {}), json: draft() })).status).toBe(status);
});

test.each([
  ['an unknown field', { colour: 'red' }],
  ['an id of its own', { id: 'prd_00000000000000000000000000' }],
  ['another currency', { variants: [{ sku: 'X-1', price: { amount: 1, currency: 'USD' } }] }],
  ['a fractional price', { variants: [{ sku: 'X-1', price: { amount: 1.5, currency: 'GBP' } }] }],
  ['a negative price', { variants: [{ sku: 'X-1', price: { amount: -1, currency: 'GBP' } }] }],
  ['a path as SKU', { variants: [{ sku: '../x', price: money(1) }] }],
  ['a subject wildcard as SKU', { variants: [{ sku: 'a.>', price: money(1) }] }],
  ['no variant', { variants: [] }],
  ['a reserved slug', { slug: 'import' }],
  ['an unknown category', { categories: ['nowhere'] }],
])('given %s, when a product is to be created, then it is refused', async (_what, over) => {
  expect((await send('POST', '/products', { who: 'sella', json: draft(over) })).status).toBe(422);
});

test('given an Idempotency-Key, when a product is created twice, then it is created once', async () => {
  const json = draft({ title: 'Only once' });
  const headers = { 'Idempotency-Key': 'create-a-vase-only-once' };
  const [first, second] = [
    await send('POST', '/products', { who: 'sella', json, headers }),
    await send('POST', '/products', { who: 'sella', json, headers }),
  ];
  expect([first.status, second.status]).toEqual([201, 201]);
  expect(second.headers.get('idempotent-replayed')).toBe('true');
  expect(await answer(second)).toEqual(await answer(first));
});

test('given an image, when it is uploaded raw or in a form, then it is the same image; what is none is refused', async () => {
  const { id } = await created('sella');
  const png = new Uint8Array(
    await sharp({ create: { width: 60, height: 60, channels: 3, background: '#0f0' } })
      .png()
      .toBuffer(),
  );
  const path = `/products/${id}/images`;
  const raw = await send('POST', `${path}?alt=Green`, { who: 'sella', body: png, headers: { 'Content-Type': 'image/png' } });
  expect(raw.status).toBe(201);
  const { image } = (await answer(raw)) as unknown as { image: { hash: string } };
  expect(image).toMatchObject({ alt: 'Green', width: 60, colour: '#00ff00' });
  const form = new FormData();
  form.set('file', new Blob([png]), 'photo.exe');
  const again = await send('POST', path, { who: 'sella', body: form });
  expect(await answer(again)).toMatchObject({ image: { hash: image.hash }, product: { images: [{ hash: image.hash }] } });
  const svg = { who: 'sella', body: '<svg xmlns="http://www.w3.org/2000/svg"/>', headers: { 'Content-Type': 'image/png' } };
  expect((await send('POST', path, svg)).status).toBe(415);
  const huge = { who: 'sella', body: new Uint8Array(5_100_000), headers: { 'Content-Type': 'image/png' } };
  expect((await send('POST', path, huge)).status).toBe(413);
  expect((await send('POST', path, { who: 'rival', body: png, headers: { 'Content-Type': 'image/png' } })).status).not.toBe(201);
});

test('given a file of products, when it is imported and exported, then every refused row is named and the rest comes back', async () => {
  const body = 'slug,title,status,sku,price\nx-one,One,active,XONE,1.25\nx-two,Two,active,XTWO,free\n';
  const imported = await send('POST', '/products/import?format=csv', {
    who: 'rival',
    body,
    headers: { 'Content-Type': 'text/csv' },
  });
  expect(await answer(imported)).toEqual({
    rows: 2,
    created: 1,
    updated: 0,
    unchanged: 0,
    remaining: 0,
    refused: [{ row: 3, field: 'price', code: 'INVALID_INPUT', reason: 'Expected a price such as 12.50' }],
  });
  const exported = await send('GET', '/products/export?format=csv', { who: 'rival' });
  expect(exported.headers.get('content-type')).toBe('text/csv; charset=utf-8');
  const text = await exported.text();
  expect(text).toContain('x-one,One,');
  expect(text).not.toContain('E2E-');
});

test('given categories, then only an admin writes them', async () => {
  const json = { slug: 'vases', name: 'Vases' };
  expect((await send('POST', '/categories', { who: 'sella', json })).status).toBe(403);
  expect((await send('POST', '/categories', { who: 'boss', json })).status).toBe(201);
  expect((await send('PUT', '/categories/vases', { who: 'boss', json: { name: 'Vases and jugs' } })).status).toBe(200);
  expect((await send('PUT', '/categories/none', { who: 'boss', json: { name: 'X' } })).status).toBe(404);
  const page = await send('GET', '/categories', { headers: { 'X-Souk-Position': 'CATALOG=1' } });
  expect(await answer(page)).toMatchObject({ categories: [{ slug: 'vases', name: 'Vases and jugs' }] });
  expect((await send('DELETE', '/categories/vases', { who: 'boss' })).status).toBe(200);
});
