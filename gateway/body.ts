// Request bodies: bounded, of the declared kind only, and as plain parameters. JSON unless the contract says otherwise.
import { constants } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { failure } from '../mixins/errors.ts';
import type { Route } from './routing.ts';

export const DEFAULT_BODY_LIMIT = 100_000;
const NOTHING: Readonly<Record<string, unknown>> = Object.freeze({});
const utf8 = new TextDecoder('utf-8', { fatal: true });

export type Params = Record<string, unknown>;

/** True when the request brings a body. */
export function hasBody(request: IncomingMessage): boolean {
  const { headers } = request;
  return (
    headers['transfer-encoding'] !== undefined || (headers['content-length'] !== undefined && headers['content-length'] !== '0')
  );
}

/** The body as parameters. @throws BODY_TOO_LARGE, UNSUPPORTED_MEDIA_TYPE, INVALID_JSON, INVALID_INPUT */
export async function readParams(request: IncomingMessage, { contract }: Route): Promise<Readonly<Params>> {
  if (!hasBody(request)) return NOTHING;
  const type = mediaType(request);
  if (contract.body === undefined && type !== 'application/json')
    throw failure('UNSUPPORTED_MEDIA_TYPE', 'Send application/json');
  const encoding = request.headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') throw failure('UNSUPPORTED_MEDIA_TYPE', 'Send the body uncompressed');
  const bytes = await collect(request, contract.bodyLimit ?? DEFAULT_BODY_LIMIT);
  if (contract.body === 'upload') return { file: (await fileOf(bytes, request, type)).toString('base64') };
  if (contract.body === 'text') return { body: decode(bytes) };
  return parseJson(decode(bytes));
}

function mediaType(request: IncomingMessage): string {
  const header = request.headers['content-type'] ?? '';
  const end = header.indexOf(';');
  return (end < 0 ? header : header.slice(0, end)).trim().toLowerCase();
}

function decode(bytes: Buffer): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw failure('INVALID_JSON', 'The body is not UTF-8');
  }
}

/** Parameters of a JSON text. A `__proto__` key could poison what the text is merged into, so it is refused wherever it is. */
export function parseJson(text: string): Params {
  if (text.trim() === '') return {};
  let value: unknown;
  try {
    value = text.includes('__proto__') || text.includes('\\u') ? JSON.parse(text, refusePrototypes) : JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) throw failure('INVALID_JSON');
    throw error;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw failure('INVALID_INPUT', 'The body must be a JSON object');
  }
  return value as Params;
}

function refusePrototypes(key: string, value: unknown): unknown {
  if (key === '__proto__') throw failure('INVALID_INPUT', '__proto__: Unknown field', { field: '__proto__' });
  return value;
}

/** The whole body, never more than `limit` bytes of it. */
function collect(request: IncomingMessage, limit: number): Promise<Buffer> {
  const announced = Number(request.headers['content-length'] ?? 0);
  const tooLarge = () => failure('BODY_TOO_LARGE', `At most ${limit} bytes are accepted here`, { limit });
  if (announced > Math.min(limit, constants.MAX_LENGTH)) return Promise.reject(tooLarge());
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > limit) {
        request.removeAllListeners('data').resume();
        reject(tooLarge());
      } else chunks.push(chunk);
    });
    request.on('end', () => resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, size)));
    request.on('error', reject);
  });
}

/** One file: the raw body, or the only file of a multipart form. */
async function fileOf(bytes: Buffer, request: IncomingMessage, type: string): Promise<Buffer> {
  if (type.startsWith('image/') || type === 'application/octet-stream') return bytes;
  if (type !== 'multipart/form-data') throw failure('UNSUPPORTED_MEDIA_TYPE', 'Send an image or a form with one file');
  const headers = { 'content-type': request.headers['content-type'] ?? '' };
  const form = await new Response(new Uint8Array(bytes), { headers }).formData().catch(() => {
    throw failure('INVALID_INPUT', 'The form cannot be read');
  });
  const files = [...form.values()].filter((value) => typeof value !== 'string');
  const [file] = files;
  if (!file || files.length > 1) throw failure('INVALID_INPUT', 'Send exactly one file', { field: 'file' });
  return Buffer.from(await file.arrayBuffer());
}
