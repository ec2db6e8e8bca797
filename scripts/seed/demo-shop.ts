// Puts the demo catalogue into the shop, through the same actions that sellers use. Repeating it changes nothing.
import type { ServiceBroker } from 'moleculer';
import { money } from '../../mixins/money.ts';
import { CATEGORIES, type DemoProduct, PRODUCTS } from './catalogue.ts';

const ADMIN_META = { principal: { kind: 'account', id: 'acc_demo-admin', role: 'admin', via: 'seed' } } as const;

interface DemoVariant {
  readonly sku: string;
  readonly values: readonly string[];
}

/** Every combination of the option values, in their order; a product without options has one variant. */
export function variantsOf({ code, options = {} }: Pick<DemoProduct, 'code' | 'options'>): DemoVariant[] {
  const combinations = Object.values(options).reduce<readonly (readonly string[])[]>(
    (rows, values) => rows.flatMap((row) => values.map((value) => [...row, value])),
    [[]],
  );
  return combinations.map((values) => ({ sku: [code, ...values.map(skuPart)].join('-'), values }));
}

const skuPart = (value: string): string => value.toUpperCase().replaceAll(/[^A-Z0-9]+/g, '');

function inputOf(product: DemoProduct) {
  const { title, description, category, brand, price, was, options = {}, tags = [], stock } = product;
  return {
    title,
    description,
    brand,
    status: 'active',
    categories: [category],
    tags,
    options: Object.keys(options),
    variants: variantsOf(product).map(({ sku, values }) => ({
      sku,
      values,
      price: money(price),
      compareAt: was === undefined ? null : money(was),
      tracksStock: stock >= 0,
    })),
  };
}

/** Creates categories, products of the seller, and their opening stock. */
export async function seedCatalogue(broker: ServiceBroker, sellerId: string): Promise<void> {
  for (const [position, category] of CATEGORIES.entries()) {
    await broker.call('catalog.createCategory', { ...category, position }, { meta: ADMIN_META });
  }
  const report = await broker.call<{ refused: unknown[] }, object>('catalog.upsert', {
    sellerId,
    products: PRODUCTS.map(inputOf),
  });
  if (report.refused.length > 0) throw new Error(`The demo catalogue was refused: ${JSON.stringify(report.refused[0])}`);
  const opening = PRODUCTS.filter(({ stock }) => stock > 0).flatMap((product) =>
    variantsOf(product).map(({ sku }) => ({ sku, quantity: product.stock, reference: 'opening-stock' })),
  );
  await Promise.all(opening.map((delivery) => broker.call('stock.receive', delivery)));
}
