// The shared, durable store of views: MongoDB. moleculer-db-adapter-mongo needs a driver of 2021, so its methods are replaced by
// those of the current driver; what remains of it is what moleculer-db expects of an adapter. One client per node serves all views.
import { createHash } from 'node:crypto';
import type { FilterOptions } from 'moleculer-db';
import MongoDbAdapter from 'moleculer-db-adapter-mongo';
import { type AnyBulkWriteOperation, type Collection, type Db, MongoBulkWriteError, MongoClient } from 'mongodb';
import { newId } from '../ids.ts';
import type { ViewStore } from '../node.ts';
import type { ViewAdapter, ViewBatch, ViewChange } from './adapter.ts';
import type { ViewDefinition, ViewDocument } from './definition.ts';

const REACH_MS = 5_000;
const DUPLICATE_KEY = 11_000;
const INSERT_TRIES = 10;
const NO_COLLECTION = 26;
const CHECKPOINTS = 'view_checkpoints';
/** Removed documents stay as tombstones: a slower node must not bring back an older version. */
const LIVE = { _gone: { $ne: true } };
const OURS = { projection: { _id: 0, _seq: 0 } };

interface Stored {
  readonly _id: string;
  readonly _seq: number;
  readonly _gone?: true;
}

interface Checkpoint {
  readonly _id: string;
  readonly seq: number;
  /** False while the collection is being built. */
  readonly complete: boolean;
  /** Who built it last: nodes that were here before a rebuild do not move its checkpoint. */
  readonly run: string;
}

function storedOf<Doc extends ViewDocument>({ document, seq }: ViewChange<Doc>): Omit<Stored, '_id'> {
  return document ? { ...document, _seq: seq } : { _seq: seq, _gone: true };
}

function noneYet(error: unknown): { name?: string }[] {
  if ((error as { code?: unknown }).code === NO_COLLECTION) return [];
  throw error;
}

/** Views in the MongoDB database that the URL names. */
export class MongoViews implements ViewStore {
  readonly #client: MongoClient;

  constructor(url: string) {
    this.#client = new MongoClient(url, { ignoreUndefined: true, serverSelectionTimeoutMS: REACH_MS });
  }

  async connect(): Promise<void> {
    try {
      await this.#client.connect();
      await this.#client.db().command({ ping: 1 });
    } catch (error) {
      await this.#client.close();
      throw new Error(`MONGO_URL: MongoDB cannot be reached: ${(error as Error).message}`);
    }
  }

  adapter<Doc extends ViewDocument>(definition: ViewDefinition<Doc>): ViewAdapter<Doc> {
    return new MongoViewAdapter(definition, () => this.#client.db());
  }

  async close(): Promise<void> {
    await this.#client.close();
  }
}

export class MongoViewAdapter<Doc extends ViewDocument> extends MongoDbAdapter implements ViewAdapter<Doc> {
  readonly #definition: ViewDefinition<Doc>;
  readonly #db: () => Db;
  #documents: Collection<Stored> | undefined;
  #checkpoint = '';
  #run = newId('run');

  constructor(definition: ViewDefinition<Doc>, db: () => Db) {
    super('');
    this.#definition = definition;
    this.#db = db;
  }

  /** The client is the node's; which collection it is, the log decides (`checkpoint`). */
  override async connect(): Promise<void> {}

  override async disconnect(): Promise<void> {}

  /** Every log has a collection of its own: sequences of different logs cannot be compared. */
  async checkpoint(log: string): Promise<number> {
    const { name, indexes = [] } = this.#definition;
    this.#checkpoint = `${name}_${createHash('sha256').update(log).digest('hex').slice(0, 12)}`;
    this.#documents = this.#db().collection<Stored>(this.#checkpoint);
    await this.#ensureIndexes(this.#documents, indexes);
    const found = (await this.#found()) ?? (await this.#begin());
    this.#run = found.run;
    return found.complete ? found.seq : 0;
  }

  /** First every document is there in some version, then each older one is replaced: right in whatever order nodes do it. */
  async write({ changes, seq }: ViewBatch<Doc>): Promise<void> {
    const rows = changes.map((change) => ({ id: change.id, seq: change.seq, stored: storedOf(change) }));
    await this.#insertMissing(
      rows.map(({ id, stored }) => ({ updateOne: { filter: { _id: id }, update: { $setOnInsert: stored }, upsert: true } })),
    );
    const replacements = rows.map(({ id, seq: from, stored }) => ({
      replaceOne: { filter: { _id: id, _seq: { $lt: from } }, replacement: stored },
    }));
    await this.#collection.bulkWrite(replacements, { ordered: false });
    await this.#checkpoints.updateOne({ _id: this.#checkpoint, run: this.#run }, { $max: { seq } });
  }

  async empty(): Promise<void> {
    this.#run = newId('run');
    await this.#checkpoints.updateOne({ _id: this.#checkpoint }, { $set: { seq: 0, complete: false, run: this.#run } });
    await this.clear();
  }

  async rebuilt(): Promise<void> {
    await this.#checkpoints.updateOne({ _id: this.#checkpoint, run: this.#run }, { $set: { complete: true } });
  }

  override find(filters: FilterOptions): Promise<object[]> {
    const { query = {}, sort, limit = 0, offset = 0 } = filters as FilterOptions & { query?: object; sort?: string | string[] };
    const order = [sort ?? []].flat().flatMap((part) => part.split(/[ ,]+/));
    const directions = order.map((field): [string, 1 | -1] => (field.startsWith('-') ? [field.slice(1), -1] : [field, 1]));
    return this.#collection
      .find({ $and: [query, LIVE] }, OURS)
      .sort(directions)
      .skip(Number(offset))
      .limit(Number(limit))
      .toArray();
  }

  /** Null when there is none, which the adapters' type does not say. */
  override findOne<Q>(query: Q): Promise<object> {
    return this.#collection.findOne({ $and: [query as object, LIVE] }, OURS) as Promise<object>;
  }

  override findById(id: unknown): Promise<object> {
    return this.findOne({ _id: id });
  }

  override findByIds(ids: (string | number)[]): Promise<object[]> {
    return this.find({ query: { _id: { $in: ids } } } as FilterOptions);
  }

  override count(filters: { query?: object } = {}): Promise<number> {
    return this.#collection.countDocuments({ $and: [filters.query ?? {}, LIVE] });
  }

  override async clear(): Promise<void> {
    await this.#collection.deleteMany({});
  }

  /** Another node may insert the same document at the same moment: then it is there, and the rest is tried again. */
  async #insertMissing(operations: AnyBulkWriteOperation<Stored>[]): Promise<void> {
    for (let tries = 1; ; tries++) {
      try {
        await this.#collection.bulkWrite(operations, { ordered: false });
        return;
      } catch (error) {
        const raced =
          error instanceof MongoBulkWriteError && [error.writeErrors].flat().every(({ code }) => code === DUPLICATE_KEY);
        if (!raced || tries === INSERT_TRIES) throw error;
      }
    }
  }

  /** Ties of a sort are broken by id, so every index ends with it. */
  async #ensureIndexes(documents: Collection<Stored>, fields: readonly string[]): Promise<void> {
    const known = new Set((await documents.indexes().catch(noneYet)).map(({ name }) => name));
    const wanted = ['id', ...fields].map((field) => ({ name: `souk_${field}`, key: { [field]: 1 as const, id: 1 as const } }));
    const missing = wanted.filter(({ name }) => !known.has(name));
    if (missing.length > 0) await documents.createIndexes(missing);
  }

  #found(): Promise<Checkpoint | null> {
    return this.#checkpoints.findOne({ _id: this.#checkpoint });
  }

  /** Two nodes may begin at once: then both build, which changes nothing twice, and the first one's mark holds. */
  async #begin(): Promise<Checkpoint> {
    const fresh = { _id: this.#checkpoint, seq: 0, complete: false, run: this.#run };
    try {
      await this.#checkpoints.insertOne(fresh);
    } catch (error) {
      if ((error as { code?: unknown }).code !== DUPLICATE_KEY) throw error;
    }
    return (await this.#found()) ?? fresh;
  }

  get #collection(): Collection<Stored> {
    if (!this.#documents) throw new Error(`The view ${this.#definition.name} is not open yet`);
    return this.#documents;
  }

  get #checkpoints(): Collection<Checkpoint> {
    return this.#db().collection<Checkpoint>(CHECKPOINTS);
  }
}
