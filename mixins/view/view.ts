// Keeps one view of a stream on this node and answers the domain's queries from it.

import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import { failure } from '../errors.ts';
import type { LogMessage } from '../log/message.ts';
import type { ViewAdapter } from './adapter.ts';
import type { Page, ViewDefinition, ViewDocument } from './definition.ts';

const MAX_PAGE = 1_000;

interface Source {
  ready(): Promise<void>;
  position(): number;
  reached(seq: number, timeout: number): Promise<boolean>;
}

export interface FoundPage<Doc> {
  readonly items: readonly Doc[];
  /** Cursor of the next page, absent on the last one. */
  readonly next?: string;
}

export class View<Doc extends ViewDocument> {
  readonly definition: ViewDefinition<Doc>;
  readonly #adapter: ViewAdapter<Doc>;
  readonly #source: Source;
  readonly #onError: (error: unknown) => void;
  #pending = new Map<string, Doc | undefined>();
  #handled = 0;
  #written = 0;
  #flushing: Promise<void> | undefined;
  #open: () => void = () => {};
  readonly #opened = new Promise<void>((resolve) => {
    this.#open = resolve;
  });

  constructor(definition: ViewDefinition<Doc>, adapter: ViewAdapter<Doc>, source: Source, onError: (error: unknown) => void) {
    this.definition = definition;
    this.#adapter = adapter;
    this.#source = source;
    this.#onError = onError;
  }

  /** Called when the store is connected; what came before waits for it. */
  open(): void {
    this.#open();
  }

  /** Takes one step of the log; writes happen in batches behind it. */
  apply(message: LogMessage): void {
    if (message.seq <= this.#handled) return;
    this.#handled = message.seq;
    const change = this.definition.project(message);
    if (change === undefined) return;
    this.#pending.set(message.id, change === 'delete' ? undefined : change);
    this.#flushing ??= this.#flushAll();
  }

  /** Resolves when everything that was in the log at start can be queried. */
  async ready(): Promise<void> {
    await this.#opened;
    await this.#source.ready();
    while (this.#flushing) await this.#flushing;
  }

  /** Resolves true when the view has reached a stream sequence, false after `timeout` milliseconds. */
  async reached(seq: number, timeout: number): Promise<boolean> {
    if (!(await this.#source.reached(seq, timeout))) return false;
    while (this.#pending.size > 0 || this.#flushing) await this.#flushing;
    return true;
  }

  /** Last stream sequence whose effect can be queried. */
  position(): number {
    return this.#flushing ? this.#written : this.#source.position();
  }

  async get(id: string): Promise<Doc | undefined> {
    const found = (await this.#adapter.findById(id)) as (Doc & { _id?: unknown }) | null;
    return found ? plain(found) : undefined;
  }

  /** One page in a total order (sort field, then id); the cursor continues behind the last item even when others were inserted. */
  async find(page: Page<Doc> = {}): Promise<FoundPage<Doc>> {
    const limit = Math.min(page.limit ?? 50, MAX_PAGE);
    const sort = page.sort ?? 'id';
    const descending = sort.startsWith('-');
    const field = descending ? sort.slice(1) : sort;
    const query = page.after ? { $and: [page.where ?? {}, behind(field, descending, page.after)] } : (page.where ?? {});
    const order = field === 'id' ? [sort] : [sort, descending ? '-id' : 'id'];
    const rows = (await this.#adapter.find({ query, sort: order as unknown as string, limit: limit + 1 } as never)) as (Doc & {
      _id?: unknown;
    })[];
    const items = rows.slice(0, limit).map(plain);
    const last = items.at(-1);
    return rows.length > limit && last ? { items, next: cursorOf(field, last) } : { items };
  }

  async count(where: Page<Doc>['where'] = {}): Promise<number> {
    return (await this.#adapter.count({ query: where } as never)) as number;
  }

  /** Fingerprint of the whole content, independent of order: equal content gives an equal hash. */
  async hash(): Promise<string> {
    const hash = createHash('sha256');
    for (let after: string | undefined; ; ) {
      const page: FoundPage<Doc> = await this.find({ sort: 'id', limit: MAX_PAGE, ...(after ? { after } : {}) });
      for (const doc of page.items) hash.update(canonical(doc));
      if (!page.next) return hash.digest('hex');
      after = page.next;
    }
  }

  async #flushAll(): Promise<void> {
    await this.#opened;
    try {
      while (this.#pending.size > 0) {
        await new Promise((resolve) => setImmediate(resolve));
        await this.#flush();
      }
    } finally {
      this.#flushing = undefined;
    }
  }

  async #flush(): Promise<void> {
    const batch = this.#pending;
    const seq = this.#handled;
    this.#pending = new Map();
    const documents: Doc[] = [];
    const removed: string[] = [];
    for (const [id, doc] of batch) doc ? documents.push(doc) : removed.push(id);
    try {
      await this.#adapter.write({ documents, removed, seq });
      this.#written = seq;
    } catch (error) {
      // Nothing is lost: what was not overtaken meanwhile goes back and is written with the next batch.
      for (const [id, doc] of batch) if (!this.#pending.has(id)) this.#pending.set(id, doc);
      this.#onError(error);
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
}

function plain<Doc>(row: Doc & { _id?: unknown }): Doc {
  const { _id, ...doc } = row;
  return doc as Doc;
}

function cursorOf<Doc extends ViewDocument>(field: string, doc: Doc): string {
  return Buffer.from(JSON.stringify([(doc as Record<string, unknown>)[field] ?? null, doc.id])).toString('base64url');
}

/** Condition for everything behind a cursor. The cursor comes from outside: anything but a scalar and an id is refused. */
function behind(field: string, descending: boolean, cursor: string): object {
  const [value, id] = parseCursor(cursor);
  const beyond = descending ? '$lt' : '$gt';
  if (field === 'id') return { id: { [beyond]: id } };
  return { $or: [{ [field]: { [beyond]: value } }, { [field]: value, id: { [beyond]: id } }] };
}

function parseCursor(cursor: string): [string | number, string] {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (Array.isArray(parsed) && parsed.length === 2) {
      const [value, id] = parsed as unknown[];
      if ((typeof value === 'string' || typeof value === 'number') && typeof id === 'string') return [value, id];
    }
  } catch {
    // Not JSON: refused below like every other malformed cursor.
  }
  throw failure('INVALID_INPUT', 'This cursor is not valid', { field: 'cursor' });
}

/** JSON with sorted keys, so that equal documents have equal text. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    inner && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
