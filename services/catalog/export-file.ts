// Writes products in the form that the import reads: what was exported and is imported again changes nothing.
import { COLUMNS } from './import-file.ts';
import type { Product, Variant } from './product.contract.ts';

const joined = (parts: readonly string[]): string => parts.map((part) => part.replace(/[\\|]/g, '\\$&')).join('|');
const decimal = (amount: number): string => `${Math.floor(amount / 100)}.${String(amount % 100).padStart(2, '0')}`;

function cellsOf(product: Product, variant: Variant, first: boolean): Record<string, string> {
  const described = {
    title: product.title,
    description: product.description,
    brand: product.brand ?? '',
    categories: joined(product.categories),
    tags: joined(product.tags),
    status: product.status,
    attributes: joined(product.attributes.map(({ name, value }) => `${name}=${value}`)),
    options: joined(product.options),
  };
  return {
    slug: product.slug,
    ...(first ? described : {}),
    sku: variant.sku,
    values: joined(variant.values),
    price: decimal(variant.price.amount),
    compareAt: variant.compareAt ? decimal(variant.compareAt.amount) : '',
    barcode: variant.barcode ?? '',
    tracksStock: variant.tracksStock ? 'yes' : 'no',
    currency: variant.price.currency,
  };
}

/** A cell that a spreadsheet would run as a formula is guarded by an apostrophe. */
function quoted(cell: string): string {
  const guarded = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
  return /[",\n\r]|^\s|\s$/.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded;
}

export function toCsv(products: readonly Product[]): string {
  const rows = products.flatMap((product) => product.variants.map((variant, i) => cellsOf(product, variant, i === 0)));
  const lines = rows.map((cells) => COLUMNS.map((column) => quoted(cells[column] ?? '')).join(','));
  return `${[COLUMNS.join(','), ...lines].join('\r\n')}\r\n`;
}

export function toJsonLines(products: readonly Product[]): string {
  return products
    .map(
      ({ id: _id, sellerId: _seller, images: _images, createdAt: _c, updatedAt: _u, publishedAt: _p, ...input }) =>
        `${JSON.stringify(input)}\n`,
    )
    .join('');
}
