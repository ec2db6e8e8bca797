// Categories form a tree by naming their parent; a category's slug is its identity. Paths are derived, never stored,
// so moving a branch is one event.
import { defineActor } from '../../mixins/actor/definition.ts';
import type { EventOf } from '../../mixins/contract.ts';
import { failure } from '../../mixins/errors.ts';
import { type catalog, catalogErrors } from './catalog.contract.ts';
import type { Category } from './product.contract.ts';

export type CategoryEvent = Extract<EventOf<typeof catalog>, { type: `category.${string}` }>;

/** Levels from the root that a category may lie deep. */
export const MAX_DEPTH = 6;

export const categoryId = (slug: string): string => `cat_${slug}`;

export interface CategoryChange {
  readonly changes: Partial<Omit<Category, 'slug'>>;
  readonly ifMatch?: number | undefined;
}

function same(a: Category, b: Category): boolean {
  return a.name === b.name && a.parent === b.parent && a.position === b.position;
}

export const categoryActor = defineActor({
  stream: 'CATALOG',
  initial: (_id: string): Category | null => null,
  decide: {
    create(state: Category | null, input: Category): CategoryEvent[] {
      if (state === null) return [{ type: 'category.created', data: input }];
      if (same(state, input)) return [];
      throw failure('CONFLICT', `The category ${input.slug} exists already.`, { slug: input.slug });
    },
    update(state: Category | null, input: CategoryChange, { version }): CategoryEvent[] {
      if (state === null) throw failure('NOT_FOUND', 'There is no such category.');
      const next = { ...state, ...input.changes };
      if (same(state, next)) return [];
      if (input.ifMatch !== undefined && input.ifMatch !== version) throw failure('VERSION_MISMATCH', undefined, { version });
      return [{ type: 'category.updated', data: next }];
    },
    remove(state: Category | null, _input: object): CategoryEvent[] {
      return state === null ? [] : [{ type: 'category.removed', data: { slug: state.slug } }];
    },
  },
  evolve(_state: Category | null, event: CategoryEvent): Category | null {
    switch (event.type) {
      case 'category.created':
      case 'category.updated':
        return event.data;
      case 'category.removed':
        return null;
      default:
        return event satisfies never;
    }
  },
});

/** The slugs from the root to `slug`, or undefined when a parent is missing, the tree is too deep or turns in a circle. */
export function pathOf(categories: ReadonlyMap<string, Pick<Category, 'parent'>>, slug: string): string[] | undefined {
  const path: string[] = [];
  for (let at: string | null = slug; at !== null; ) {
    const category = categories.get(at);
    if (!category || path.length === MAX_DEPTH) return undefined;
    path.unshift(at);
    at = category.parent;
  }
  return path;
}

/** Refuses a place in the tree that does not exist, is too deep or lies below the category itself. */
export function checkPlace(categories: ReadonlyMap<string, Pick<Category, 'parent'>>, slug: string, parent: string | null): void {
  if (parent === null) return;
  if (!categories.has(parent)) throw catalogErrors('UNKNOWN_CATEGORY', `There is no category ${parent}.`, { slug: parent });
  const tree = new Map(categories).set(slug, { parent });
  if (!pathOf(tree, slug))
    throw catalogErrors('INVALID_CATEGORY', `${slug} cannot lie below ${parent}: a circle, or deeper than ${MAX_DEPTH} levels.`);
}
