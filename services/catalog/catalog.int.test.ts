// The catalogue and search on real nodes over a real nats-server: what is written is found, priced and shown, on every node.
import type { ServiceBroker } from 'moleculer';
import sharp from 'sharp';
import type { Meta } from '../../mixins/meta.ts';
import { money } from '../../mixins/money.ts';
import type { Call } from '../../mixins/service.ts';
import { startShop, type TestShop } from '../../test/support/shop.ts';
import type { Actions } from '../contracts.ts';

let shop: TestShop;
let a: Caller;
let b: Caller;
let count = 0;

class Caller {
  readonly #broker: ServiceBroker;
  meta: Meta;

  constructor(broker: ServiceBroker, meta: Meta = {}) {
    this.#broker = broker;
    this.meta = meta;
  }

  /** As this account; the position reached is kept, as a browser keeps it. */
  as(id: string, role: 'seller' | 'admin' | 'customer' = 'seller'): Caller {
    return new Caller(this.#broker, { principal: { kind: 'account', id, role, via: 'ses_1' } });
  }

  readonly call: Call<Actions> = async (name, params) => {
    const meta: Meta = { ...this.meta, ...(this.meta.position ? { waitFor: this.meta.position } : {}) };
    // On this very node: the other one would answer half of the calls.
    const result = await this.#broker.call(name, params as never, { meta, nodeID: this.#broker.nodeID });
    this.meta = { ...this.meta, ...(meta.position ? { position: meta.position } : {}) };
    return result as never;
  };
}

const code = (type: string) => expect.objectContaining({ type });
const named = (title: string, over: object = {}) => {
  const sku = `SKU-${++count}`;
  return { sku, input: { title, status: 'active' as const, variants: [{ sku, price: money(500) }], ...over } };
};

beforeAll(async () => {
  shop = await startShop({ services: ['catalog', 'search', 'stock'], nodes: 2 });
  const [first, second] = shop.brokers;
  if (!first || !second) throw new Error('two nodes are needed');
  a = new Caller(first);
  b = new Caller(second);
});

afterAll(() => shop.stop());

test('given a product written on one node, when its position is awaited, then the other node lists, shows and prices it', async () => {
  const seller = a.as('acc_1');
  const { sku, input } = named('Copper kettle', { brand: 'Smith' });
  const { id, slug, version } = await seller.call('catalog.create', input);
  expect({ slug, version }).toEqual({ slug: 'copper-kettle', version: 1 });
  b.meta = { ...b.meta, ...(seller.meta.position ? { position: seller.meta.position } : {}) };
  expect((await b.call('search.query', { q: 'kettle' })).items).toMatchObject([{ id, price: money(500), inStock: false }]);
  expect(await b.call('catalog.get', { idOrSlug: 'copper-kettle' })).toMatchObject({ id, title: 'Copper kettle' });
  expect((await b.call('catalog.offers', { skus: [sku, 'NOPE'] })).offers).toMatchObject([{ sku, productId: id, active: true }]);
});

test('given stock, when it comes in, then page and list show it, and an unchanged page is the identical object', async () => {
  const seller = a.as('acc_1');
  const { sku, input } = named('Iron pan');
  const { id } = await seller.call('catalog.create', input);
  await a.call('stock.receive', { sku, quantity: 7, reference: 'first' });
  const page = await a.call('catalog.get', { idOrSlug: id });
  expect(page).toMatchObject({ inStock: true, variants: [{ sku, available: 7 }] });
  expect(await a.call('catalog.get', { idOrSlug: id })).toBe(page);
  const list = await a.call('search.query', { q: 'iron pan' });
  expect(list.items).toMatchObject([{ available: 7, inStock: true }]);
  expect(await a.call('search.query', { q: 'iron pan' })).toBe(list);
});

test('given two nodes, when both create a product with one slug at once, then exactly one gets it', async () => {
  for (let round = 0; round < 5; round++) {
    const slug = `race-${round}`;
    const outcomes = await Promise.allSettled(
      [a, b, a, b].map((node, i) => node.as(`acc_${i}`).call('catalog.create', named('Race', { slug }).input)),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const page = await a.call('catalog.get', { idOrSlug: slug });
    expect(page).toMatchObject({ slug });
  }
});

test('given two editors, when both change version 1, then the second is told', async () => {
  const seller = a.as('acc_1');
  const { id } = await seller.call('catalog.create', named('Lamp').input);
  await seller.call('catalog.update', { id, title: 'Lamp A', ifMatch: 1 });
  await expect(b.as('acc_1').call('catalog.update', { id, title: 'Lamp B', ifMatch: 1 })).rejects.toEqual(
    code('VERSION_MISMATCH'),
  );
  expect(await seller.call('catalog.get', { idOrSlug: id })).toMatchObject({ title: 'Lamp A', version: 2 });
});

test('given products of others, when a seller touches them, then it is refused; drafts do not even exist for them', async () => {
  const seller = a.as('acc_1');
  const { id } = await seller.call('catalog.create', named('Mine').input);
  const { id: draft } = await seller.call('catalog.create', named('Hidden', { status: 'draft' }).input);
  const other = a.as('acc_2');
  await expect(other.call('catalog.update', { id, title: 'Yours' })).rejects.toEqual(code('FORBIDDEN'));
  await expect(other.call('catalog.remove', { id })).rejects.toEqual(code('FORBIDDEN'));
  await expect(other.call('catalog.create', { ...named('For you').input, sellerId: 'acc_1' })).rejects.toEqual(code('FORBIDDEN'));
  await expect(other.call('catalog.update', { id: draft, title: 'X' })).rejects.toEqual(code('NOT_FOUND'));
  await expect(other.call('catalog.get', { idOrSlug: draft })).rejects.toEqual(code('NOT_FOUND'));
  expect((await seller.call('search.managed', { q: 'hidden' })).total).toBe(1);
  expect((await other.call('search.managed', { q: 'hidden', seller: 'acc_1' })).total).toBe(0);
  expect(await a.as('acc_9', 'admin').call('catalog.update', { id, title: 'Moderated' })).toMatchObject({ title: 'Moderated' });
});

test('given a product, when it is removed, then it is neither found nor for sale, and its seller still has it', async () => {
  const seller = a.as('acc_1');
  const { sku, input } = named('Ephemeral thing');
  const { id } = await seller.call('catalog.create', input);
  await seller.call('catalog.remove', { id });
  expect((await seller.call('search.query', { q: 'ephemeral' })).total).toBe(0);
  expect((await seller.call('catalog.offers', { skus: [sku] })).offers).toMatchObject([{ active: false }]);
  await expect(
    new Caller(shop.broker, { principal: { kind: 'anonymous' } }).call('catalog.get', { idOrSlug: id }),
  ).rejects.toEqual(code('NOT_FOUND'));
  expect(await seller.call('catalog.get', { idOrSlug: id })).toMatchObject({ status: 'archived' });
});

test('given categories, when products lie in them, then paths, breadcrumbs and facets follow, on every node', async () => {
  const admin = a.as('acc_9', 'admin');
  await admin.call('catalog.createCategory', { slug: 'garden', name: 'Garden' });
  await admin.call('catalog.createCategory', { slug: 'pots', name: 'Pots', parent: 'garden' });
  const { id } = await admin.call('catalog.create', named('Terracotta pot', { categories: ['pots'] }).input);
  const path = [
    { slug: 'garden', name: 'Garden' },
    { slug: 'pots', name: 'Pots' },
  ];
  expect(await admin.call('catalog.get', { idOrSlug: id })).toMatchObject({ breadcrumbs: [path] });
  await expect(admin.call('catalog.removeCategory', { slug: 'garden' })).rejects.toEqual(code('CATEGORY_IN_USE'));
  await expect(admin.call('catalog.updateCategory', { slug: 'garden', parent: 'pots' })).rejects.toEqual(
    code('INVALID_CATEGORY'),
  );
  const onB = b.as('acc_9', 'admin');
  onB.meta = { ...onB.meta, ...(admin.meta.position ? { position: admin.meta.position } : {}) };
  const { categories } = await onB.call('catalog.categories', {});
  expect(categories.map((category) => category.path)).toEqual(['garden', 'garden/pots']);
  const { facets, total } = await onB.call('search.query', { category: 'garden', facets: 'true' });
  expect({ total, counts: facets?.categories.map(({ slug, count: n }) => [slug, n]) }).toEqual({
    total: 1,
    counts: [
      ['garden', 1],
      ['pots', 1],
    ],
  });
});

test('given an image uploaded on one node, when the other node is asked, then it serves every size', async () => {
  const seller = a.as('acc_1');
  const { id } = await seller.call('catalog.create', named('Painted plate').input);
  const png = await sharp({ create: { width: 700, height: 400, channels: 3, background: '#336699' } })
    .png()
    .toBuffer();
  const { image, product } = await seller.call('catalog.addImage', { id, file: png.toString('base64'), alt: 'A plate' });
  expect(product.images).toEqual([image]);
  for (const size of ['320.avif', '640.webp', '1280.jpeg']) {
    const file = await b.call('catalog.image', { hash: image.hash, size });
    expect(file.bytes.length).toBeGreaterThan(50);
    expect(file.headers['Cache-Control']).toContain('immutable');
  }
  await expect(b.call('catalog.image', { hash: 'f'.repeat(64), size: '320.avif' })).rejects.toEqual(code('NOT_FOUND'));
  expect(await seller.call('catalog.removeImage', { id, hash: image.hash })).toMatchObject({ images: [] });
});

test('given a CSV, when it is imported twice, exported and imported again, then products are made once', async () => {
  const seller = a.as('acc_7');
  const rows = Array.from({ length: 300 }, (_, i) => `bulk-${i},Bulk item ${i},active,BULK-${i},${i + 1}.50`);
  const body = ['slug,title,status,sku,price', ...rows].join('\n');
  expect(await seller.call('catalog.import', { format: 'csv', body })).toMatchObject({ rows: 300, created: 300, refused: [] });
  expect(await seller.call('catalog.import', { format: 'csv', body })).toMatchObject({ unchanged: 300, refused: [] });
  const file = await seller.call('catalog.export', { format: 'csv', limit: 1000 });
  const exported = Buffer.from(file.bytes).toString();
  expect(exported.trim().split('\r\n')).toHaveLength(301);
  expect(await seller.call('catalog.import', { format: 'csv', body: exported })).toMatchObject({ unchanged: 300, refused: [] });
  const page = await seller.call('catalog.export', { format: 'jsonl', limit: 100 });
  expect(Buffer.from(page.bytes).toString().trim().split('\n')).toHaveLength(100);
  const next = await seller.call('catalog.export', { format: 'jsonl', limit: 1000, after: page.headers['X-Souk-Next'] });
  expect(Buffer.from(next.bytes).toString().trim().split('\n')).toHaveLength(200);
  expect((await seller.call('search.managed', {})).total).toBe(300);
});

test('given a whole catalogue in the log, when a new node starts, then it answers from it at once', async () => {
  const late = new Caller(await shop.addNode(['catalog', 'search', 'stock']));
  const [here, there] = await Promise.all([a.call('search.query', { limit: 100 }), late.call('search.query', { limit: 100 })]);
  expect(there.total).toBe(here.total);
  expect(there.items.map(({ id }) => id)).toEqual(here.items.map(({ id }) => id));
  const { next } = here;
  if (next === null) throw new Error('there is more than one page');
  const pages = await Promise.all([a, late].map((node) => node.call('search.query', { limit: 100, cursor: next })));
  expect(pages[0]?.items.map(({ id }) => id)).toEqual(pages[1]?.items.map(({ id }) => id));
});
