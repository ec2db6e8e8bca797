import { replay } from '../../mixins/actor/definition.ts';
import { newId } from '../../mixins/ids.ts';
import { money } from '../../mixins/money.ts';
import { type ProductChanges, ProductInput } from './product.contract.ts';
import { type NewProduct, type ProductEvent, productActor } from './product.ts';

const ID = 'prd_01jd0000000000000000000000';
const HASH = 'a'.repeat(64);
const context = (version = 1, now = 1_000) => ({ now, by: 'acc_1', version, newId });

function newProduct(over: Partial<ProductInput> = {}): NewProduct {
  const { slug, ...content } = ProductInput.parse({
    title: 'Heart',
    options: ['Colour'],
    variants: [
      { sku: 'H-RED', values: ['Red'], price: money(295) },
      { sku: 'H-BLUE', values: ['Blue'], price: money(395) },
    ],
    ...over,
  });
  return { id: ID, sellerId: 'acc_1', slug: slug ?? 'heart', content };
}

const created = (over: Partial<ProductInput> = {}): ProductEvent[] =>
  productActor.decide.create(null, newProduct(over), context(0));
const image = { hash: HASH, alt: 'A heart', width: 640, height: 480, colour: '#aa0000' };
const imageAdded: ProductEvent = { type: 'product.imageAdded', data: { id: ID, image, at: 5 } };
const stateOf = (events: readonly ProductEvent[]) => replay(productActor, ID, events);
const types = (events: readonly ProductEvent[]) => events.map(({ type }) => type);

function change(given: readonly ProductEvent[], changes: ProductChanges, ifMatch?: number) {
  return productActor.decide.update(stateOf(given), { changes, ifMatch }, context(given.length));
}

function refusal(work: () => unknown): { type?: string; data?: unknown } {
  try {
    work();
  } catch (error) {
    return error as { type: string; data: unknown };
  }
  throw new Error('nothing was refused');
}

describe('creating a product', () => {
  test('given nothing, when a draft is created, then it is there and not yet published', () => {
    const events = created();
    expect(types(events)).toEqual(['product.created']);
    expect(stateOf(events)).toMatchObject({ id: ID, status: 'draft', publishedAt: null, images: [] });
  });

  test('given nothing, when an active product is created, then it is published in the same step', () => {
    const events = created({ status: 'active' });
    expect(types(events)).toEqual(['product.created', 'product.published']);
    expect(stateOf(events)).toMatchObject({ status: 'active', publishedAt: 1_000 });
  });

  test('given the product, when it is created again, then nothing is appended', () => {
    expect(productActor.decide.create(stateOf(created()), newProduct(), context())).toEqual([]);
  });

  const variant = (sku: string, values: string[], more = {}) => ({
    sku,
    values,
    price: money(100),
    compareAt: null,
    barcode: null,
    tracksStock: true,
    image: null,
    ...more,
  });
  test.each([
    ['the same SKU twice', { variants: [variant('A', ['x']), variant('A', ['y'])] }, 'variants.sku'],
    ['two variants with the same values', { variants: [variant('A', ['x']), variant('B', ['x'])] }, 'variants.values'],
    ['a variant without its value', { variants: [variant('A', [])] }, 'variants.values'],
    ['several variants without an option', { options: [], variants: [variant('A', []), variant('B', [])] }, 'options'],
    ['an option twice', { options: ['Size', 'Size'], variants: [variant('A', ['x', 'y'])] }, 'options'],
    ['a category twice', { categories: ['mugs', 'mugs'] }, 'categories'],
    [
      'a compare-at price that is not higher',
      { variants: [variant('A', ['x'], { compareAt: money(100) })] },
      'variants.compareAt',
    ],
    ['an image that it lacks', { variants: [variant('A', ['x'], { image: HASH })] }, 'variants.image'],
  ])('given nothing, when a product has %s, then it is refused with the field', (_what, over, field) => {
    expect(refusal(() => created(over))).toMatchObject({ type: 'INVALID_PRODUCT', data: { field } });
  });
});

describe('changing a product', () => {
  test('given a product, when one field changes, then only that field is in the event', () => {
    const events = change(created(), { title: 'Big heart', brand: null });
    expect(events).toEqual([{ type: 'product.updated', data: { id: ID, at: 1_000, changes: { title: 'Big heart' } } }]);
    expect(stateOf([...created(), ...events])).toMatchObject({ title: 'Big heart', updatedAt: 1_000 });
  });

  test('given a product, when nothing differs, then nothing is appended even with an old version', () => {
    expect(change(created(), { title: 'Heart', status: 'draft' }, 99)).toEqual([]);
  });

  test('given version 1, when a change expects version 2, then it is refused as changed in the meantime', () => {
    expect(refusal(() => change(created(), { title: 'X' }, 2))).toMatchObject({ type: 'VERSION_MISMATCH', data: { version: 1 } });
  });

  test('given a product, when it is published, withdrawn and archived, then each is one event', () => {
    const given = created();
    const published = change(given, { status: 'active' });
    const withdrawn = change([...given, ...published], { status: 'draft' });
    const archived = change([...given, ...published, ...withdrawn], { status: 'archived' });
    expect(types([...published, ...withdrawn, ...archived])).toEqual([
      'product.published',
      'product.withdrawn',
      'product.archived',
    ]);
    expect(stateOf([...given, ...published, ...withdrawn])).toMatchObject({ status: 'draft', publishedAt: 1_000 });
  });

  test('given nothing, when it is changed, then it is not found', () => {
    expect(refusal(() => change([], { title: 'X' }))).toMatchObject({ type: 'NOT_FOUND' });
  });

  test('given an archived product, when it is archived again, then nothing is appended', () => {
    const given = created({ status: 'archived' });
    expect(productActor.decide.archive(stateOf(given), {}, context())).toEqual([]);
  });
});

describe('images of a product', () => {
  test('given an image, when the same is added again, then nothing is appended', () => {
    expect(productActor.decide.addImage(stateOf([...created(), imageAdded]), { image }, context())).toEqual([]);
  });

  test('given 20 images, when another is added, then it is refused', () => {
    const many = Array.from({ length: 20 }, (_, i): ProductEvent => {
      return { type: 'product.imageAdded', data: { id: ID, image: { ...image, hash: i.toString(16).padStart(64, '0') }, at: 5 } };
    });
    const state = stateOf([...created(), ...many]);
    expect(refusal(() => productActor.decide.addImage(state, { image }, context()))).toMatchObject({ type: 'TOO_MANY_IMAGES' });
  });

  test('given an image that a variant shows, when it is removed, then the variant shows none', () => {
    const given = [...created(), imageAdded];
    const shown = change(given, { variants: (stateOf(given)?.variants ?? []).map((variant) => ({ ...variant, image: HASH })) });
    const removed = productActor.decide.removeImage(stateOf([...given, ...shown]), { hash: HASH }, context());
    const after = stateOf([...given, ...shown, ...removed]);
    expect(after).toMatchObject({ images: [], variants: [{ image: null }, { image: null }] });
  });

  test('given an image, when its caption changes by PUT, then the rest of it stays', () => {
    const events = change([...created(), imageAdded], { images: [{ hash: HASH, alt: 'New' }] });
    expect(stateOf([...created(), imageAdded, ...events])?.images).toEqual([{ ...image, alt: 'New' }]);
  });

  test('given no image, when a PUT names one, then it is refused', () => {
    expect(refusal(() => change(created(), { images: [{ hash: HASH }] }))).toMatchObject({ data: { field: 'images' } });
  });
});
