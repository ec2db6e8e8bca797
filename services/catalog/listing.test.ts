import { newId } from '../../mixins/ids.ts';
import { money } from '../../mixins/money.ts';
import { FakeActors } from '../../test/support/fake-actors.ts';
import { claimActor, skuClaimId, slugClaimId } from './claim.ts';
import { Listing } from './listing.ts';
import { ProductInput } from './product.contract.ts';
import { productActor } from './product.ts';

const origin = { meta: {} };

function shop() {
  const products = new FakeActors(productActor);
  const claims = new FakeActors(claimActor);
  const clock = { now: 2_000_000 };
  const listing = new Listing({
    products,
    claims,
    newId,
    now: () => clock.now,
    hasCategory: async (slug) => slug === 'mugs',
    onLeftover: (error) => {
      throw error;
    },
  });
  const ownerOf = async (id: string) => (await claims.read(id)).state.owner;
  return { products, claims, clock, listing, ownerOf };
}

const input = (sku: string, over: object = {}) =>
  ProductInput.parse({ title: 'Red mug', variants: [{ sku, price: money(100) }], ...over });
const variant = (sku: string) => ({ ...input(sku).variants[0] }) as ProductInput['variants'][number];
const code = (type: string) => expect.objectContaining({ type });

test('given two products with one title, when neither names a slug, then both get one of their own', async () => {
  const { listing } = shop();
  const [a, b] = await Promise.all([listing.create('acc_1', input('A'), origin), listing.create('acc_1', input('B'), origin)]);
  const slugs = [a.product.slug, b.product.slug].sort();
  expect(slugs[0]).toBe('red-mug');
  expect(slugs[1]).toMatch(/^red-mug-[0-9a-z]{6}$/);
});

test('given a slug that is taken, when it is named, then the product is refused and its SKU stays free', async () => {
  const { listing, ownerOf } = shop();
  await listing.create('acc_1', input('A', { slug: 'mug' }), origin);
  await expect(listing.create('acc_2', input('B', { slug: 'mug' }), origin)).rejects.toEqual(code('SLUG_TAKEN'));
  expect(await ownerOf(skuClaimId('B'))).toBeNull();
});

test('given a SKU of another product, when a product with two SKUs wants it, then neither its slug nor its other SKU is kept', async () => {
  const { listing, ownerOf } = shop();
  await listing.create('acc_1', input('A'), origin);
  const both = input('B', {
    slug: 'b',
    options: ['Size'],
    variants: [variant('B'), variant('A')].map((v, i) => ({ ...v, values: [`${i}`] })),
  });
  await expect(listing.create('acc_2', both, origin)).rejects.toEqual(code('SKU_TAKEN'));
  expect([await ownerOf(skuClaimId('B')), await ownerOf(slugClaimId('b'))]).toEqual([null, null]);
});

test('given content that the rules refuse, then nothing of it is kept', async () => {
  const { listing, ownerOf } = shop();
  await expect(listing.create('acc_1', input('A', { slug: 'a', options: ['Size'] }), origin)).rejects.toEqual(
    code('INVALID_PRODUCT'),
  );
  expect([await ownerOf(skuClaimId('A')), await ownerOf(slugClaimId('a'))]).toEqual([null, null]);
});

test('given an unknown category, then creating and changing are refused', async () => {
  const { listing } = shop();
  await expect(listing.create('acc_1', input('A', { categories: ['cups'] }), origin)).rejects.toEqual(code('UNKNOWN_CATEGORY'));
  const { product } = await listing.create('acc_1', input('A', { categories: ['mugs'] }), origin);
  await expect(listing.update(product.id, { categories: ['cups'] }, undefined, origin)).rejects.toEqual(code('UNKNOWN_CATEGORY'));
});

test('given a new slug, when the product has it, then the old one is free for others', async () => {
  const { listing, ownerOf } = shop();
  const { product } = await listing.create('acc_1', input('A', { slug: 'old' }), origin);
  const { product: after } = await listing.update(product.id, { slug: 'new' }, undefined, origin);
  expect([after.slug, await ownerOf(slugClaimId('old')), await ownerOf(slugClaimId('new'))]).toEqual(['new', null, product.id]);
});

test('given a change that comes too late, when it wanted a new slug, then the slug stays free', async () => {
  const { listing, ownerOf } = shop();
  const { product } = await listing.create('acc_1', input('A'), origin);
  await expect(listing.update(product.id, { slug: 'new' }, 9, origin)).rejects.toEqual(code('VERSION_MISMATCH'));
  expect(await ownerOf(slugClaimId('new'))).toBeNull();
});

test('given a SKU that was taken off a product, then the same seller may use it elsewhere and nobody else', async () => {
  const { listing } = shop();
  const { product } = await listing.create('acc_1', input('A'), origin);
  await listing.update(product.id, { variants: [variant('B')] }, undefined, origin);
  await expect(listing.create('acc_2', input('A'), origin)).rejects.toEqual(code('SKU_TAKEN'));
  await expect(listing.create('acc_1', input('A'), origin)).resolves.toMatchObject({ changed: true });
});

test('given a claim whose product was never written, then it is free after a minute and not before', async () => {
  const { listing, claims, clock } = shop();
  await claims.send(slugClaimId('mug'), 'take', { owner: 'prd_lost' });
  clock.now = 1_030_000;
  await expect(listing.create('acc_1', input('A', { slug: 'mug' }), origin)).rejects.toEqual(code('SLUG_TAKEN'));
  clock.now = 1_070_000;
  await expect(listing.create('acc_1', input('A', { slug: 'mug' }), origin)).resolves.toMatchObject({ product: { slug: 'mug' } });
});

test('given products, when one is looked for by slug or SKU, then it is found', async () => {
  const { listing } = shop();
  const { product } = await listing.create('acc_1', input('A', { slug: 'a' }), origin);
  expect((await listing.find('a', []))?.product.id).toBe(product.id);
  expect((await listing.find('unknown', ['A']))?.product.id).toBe(product.id);
  expect(await listing.find(undefined, ['B'])).toBeUndefined();
});
