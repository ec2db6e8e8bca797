import { CATEGORIES, PRODUCTS } from './catalogue.ts';
import { variantsOf } from './demo-shop.ts';

describe('the demo catalogue', () => {
  it('gives every combination of option values a SKU of its own', () => {
    const variants = variantsOf({ code: 'RUG', options: { Size: ['1 m', '2 m'], Colour: ['Red', 'Blue'] } });
    expect(variants.map(({ sku }) => sku)).toEqual(['RUG-1M-RED', 'RUG-1M-BLUE', 'RUG-2M-RED', 'RUG-2M-BLUE']);
  });

  it('gives a product without options one variant', () => {
    expect(variantsOf({ code: 'KNIFE' })).toEqual([{ sku: 'KNIFE', values: [] }]);
  });

  it('never uses a SKU twice', () => {
    const skus = PRODUCTS.flatMap((product) => variantsOf(product).map(({ sku }) => sku));
    expect(new Set(skus).size).toBe(skus.length);
  });

  it('puts every product into a category that exists', () => {
    const known = new Set(CATEGORIES.map(({ slug }) => slug));
    expect(PRODUCTS.filter(({ category }) => !known.has(category))).toEqual([]);
  });
});
