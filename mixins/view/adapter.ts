// What a view needs from its store. Every adapter is a moleculer-db adapter with a batched write added; a durable one also
// keeps the position that its collection has reached, so that a start need not read the whole log again.
import type { DbAdapter } from 'moleculer-db';
import type { ViewDocument } from './definition.ts';

/** The newest content of one document within a batch; without `document` it is removed. */
export interface ViewChange<Doc extends ViewDocument> {
  readonly id: string;
  /** Stream sequence of the step that it comes from: an older one never replaces a newer one. */
  readonly seq: number;
  readonly document: Doc | undefined;
}

export interface ViewBatch<Doc extends ViewDocument> {
  readonly changes: readonly ViewChange<Doc>[];
  /** Stream sequence reached with this batch. */
  readonly seq: number;
}

export interface ViewAdapter<Doc extends ViewDocument> extends DbAdapter {
  /** Replaces and removes documents; a change older than what is stored does nothing. */
  write(batch: ViewBatch<Doc>): Promise<void>;
  /** Removes every document before a rebuild. */
  empty(): Promise<void>;
  /** A rebuild has reached the end of the log. */
  rebuilt?(): Promise<void>;
  /** Durable stores: the sequence up to which everything is in the collection, 0 when it has to be built. `stream` tells one log from another. */
  checkpoint?(stream: string): Promise<number>;
}
