import { ProductInput } from '../../services/catalog/product.contract.ts';
import { productInputs } from './products.ts';
import type { Product } from './sales.ts';

const product = (code: string, description: string, charge = false): Product => ({
  code,
  sku: code,
  charge,
  units: 1,
  firstSold: 0,
  descriptions: new Map(description === '' ? [] : [[description, 1]]),
  prices: new Map([[255, 1]]),
});

describe('products of the file in the catalogue', () => {
  it('fit the contract, also those without a description or with nothing but signs in it', () => {
    for (const input of productInputs([product('85123A', 'WHITE HEART'), product('22041', ''), product('M', '?? *')])) {
      expect(ProductInput.parse(input)).toEqual(input);
    }
  });

  it('given codes that differ in case only, then each has a slug of its own, always the same', () => {
    const products = [product('85123A', 'WHITE HEART'), product('85123a', 'WHITE HEART'), product('22041', 'WHITE HEART')];
    const slugs = productInputs(products).map(({ slug }) => slug);
    expect(slugs).toEqual(['white-heart-85123a', 'white-heart-85123a-v2', 'white-heart-22041']);
    expect(productInputs(products).map(({ slug }) => slug)).toEqual(slugs);
  });

  it('have stock unless they are charges', () => {
    const inputs = productInputs([product('85123A', 'WHITE HEART'), product('POST', 'POSTAGE', true)]);
    expect(inputs.map(({ variants }) => variants[0]?.tracksStock)).toEqual([true, false]);
  });
});
