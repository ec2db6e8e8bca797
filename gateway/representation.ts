// A result as bytes. A frozen result can never change, so its JSON, its tag and its compressed forms are made once and kept
// as long as the result itself lives; search and catalogue hand out the same frozen page to everybody who asks for it.
import { hash } from 'node:crypto';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

export type Encoding = 'br' | 'gzip';

const brotli = promisify(brotliCompress);
const zip = promisify(gzip);
const BROTLI = { params: { [constants.BROTLI_PARAM_QUALITY]: 4, [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT } };
const FAST = { level: constants.Z_BEST_SPEED };
/** Below this size compression saves no packet. */
const WORTH_COMPRESSING = 1_024;

export class Representation {
  readonly bytes: Buffer;
  /** Kept representations are compressed better, since it is done once. */
  readonly #kept: boolean;
  readonly #compressed: Partial<Record<Encoding, Buffer | Promise<Buffer>>> = {};
  #tag: string | undefined;

  constructor(bytes: Buffer, kept = false) {
    this.bytes = bytes;
    this.#kept = kept;
  }

  get worthCompressing(): boolean {
    return this.bytes.length > WORTH_COMPRESSING;
  }

  /** Hash of the content, as it stands in a tag. */
  get tag(): string {
    this.#tag ??= hash('sha1', this.bytes, 'base64url').slice(0, 22);
    return this.#tag;
  }

  /** The compressed bytes: at once when they are kept, else when they are made. */
  encoded(encoding: Encoding): Buffer | Promise<Buffer> {
    const known = this.#compressed[encoding];
    if (known) return known;
    const made = encoding === 'br' ? brotli(this.bytes, BROTLI) : zip(this.bytes, this.#kept ? {} : FAST);
    if (this.#kept) {
      this.#compressed[encoding] = made;
      return made.then((bytes) => {
        this.#compressed[encoding] = bytes;
        return bytes;
      });
    }
    return made;
  }

  /** What to use of what the client accepts: brotli for what is kept, the faster gzip for what is sent once. */
  preferred(accepted: Accepted): Encoding | undefined {
    if (this.#kept && accepted.br) return 'br';
    return accepted.gzip ? 'gzip' : accepted.br ? 'br' : undefined;
  }
}

const kept = new WeakMap<object, Representation>();

/** The representation of a JSON result. */
export function represent(result: unknown): Representation {
  if (typeof result !== 'object' || result === null || !Object.isFrozen(result)) return new Representation(bytesOf(result));
  let representation = kept.get(result);
  if (!representation) {
    representation = new Representation(bytesOf(result), true);
    kept.set(result, representation);
  }
  return representation;
}

const bytesOf = (result: unknown): Buffer => Buffer.from(JSON.stringify(result ?? null));

export interface Accepted {
  readonly br: boolean;
  readonly gzip: boolean;
}

const NONE: Accepted = { br: false, gzip: false };
const parsed = new Map<string, Accepted>();

/** What `Accept-Encoding` allows. Browsers send a handful of values, so each is parsed once. */
export function acceptedBy(header: string | undefined): Accepted {
  if (header === undefined) return NONE;
  const known = parsed.get(header);
  if (known) return known;
  const accepted = { br: accepts(header, 'br'), gzip: accepts(header, 'gzip') };
  if (parsed.size < 200) parsed.set(header, accepted);
  return accepted;
}

function accepts(header: string, encoding: Encoding): boolean {
  const weights = new Map(
    header.split(',').map((part) => {
      const [name = '', ...parameters] = part.split(';').map((piece) => piece.trim().toLowerCase());
      const q = parameters.find((parameter) => parameter.startsWith('q='));
      return [name, q === undefined ? 1 : Number(q.slice(2))] as const;
    }),
  );
  return (weights.get(encoding) ?? weights.get('*') ?? 0) > 0;
}
