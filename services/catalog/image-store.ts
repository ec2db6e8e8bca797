// Where image files live. A port: JetStream's object store here; another store only has to put and get bytes by key.
// Keys name content, so nothing is ever overwritten and everything read may be kept.
import { type ObjectStore, StorageType } from 'nats';
import type { Log } from '../../mixins/log/log.ts';

export interface ImageStore {
  has(key: string): Promise<boolean>;
  /** Returns when the bytes are stored. */
  put(key: string, bytes: Uint8Array): Promise<void>;
  get(key: string): Promise<Uint8Array | undefined>;
}

const BUCKET = 'IMAGES';

export class ObjectImageStore implements ImageStore {
  readonly #log: () => Log;
  #bucket: Promise<ObjectStore> | undefined;

  constructor(log: () => Log) {
    this.#log = log;
  }

  async has(key: string): Promise<boolean> {
    return (await (await this.#open()).info(key)) !== null;
  }

  async put(key: string, bytes: Uint8Array): Promise<void> {
    const bucket = await this.#open();
    await bucket.putBlob({ name: key }, bytes);
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    return (await (await this.#open()).getBlob(key)) ?? undefined;
  }

  #open(): Promise<ObjectStore> {
    this.#bucket ??= this.#create().catch((error: unknown) => {
      this.#bucket = undefined;
      throw error;
    });
    return this.#bucket;
  }

  /** As many replicas as the catalogue itself has. */
  async #create(): Promise<ObjectStore> {
    const log = this.#log();
    const { config } = await log.jsm.streams.info('CATALOG');
    return log.js.views.os(BUCKET, { storage: StorageType.File, replicas: config.num_replicas });
  }
}
