// What a view needs from its store. Every adapter is a moleculer-db adapter with one batched write added.
import type { DbAdapter } from 'moleculer-db';
import type { ViewDocument } from './definition.ts';

export interface ViewBatch<Doc extends ViewDocument> {
  readonly documents: readonly Doc[];
  readonly removed: readonly string[];
  /** Stream sequence reached with this batch. */
  readonly seq: number;
}

export interface ViewAdapter<Doc extends ViewDocument> extends DbAdapter {
  /** Replaces and removes documents; a document older than what is stored changes nothing. */
  write(batch: ViewBatch<Doc>): Promise<void>;
}
