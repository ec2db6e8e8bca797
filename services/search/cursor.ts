// Cursors name the last item of a page by its sort key and id, so pages survive inserts and restarts and mean the same on every
// node. The checksum ties a cursor to its query; it guards against mix-ups, not secrets: a cursor grants nothing.
import { createHash } from 'node:crypto';
import * as z from 'zod';
import { failure } from '../../mixins/errors.ts';

export interface Cursor {
  readonly key: number | string;
  readonly id: string;
}

const Encoded = z.tuple([z.union([z.number(), z.string().max(400)]), z.string().max(128), z.string().length(16)]);

function checksum(query: string, { key, id }: Cursor): string {
  return createHash('sha256')
    .update(JSON.stringify(['souk cursor', query, key, id]))
    .digest('base64url')
    .slice(0, 16);
}

/** `query` is the normalised query without cursor and limit. */
export function encodeCursor(query: string, cursor: Cursor): string {
  return Buffer.from(JSON.stringify([cursor.key, cursor.id, checksum(query, cursor)])).toString('base64url');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString());
  } catch {
    return undefined;
  }
}

/** @throws INVALID_INPUT for a cursor that was changed, or made by another query */
export function decodeCursor(query: string, text: string): Cursor {
  const { success, data } = Encoded.safeParse(parse(text));
  if (success) {
    const [key, id, sum] = data;
    if (sum === checksum(query, { key, id })) return { key, id };
  }
  throw failure('INVALID_INPUT', 'cursor: not a cursor of this query', {
    errors: [{ field: 'cursor', message: 'not a cursor of this query' }],
  });
}
