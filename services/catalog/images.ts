// Images of products: takes uploads in, a few at a time because rendering fills a core, and serves files from memory or the store.
import { LRUCache } from 'lru-cache';
import type * as z from 'zod';
import { failure } from '../../mixins/errors.ts';
import { imageHash, renderImage } from './image-render.ts';
import type { ImageStore } from './image-store.ts';
import { ProductImage } from './product.contract.ts';
import { mapWithin } from './window.ts';

const AT_ONCE = 2;
const MAX_WAITING = 20;
const KEPT_BYTES = 64_000_000;
const STORED_AT_ONCE = 4;

const Description = ProductImage.omit({ alt: true });
type Description = z.output<typeof Description>;

export interface ImageFile {
  readonly contentType: string;
  readonly bytes: Uint8Array;
  readonly headers: Record<string, string>;
}

/** A file's address names its content, so it may be kept for ever. */
function fileOf(hash: string, size: string, bytes: Uint8Array): ImageFile {
  const headers = { 'Cache-Control': 'public, max-age=31536000, immutable', ETag: `"${hash.slice(0, 32)}-${size}"` };
  return Object.freeze({ contentType: `image/${size.slice(size.indexOf('.') + 1)}`, bytes, headers });
}

export class Images {
  readonly #store: ImageStore;
  readonly #files = new LRUCache<string, ImageFile>({ maxSize: KEPT_BYTES, sizeCalculation: ({ bytes }) => bytes.length + 200 });
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(store: ImageStore) {
    this.#store = store;
  }

  /**
   * Renders and stores an upload; the description is stored last, so whoever finds it finds every size.
   * @throws UNSUPPORTED_MEDIA_TYPE, IMAGE_TOO_LARGE, IMAGE_UNREADABLE; UNAVAILABLE while too many are waiting
   */
  async add(bytes: Uint8Array, alt: string): Promise<ProductImage> {
    await this.#turn();
    try {
      return { ...(await this.#rendered(bytes)), alt };
    } finally {
      this.#release();
    }
  }

  /** @throws NOT_FOUND */
  async get(hash: string, size: string): Promise<ImageFile> {
    const key = `${hash}/${size}`;
    const kept = this.#files.get(key);
    if (kept) return kept;
    const bytes = await this.#store.get(key);
    if (!bytes) throw failure('NOT_FOUND', 'There is no such image.');
    const file = fileOf(hash, size, bytes);
    this.#files.set(key, file);
    return file;
  }

  async #rendered(bytes: Uint8Array): Promise<Description> {
    const about = `${imageHash(bytes)}/about.json`;
    const known = await this.#store.get(about);
    if (known) return Description.parse(JSON.parse(new TextDecoder().decode(known)));
    const { files, ...description } = await renderImage(bytes);
    await mapWithin(STORED_AT_ONCE, [...files], ([size, file]) => this.#store.put(`${description.hash}/${size}`, file));
    await this.#store.put(about, new TextEncoder().encode(JSON.stringify(description)));
    return description;
  }

  async #turn(): Promise<void> {
    if (this.#running < AT_ONCE) {
      this.#running++;
      return;
    }
    if (this.#waiting.length >= MAX_WAITING) throw failure('UNAVAILABLE', 'Too many images are being uploaded, try again.');
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** Hands the turn to the next in line. */
  #release(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#running--;
  }
}
