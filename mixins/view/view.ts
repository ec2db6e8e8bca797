// Keeps one view of a stream on this node and answers the domain's queries from it.
import { createHash } from 'node:crypto';
import type { FollowHandler } from '../log/follower.ts';
import type { LogMessage } from '../log/message.ts';
import { Waiters } from '../log/waiters.ts';
import type { ViewAdapter, ViewBatch, ViewChange } from './adapter.ts';
import type { Page, ViewDefinition, ViewDocument } from './definition.ts';
import { type FoundPage, pageOf, queryOf } from './query.ts';

const RETRY_MS = 500;
const HASH_PAGE = 1_000;

/** Something that delivers a stream's messages in order. */
export interface ViewSource {
  ready(): Promise<void>;
  position(): number;
  reached(seq: number, timeout: number): Promise<boolean>;
}

/** A source of the view's own; the view stops it when it takes another. */
export interface OwnSource extends ViewSource {
  stop(): Promise<void>;
}

export interface ViewFeeds {
  /** Names this log, so that a store is not continued with the messages of another. */
  identity(): Promise<string>;
  /** A fresh follower of the stream: behind a sequence, or from the last message of every actor. */
  open(handler: FollowHandler, after: number | undefined): Promise<OwnSource>;
  onError(error: unknown): void;
}

export class View<Doc extends ViewDocument> {
  readonly definition: ViewDefinition<Doc>;
  readonly #adapter: ViewAdapter<Doc>;
  readonly #feeds: ViewFeeds;
  readonly #waiters = new Waiters();
  #source: ViewSource | undefined;
  #own: OwnSource | undefined;
  /** Messages of a source that was replaced are ignored. */
  #generation = 0;
  #pending = new Map<string, ViewChange<Doc>>();
  #handled = 0;
  #written = 0;
  #flushing: Promise<void> | undefined;
  #rebuilding: Promise<void> | undefined;
  #open: () => void = () => {};
  readonly #opened = new Promise<void>((resolve) => {
    this.#open = resolve;
  });

  /** Without a `source`, the view opens its own behind the checkpoint of its store. */
  constructor(definition: ViewDefinition<Doc>, adapter: ViewAdapter<Doc>, feeds: ViewFeeds, source?: ViewSource) {
    this.definition = definition;
    this.#adapter = adapter;
    this.#feeds = feeds;
    this.#source = source;
  }

  /** Called when the store is connected; what came before waits for it. */
  async open(): Promise<void> {
    if (!this.#source) {
      const after = (await this.#adapter.checkpoint?.(await this.#feeds.identity())) ?? 0;
      this.#handled = this.#written = after;
      await this.#follow(this.#generation, after > 0 ? after : undefined);
      if (after === 0) void this.#own?.ready().then(() => this.#finished(this.#generation));
    }
    this.#open();
  }

  /** Takes one step of the log; writes happen in batches behind it. */
  apply(message: LogMessage, generation = 0): void {
    if (generation !== this.#generation || message.seq <= this.#handled) return;
    this.#handled = message.seq;
    const change = this.definition.project(message);
    if (change === undefined) return;
    this.#pending.set(message.id, { id: message.id, seq: message.seq, document: change === 'delete' ? undefined : change });
    this.#flushing ??= this.#flushAll();
  }

  /** Resolves when everything that was in the log at start can be queried. */
  async ready(): Promise<void> {
    await this.#opened;
    await this.#source?.ready();
    await this.#queryable(this.#handled, undefined);
  }

  /** Resolves true when the view has reached a stream sequence, false after `timeout` milliseconds. */
  async reached(seq: number, timeout: number): Promise<boolean> {
    const deadline = Date.now() + timeout;
    if (!(await this.#source?.reached(seq, timeout))) return false;
    return this.#queryable(seq, Math.max(1, deadline - Date.now()));
  }

  /** Last stream sequence whose effect can be queried. */
  position(): number {
    return this.#flushing ? this.#written : (this.#source?.position() ?? 0);
  }

  /** Drops the content and builds it again from the log. Until it is done, queries see what is there so far. */
  rebuild(): Promise<void> {
    this.#rebuilding ??= this.#rebuild().finally(() => {
      this.#rebuilding = undefined;
    });
    return this.#rebuilding;
  }

  async get(id: string): Promise<Doc | undefined> {
    const found = (await this.#adapter.findById(id)) as (Doc & { _id?: unknown }) | null;
    return found ? plain(found) : undefined;
  }

  /** One page in a total order (sort field, then id); the cursor continues behind the last item even when others were inserted. */
  async find(page: Page = {}): Promise<FoundPage<Doc>> {
    const query = queryOf(page);
    const rows = (await this.#adapter.find(query as never)) as (Doc & { _id?: unknown })[];
    return pageOf(page, rows.map(plain), query.limit);
  }

  async count(where: Page['where'] = {}): Promise<number> {
    return (await this.#adapter.count({ query: where } as never)) as number;
  }

  /** Fingerprint of the whole content, independent of order: equal content gives an equal hash. */
  async hash(): Promise<string> {
    const hash = createHash('sha256');
    for (let after: string | undefined; ; ) {
      const page: FoundPage<Doc> = await this.find({ sort: 'id', limit: HASH_PAGE, ...(after ? { after } : {}) });
      for (const doc of page.items) hash.update(canonical(doc));
      if (!page.next) return hash.digest('hex');
      after = page.next;
    }
  }

  /** Stops following; what was taken is written first. */
  async close(): Promise<void> {
    await this.#own?.stop();
    await this.#queryable(this.#handled, RETRY_MS);
  }

  async #rebuild(): Promise<void> {
    await this.#opened;
    const generation = ++this.#generation;
    this.#pending.clear();
    await this.#flushing;
    await this.#adapter.empty();
    this.#handled = this.#written = 0;
    await this.#follow(generation, undefined);
    await this.ready();
    await this.#finished(generation);
  }

  async #follow(generation: number, after: number | undefined): Promise<void> {
    const former = this.#own;
    this.#own = await this.#feeds.open((message) => this.apply(message, generation), after);
    this.#source = this.#own;
    await former?.stop();
  }

  async #finished(generation: number): Promise<void> {
    await this.#queryable(this.#handled, undefined);
    if (generation === this.#generation) await this.#adapter.rebuilt?.();
  }

  /** True when everything up to `seq` is in the store; without a timeout it waits as long as it takes. */
  async #queryable(seq: number, timeout: number | undefined): Promise<boolean> {
    while (this.#flushing && this.#written < seq) {
      const written = await this.#waiters.wait(seq, timeout ?? RETRY_MS);
      if (!written && timeout !== undefined) return false;
    }
    return true;
  }

  async #flushAll(): Promise<void> {
    await this.#opened;
    while (this.#pending.size > 0) {
      // What arrives in the same turn goes into the same batch.
      await new Promise((resolve) => setImmediate(resolve));
      await this.#flush();
    }
    this.#flushing = undefined;
    this.#waiters.reached(this.#handled);
  }

  async #flush(): Promise<void> {
    const batch = this.#pending;
    const seq = this.#handled;
    this.#pending = new Map();
    try {
      await this.#adapter.write({ changes: [...batch.values()], seq } satisfies ViewBatch<Doc>);
      this.#written = seq;
      this.#waiters.reached(seq);
    } catch (error) {
      // Nothing is lost: what was not overtaken meanwhile goes back and is written with the next batch.
      for (const [id, change] of batch) if (!this.#pending.has(id)) this.#pending.set(id, change);
      this.#feeds.onError(error);
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}

function plain<Doc>(row: Doc & { _id?: unknown }): Doc {
  const { _id, ...doc } = row;
  return doc as Doc;
}

/** JSON with sorted keys, so that equal documents have equal text. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    inner && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
