// The actions on categories: few, rare, by admins; each checks the tree as this node knows it.
import type { Origin } from '../../mixins/meta.ts';
import { catalogErrors } from './catalog.contract.ts';
import { type CategoryChange, categoryId, checkPlace } from './category.ts';
import type { CatalogHost } from './host.ts';
import type { Category } from './product.contract.ts';

/** The tree, completed by a parent that this node has not heard of yet. */
async function treeWith(host: CatalogHost, parent: string | null): Promise<Map<string, Category>> {
  const tree = new Map(host.tree.nodes().map((node): [string, Category] => [node.slug, node]));
  if (parent === null || tree.has(parent)) return tree;
  const { state } = await host.categories.read(categoryId(parent));
  return state ? tree.set(parent, state) : tree;
}

export async function createCategory(host: CatalogHost, category: Category, origin: Origin): Promise<Category> {
  checkPlace(await treeWith(host, category.parent), category.slug, category.parent);
  const { state, version } = await host.categories.send(categoryId(category.slug), 'create', category, origin);
  host.learnCategory(state ?? category, version);
  return state ?? category;
}

/** @throws NOT_FOUND, VERSION_MISMATCH, INVALID_CATEGORY, UNKNOWN_CATEGORY */
export async function updateCategory(host: CatalogHost, slug: string, change: CategoryChange, origin: Origin): Promise<Category> {
  const { parent = null } = change.changes;
  checkPlace(await treeWith(host, parent), slug, parent);
  const { state, version } = await host.categories.send(categoryId(slug), 'update', change, origin);
  const category = state ?? { slug, name: slug, parent: null, position: 0 };
  host.learnCategory(category, version);
  return category;
}

/** @throws CATEGORY_IN_USE while others lie below it */
export async function removeCategory(host: CatalogHost, slug: string, origin: Origin): Promise<{ slug: string }> {
  const below = host.tree.branch(slug).filter((other) => other !== slug);
  if (below.length > 0) throw catalogErrors('CATEGORY_IN_USE', undefined, { below });
  await host.categories.send(categoryId(slug), 'remove', {}, origin);
  host.forgetCategory(slug);
  return { slug };
}
