// Where image files live. A port: JetStream's object store here; another store only has to put and get bytes by key.
// Keys name content, so nothing is ever overwritten and everything read may be kept.
import { DiscardPolicy, type ObjectStore, StorageType } from 'nats';
import type { Log } from '../../mixins/log/log.ts';

export interface ImageStore {
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

  /**
   * The bucket's stream is made here, as replicated as the catalogue's: the client would send an option of its own that
   * servers since 2.12 refuse. Two nodes may do so at the same time.
   */
  async #create(): Promise<ObjectStore> {
    const log = this.#log();
    const { config } = await log.jsm.streams.info('CATALOG');
    await log.jsm.streams.add({
      name: `OBJ_${BUCKET}`,
      subjects: [`$O.${BUCKET}.C.>`, `$O.${BUCKET}.M.>`],
      storage: StorageType.File,
      num_replicas: config.num_replicas,
      discard: DiscardPolicy.New,
      allow_direct: true,
      allow_rollup_hdrs: true,
    });
    return log.js.views.os(BUCKET);
  }
}
