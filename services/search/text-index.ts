// Full text over products in SQLite FTS5, in memory. Answers which documents match and how well; matches are kept until a
// text changes, so stock and price changes never repeat this, the dearest part of a search.
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { LRUCache } from 'lru-cache';
import { fold } from './text.ts';

/** The searched columns and how much a hit in each counts. */
const COLUMNS = { title: 10, brand: 5, categories: 4, tags: 4, attributes: 3, sku: 10, body: 1 } as const;
export type TextFields = Readonly<Record<keyof typeof COLUMNS, string>>;
const NAMES = ['title', 'brand', 'categories', 'tags', 'attributes', 'sku', 'body'] as const;

/** Documents kept in cached matches altogether. */
const KEPT_DOCUMENTS = 2_000_000;

export interface Match {
  /** Score per document; higher is better. */
  readonly scores: ReadonlyMap<number, number>;
}

export class TextIndex {
  readonly #db = new DatabaseSync(':memory:');
  readonly #insert: StatementSync;
  readonly #delete: StatementSync;
  readonly #read: StatementSync;
  readonly #recategorise: StatementSync;
  readonly #match: StatementSync;
  readonly #some: StatementSync;
  readonly #matches = new LRUCache<string, Match>({
    max: 1_000,
    maxSize: KEPT_DOCUMENTS,
    sizeCalculation: ({ scores }) => scores.size + 1,
  });

  constructor() {
    const weights = NAMES.map((name) => COLUMNS[name].toFixed(1)).join(', ');
    this.#db.exec(
      `CREATE VIRTUAL TABLE fts USING fts5(${NAMES.join(', ')}, tokenize = "unicode61 remove_diacritics 2", prefix = '2 3')`,
    );
    this.#insert = this.#db.prepare(`INSERT INTO fts(rowid, ${NAMES.join(', ')}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`);
    this.#delete = this.#db.prepare('DELETE FROM fts WHERE rowid = ?');
    this.#read = this.#db.prepare('SELECT title, brand, tags FROM fts WHERE rowid = ?');
    this.#recategorise = this.#db.prepare('UPDATE fts SET categories = ? WHERE rowid = ?');
    this.#match = this.#db.prepare(`SELECT rowid, -bm25(fts, ${weights}) FROM fts WHERE fts MATCH ?`);
    this.#match.setReturnArrays(true);
    this.#some = this.#db.prepare('SELECT rowid FROM fts WHERE fts MATCH ? LIMIT ?');
    this.#some.setReturnArrays(true);
  }

  /** Runs a batch of writes in one transaction: half the cost per document. */
  batch(work: () => void): void {
    this.#matches.clear();
    this.#db.exec('BEGIN');
    try {
      work();
    } finally {
      this.#db.exec('COMMIT');
    }
  }

  put(doc: number, fields: TextFields): void {
    this.#delete.run(doc + 1);
    this.#insert.run(doc + 1, ...NAMES.map((name) => fold(fields[name])));
  }

  /** The text of a document from which its vocabulary comes; empty when it has none yet. */
  vocabularyText(doc: number): string {
    const row = this.#read.get(doc + 1);
    return row ? `${row.title} ${row.brand} ${row.tags}` : '';
  }

  setCategories(doc: number, names: string): void {
    this.#recategorise.run(fold(names), doc + 1);
  }

  /** All documents that match an FTS5 expression, unordered. */
  match(expression: string): Match {
    const kept = this.#matches.get(expression);
    if (kept) return kept;
    const rows = this.#match.all(expression);
    const match = { scores: new Map(rows.map((row) => [Number(row[0]) - 1, Number(row[1])])) };
    this.#matches.set(expression, match);
    return match;
  }

  /** Some documents that match, without ranking: cheap however many there are. */
  some(expression: string, limit: number): number[] {
    return this.#some.all(expression, limit).map((row) => Number(row[0]) - 1);
  }

  close(): void {
    this.#db.close();
  }
}
