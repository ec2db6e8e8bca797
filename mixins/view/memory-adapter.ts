// The embedded store of a view: moleculer-db's NeDB adapter in memory, with one batched write.
// Memory only: NeDB never syncs its files, and the log restores a view at every start.
import DbService from 'moleculer-db';
import type { ViewAdapter, ViewBatch } from './adapter.ts';
import type { ViewDocument } from './definition.ts';

export class MemoryViewAdapter<Doc extends ViewDocument> extends DbService.MemoryAdapter implements ViewAdapter<Doc> {
  /** NeDB's own store, which the adapter makes in `connect` and its type does not name. */
  declare private readonly db: { ensureIndex(options: { fieldName: string; sparse: boolean }): Promise<void> };
  readonly #indexes: readonly string[];

  constructor(indexes: readonly string[]) {
    super();
    this.#indexes = indexes;
  }

  override async connect(): Promise<void> {
    await super.connect();
    // Sparse, since NeDB keeps all documents of one key in a list: a field that most do not have would make each write linear.
    for (const fieldName of this.#indexes) await this.db.ensureIndex({ fieldName, sparse: true });
  }

  /** Replaces and removes documents. Both steps are queued at once, so that no reader sees the gap between them. */
  async write({ changes }: ViewBatch<Doc>): Promise<void> {
    const removed = this.removeMany({ _id: { $in: changes.map(({ id }) => id) } });
    const documents = changes.flatMap(({ id, document }) => (document ? [{ ...document, _id: id }] : []));
    await Promise.all([removed, documents.length > 0 ? this.insertMany(documents) : undefined]);
  }

  async empty(): Promise<void> {
    await this.clear();
  }
}
