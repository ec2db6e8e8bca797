// What the CATALOG stream says, for everybody who follows it: products and categories by the prefix of their actor's id.
import type { LogMessage } from '../../mixins/log/message.ts';
import { CATEGORY_PREFIX, Category, PRODUCT_PREFIX, Product } from './product.contract.ts';

export type CatalogEntry =
  | { readonly kind: 'product'; readonly product: Product; readonly version: number }
  | { readonly kind: 'category'; readonly category: Category; readonly version: number }
  | { readonly kind: 'no category'; readonly slug: string };

/** The entry that a message carries; undefined for claims, which only writers need. */
export function catalogEntry({ id, body }: LogMessage): CatalogEntry | undefined {
  if (id.startsWith(PRODUCT_PREFIX)) return { kind: 'product', product: Product.parse(body.state), version: body.v };
  if (!id.startsWith(CATEGORY_PREFIX)) return undefined;
  if (body.state === null) return { kind: 'no category', slug: id.slice(CATEGORY_PREFIX.length) };
  return { kind: 'category', category: Category.parse(body.state), version: body.v };
}
