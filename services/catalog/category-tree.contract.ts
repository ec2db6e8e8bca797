// The category tree as followers of the log keep it: who lies above and below whom. Anything may arrive before its parent.
import type { Category, CategoryNode } from './product.contract.ts';

const MAX_DEPTH = 6;

export class CategoryTree {
  readonly #nodes = new Map<string, Category & { version: number }>();

  get(slug: string): Category | undefined {
    return this.#nodes.get(slug);
  }

  put(category: Category, version: number): void {
    this.#nodes.set(category.slug, { ...category, version });
  }

  remove(slug: string): void {
    this.#nodes.delete(slug);
  }

  /** The slug itself and everything above it, from the root; a category whose parents are unknown stands alone. */
  lineage(slug: string): string[] {
    const path: string[] = [];
    for (let at: string | null = slug; at !== null && path.length < MAX_DEPTH && !path.includes(at); ) {
      path.unshift(at);
      at = this.#nodes.get(at)?.parent ?? null;
    }
    return path;
  }

  /** The slug itself and everything below it. */
  branch(slug: string): string[] {
    return [slug, ...[...this.#nodes.keys()].filter((other) => other !== slug && this.lineage(other).includes(slug))];
  }

  /** Every category with its path, parents before children. */
  nodes(): CategoryNode[] {
    const nodes = [...this.#nodes.values()].map((category) => {
      const lineage = this.lineage(category.slug);
      return { ...category, path: lineage.join('/'), depth: lineage.length - 1 };
    });
    return nodes.sort((a, b) => a.depth - b.depth || a.position - b.position || a.name.localeCompare(b.name));
  }
}
