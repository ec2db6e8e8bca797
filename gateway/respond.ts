// Sends a result: status, headers from the action's hints, tags and 304, compression, files as raw bytes.
import type { Meta } from '../mixins/meta.ts';
import type { Exchange, WebRequest, WebResponse } from './exchange.ts';
import { acceptedBy, type Encoding, Representation, represent } from './representation.ts';
import { alreadyHas } from './request-meta.ts';
import { secureData } from './security-headers.ts';

/** What an action returns to answer with bytes instead of JSON. */
interface FileResult {
  readonly contentType: string;
  readonly bytes: Uint8Array | { readonly type: 'Buffer'; readonly data: number[] };
  readonly headers?: Readonly<Record<string, string>>;
}

/** What may stand in a header as it is. */
const PLAIN = /^[\x21-\x7e]*$/;
const JSON_TYPE = 'application/json; charset=utf-8';

function isFile(result: unknown): result is FileResult {
  return typeof result === 'object' && result !== null && 'bytes' in result && 'contentType' in result;
}

/** Bytes that may have travelled as JSON between nodes. */
function bytesOf({ bytes }: FileResult): Buffer {
  if (bytes instanceof Uint8Array) return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Buffer.from('data' in bytes ? bytes.data : Object.values(bytes as ArrayLike<number>));
}

/** Answers a request with the result of its action. */
export async function respond(request: WebRequest, response: WebResponse, result: unknown, meta: Meta): Promise<void> {
  const { exchange } = request;
  const { headers, route } = exchange;
  const status = meta.statusCode ?? route?.contract.status ?? 200;
  secureData(exchange);
  hints(headers, meta);
  if (status === 204) return write(request, response, 204);
  if (isFile(result)) return sendFile(request, response, status, result);
  const representation = represent(result);
  const etag = status === 200 ? etagOf(result, representation, exchange) : undefined;
  if (etag !== undefined) headers.push('ETag', etag);
  cacheControl(exchange, meta);
  headers.push('Vary', 'Accept-Encoding');
  if (etag !== undefined && route?.unsafe === false && alreadyHas(request.headers['if-none-match'], etag)) {
    return write(request, response, 304);
  }
  headers.push('Content-Type', JSON_TYPE);
  const encoding = encodingFor(request, representation);
  if (encoding === undefined) return write(request, response, status, representation.bytes);
  const compressed = representation.encoded(encoding);
  headers.push('Content-Encoding', encoding);
  write(request, response, status, Buffer.isBuffer(compressed) ? compressed : await compressed);
}

function hints(headers: string[], meta: Meta): void {
  if (meta.position !== undefined) headers.push('X-Souk-Position', meta.position);
  if (meta.replayed) headers.push('Idempotent-Replayed', 'true');
  if (meta.location !== undefined) headers.push('Location', PLAIN.test(meta.location) ? meta.location : encodeURI(meta.location));
  if (meta.headers === undefined) return;
  for (const [name, value] of Object.entries(meta.headers)) {
    for (const one of Array.isArray(value) ? value : [value]) headers.push(name, one);
  }
}

/**
 * The version is the tag. Where others may keep the answer, its content counts too: a product's page shows stock, which
 * changes without a new version of the product.
 */
function etagOf(result: unknown, representation: Representation, { route }: Exchange): string | undefined {
  const shared = route?.contract.access === 'public' && !route.unsafe;
  const version = typeof result === 'object' && result !== null && 'version' in result ? result.version : undefined;
  if (typeof version === 'number') return shared ? `W/"v${version}.${representation.tag}"` : `"v${version}"`;
  return shared ? `W/"${representation.tag}"` : undefined;
}

function cacheControl({ headers, route, principal }: Exchange, meta: Meta): void {
  if (meta.headers && Object.keys(meta.headers).some((name) => name.toLowerCase() === 'cache-control')) return;
  const shared = route?.contract.access === 'public' && !route.unsafe;
  if (!shared) headers.push('Cache-Control', 'no-store');
  else headers.push('Cache-Control', principal.kind === 'anonymous' ? 'public, no-cache' : 'private, no-cache');
}

/** Answers that set cookies hold secrets, and compressing a secret beside a client's words can reveal it. */
function encodingFor(request: WebRequest, representation: Representation): Encoding | undefined {
  if (!representation.worthCompressing || request.exchange.headers.includes('Set-Cookie')) return undefined;
  return representation.preferred(acceptedBy(request.headers['accept-encoding']));
}

/** Immutable unless the action says otherwise: a file's address names its content, or its headers say how long it lasts. */
function sendFile(request: WebRequest, response: WebResponse, status: number, file: FileResult): void {
  const { headers } = request.exchange;
  const given = Object.entries(file.headers ?? {});
  for (const [name, value] of given) headers.push(name, value);
  if (!given.some(([name]) => name.toLowerCase() === 'cache-control')) headers.push('Cache-Control', 'no-store');
  const bytes = bytesOf(file);
  const etag = given.find(([name]) => name.toLowerCase() === 'etag')?.[1] ?? `"${new Representation(bytes).tag}"`;
  if (!given.some(([name]) => name.toLowerCase() === 'etag')) headers.push('ETag', etag);
  if (alreadyHas(request.headers['if-none-match'], etag)) {
    write(request, response, 304);
    return;
  }
  headers.push('Content-Type', file.contentType);
  write(request, response, status, bytes);
}

/** Writes status, headers and body at once. */
export function write({ exchange }: WebRequest, response: WebResponse, status: number, body?: Buffer): void {
  const { headers } = exchange;
  if (body !== undefined) headers.push('Content-Length', String(body.length));
  if (exchange.life.draining) headers.push('Connection', 'close');
  response.writeHead(status, headers);
  response.end(body);
}
