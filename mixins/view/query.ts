// Pages of a view in a total order (sort field, then id), continued by a cursor.
import { Buffer } from 'node:buffer';
import { failure } from '../errors.ts';
import type { Page, ViewDocument } from './definition.ts';

const MAX_PAGE = 1_000;

/** What an adapter's `find` takes; one document more than the page, to know whether another page follows. */
export interface PageQuery {
  readonly query: object;
  readonly sort: string[];
  readonly limit: number;
}

export interface FoundPage<Doc> {
  readonly items: readonly Doc[];
  /** Cursor of the next page, absent on the last one. */
  readonly next?: string;
}

interface Order {
  readonly field: string;
  readonly descending: boolean;
}

const orderOf = ({ sort = 'id' }: { readonly sort?: string }): Order =>
  sort.startsWith('-') ? { field: sort.slice(1), descending: true } : { field: sort, descending: false };

/** @throws INVALID_INPUT for a cursor that no page has given */
export function queryOf(page: Page): PageQuery {
  const { where = {}, after, limit = 50, sort = 'id' } = page;
  const order = orderOf(page);
  const query = after ? { $and: [where, behind(order, after)] } : where;
  const ties = order.descending ? '-id' : 'id';
  return { query, sort: order.field === 'id' ? [sort] : [sort, ties], limit: Math.min(limit, MAX_PAGE) + 1 };
}

export function pageOf<Doc extends ViewDocument>(page: Page, rows: readonly Doc[], limit: number): FoundPage<Doc> {
  const items = rows.slice(0, limit - 1);
  const last = items.at(-1);
  return rows.length >= limit && last ? { items, next: cursorOf(orderOf(page).field, last) } : { items };
}

function cursorOf(field: string, doc: ViewDocument): string {
  const value = (doc as unknown as Readonly<Record<string, unknown>>)[field];
  if (typeof value !== 'string' && typeof value !== 'number')
    throw new Error(`A page cannot be sorted by ${field}: not every document has it`);
  return Buffer.from(JSON.stringify([value, doc.id])).toString('base64url');
}

/** Condition for everything behind a cursor. The cursor comes from outside: anything but a scalar and an id is refused. */
function behind({ field, descending }: Order, cursor: string): object {
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
