import { money } from '../../mixins/money.ts';
import { CategoryTree } from './category-tree.contract.ts';
import { Details } from './details.ts';
import { type Product, ProductInput } from './product.contract.ts';
import { Shelf } from './shelf.ts';

const HASH = 'a'.repeat(64);
const image = { hash: HASH, alt: '', width: 1, height: 1, colour: '#000000' };

function product(n: number, over: Partial<Product> = {}): Product {
  const input = ProductInput.parse({
    title: `Mug ${n}`,
    status: 'active',
    options: ['Colour', 'Size'],
    variants: [
      { sku: `R-${n}`, values: ['Red', 'L'], price: money(300) },
      { sku: `B-${n}`, values: ['Blue', 'L'], price: money(200), tracksStock: false },
    ],
  });
  const times = { createdAt: 1, updatedAt: 1, publishedAt: 1 };
  return {
    ...input,
    id: `prd_${String(n).padStart(26, '0')}`,
    slug: `mug-${n}`,
    sellerId: `acc_${n}`,
    images: [image],
    ...times,
    ...over,
  };
}

describe('what can be bought', () => {
  test('given a product, when its SKU is asked for, then the offer says what a cart needs', () => {
    const shelf = new Shelf();
    shelf.put(product(1), 1);
    expect(shelf.offer('R-1')).toMatchObject({
      title: 'Mug 1',
      variant: 'Red / L',
      price: money(300),
      active: true,
      image: HASH,
    });
    expect(shelf.offer('B-1')).toMatchObject({ tracksStock: false });
    expect(shelf.offer('X')).toBeUndefined();
  });

  test('given a newer version, then an older one changes nothing', () => {
    const shelf = new Shelf();
    shelf.put(product(1, { status: 'archived' }), 3);
    expect(shelf.put(product(1), 2)).toBe(false);
    expect(shelf.offer('R-1')?.active).toBe(false);
  });

  test('given a slug and a SKU that moved to another product, when the first is heard of again, then the second keeps them', () => {
    const shelf = new Shelf();
    shelf.put(product(1), 1);
    shelf.put(product(2, { slug: 'mug-1', variants: product(1).variants }), 1);
    shelf.put(product(1, { slug: 'old-mug', variants: product(3).variants }), 2);
    expect(shelf.idOf('mug-1')).toBe(product(2).id);
    expect(shelf.offer('R-1')?.productId).toBe(product(2).id);
    expect(shelf.idOf('old-mug')).toBe(product(1).id);
  });

  test('given products of several sellers, then pages of ids are in order and of the seller asked for', () => {
    const shelf = new Shelf();
    for (const n of [3, 1, 2]) shelf.put(product(n, { sellerId: n === 2 ? 'acc_x' : 'acc_y' }), 1);
    expect(shelf.idsAfter('', 'acc_y', 10)).toEqual([product(1).id, product(3).id]);
    expect(shelf.idsAfter(product(1).id, undefined, 1)).toEqual([product(2).id]);
  });
});

describe('pages of products', () => {
  test('given an unchanged product, then its page is the identical frozen object until stock or a category changes', () => {
    const tree = new CategoryTree();
    const details = new Details(tree);
    details.keep(product(1, { categories: ['mugs'] }), 1);
    const first = details.get(product(1).id);
    expect(Object.isFrozen(first)).toBe(true);
    expect(details.get(product(1).id)).toBe(first);
    details.setAvailable('R-1', 4, product(1).id);
    const second = details.get(product(1).id);
    expect(second?.variants.map(({ available, inStock }) => [available, inStock])).toEqual([
      [4, true],
      [null, true],
    ]);
    details.setAvailable('R-1', 4, product(1).id);
    expect(details.get(product(1).id)).toBe(second);
    tree.put({ slug: 'mugs', name: 'Mugs', parent: null, position: 0 }, 1);
    details.categoriesChanged();
    expect(details.get(product(1).id)?.breadcrumbs).toEqual([[{ slug: 'mugs', name: 'Mugs' }]]);
  });

  test('given a product nobody asked for, when it changes, then it is not kept; one that is kept follows, never backwards', () => {
    const details = new Details(new CategoryTree());
    details.changed(product(1), 1);
    expect(details.get(product(1).id)).toBeUndefined();
    details.keep(product(1), 1);
    details.changed(product(1, { title: 'New' }), 3);
    details.changed(product(1, { title: 'Late' }), 2);
    expect(details.get(product(1).id)).toMatchObject({ title: 'New', version: 3, price: money(200), priceMax: money(300) });
  });
});
