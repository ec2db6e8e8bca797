// Reads an import file into products as they were written, not yet checked: JSON lines hold one product each, CSV one variant
// each, where rows with the same slug make one product. Every piece remembers its rows, for the report.
import { parse } from 'csv-parse/sync';
import * as z from 'zod';
import { CURRENCY } from '../../mixins/money.ts';
import { catalogErrors } from './catalog.contract.ts';

export interface RawVariant {
  readonly row: number;
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface RawProduct {
  readonly row: number;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly variants: readonly RawVariant[];
}

export interface Refusal {
  readonly row: number;
  readonly field: string;
  readonly code: string;
  readonly reason: string;
}

export interface ImportFile {
  readonly rows: number;
  readonly products: readonly RawProduct[];
  readonly refused: readonly Refusal[];
}

/** Rows of one file; more belong into several files. */
const MAX_ROWS = 20_000;
const PRODUCT_COLUMNS = ['slug', 'title', 'description', 'brand', 'categories', 'tags', 'status', 'attributes', 'options'];
const VARIANT_COLUMNS = ['sku', 'values', 'price', 'compareAt', 'barcode', 'tracksStock'];
export const COLUMNS = [...PRODUCT_COLUMNS, ...VARIANT_COLUMNS, 'currency'];

class CellError extends Error {}

/** `a|b\|c` is `['a', 'b|c']`. */
export function splitCell(cell: string): string[] {
  const parts = cell.match(/(?:\\.|[^|\\])+/gsu) ?? [];
  return parts.map((part) => part.replace(/\\(.)/gsu, '$1').trim()).filter((part) => part !== '');
}

/** Minor units of a decimal such as `12.5`, exactly. */
export function minorUnits(cell: string): number {
  const match = /^(\d{1,7})(?:\.(\d{1,2}))?$/.exec(cell.trim());
  if (!match) throw new CellError('a price such as 12.50');
  return Number(match[1]) * 100 + Number((match[2] ?? '').padEnd(2, '0'));
}

function attribute(pair: string): { name: string; value: string } {
  const at = pair.indexOf('=');
  if (at < 1) throw new CellError('pairs such as Material=Oak|Care=Dry clean');
  return { name: pair.slice(0, at).trim(), value: pair.slice(at + 1).trim() };
}

function flag(cell: string): boolean {
  if (/^(true|yes|1)$/i.test(cell)) return true;
  if (/^(false|no|0)$/i.test(cell)) return false;
  throw new CellError('yes or no');
}

const price = (cell: string) => ({ amount: minorUnits(cell), currency: CURRENCY });
const orNull =
  <T>(read: (cell: string) => T) =>
  (cell: string): T | null =>
    cell === '' ? null : read(cell);
const text = (cell: string): string => cell;

const READERS: Readonly<Record<string, (cell: string) => unknown>> = {
  slug: text,
  title: text,
  description: text,
  brand: orNull(text),
  categories: splitCell,
  tags: splitCell,
  status: text,
  attributes: (cell) => splitCell(cell).map(attribute),
  options: splitCell,
  sku: text,
  values: splitCell,
  price,
  compareAt: orNull(price),
  barcode: orNull(text),
  tracksStock: flag,
};

/** Required cells: an empty one says nothing instead of "empty". */
const SILENT_WHEN_EMPTY = new Set(['slug', 'title', 'status', 'sku', 'price', 'tracksStock']);

/** Spreadsheets run cells that begin like a formula, so the export guards them with an apostrophe; it is taken off again. */
const unguard = (cell: string): string => (/^'[=+\-@\t\r]/.test(cell) ? cell.slice(1) : cell);

interface Row {
  readonly row: number;
  readonly cells: Readonly<Record<string, string>>;
}

function fieldsOf({ row, cells }: Row, columns: readonly string[], refused: Refusal[]): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (const column of columns) {
    const cell = cells[column];
    if (cell === undefined || (cell === '' && SILENT_WHEN_EMPTY.has(column))) continue;
    try {
      fields[column] = READERS[column]?.(unguard(cell));
    } catch (error) {
      if (!(error instanceof CellError)) throw error;
      refused.push({ row, field: column, code: 'INVALID_INPUT', reason: `Expected ${error.message}` });
    }
  }
  return fields;
}

const CsvError = z.object({ message: z.string(), lines: z.number().optional() });

function unreadable(error: unknown) {
  const known = CsvError.safeParse(error);
  const at = known.data?.lines === undefined ? '' : ` (line ${known.data.lines})`;
  return catalogErrors('IMPORT_UNREADABLE', `The file is not valid CSV${at}.`, { row: known.data?.lines });
}

const Records = z.array(z.object({ record: z.record(z.string(), z.string()), info: z.object({ lines: z.number() }) }));

function csvRows(file: string): Row[] {
  let parsed: unknown;
  try {
    parsed = parse(file, { columns: true, info: true, bom: true, skip_empty_lines: true, trim: true, max_record_size: 200_000 });
  } catch (error) {
    throw unreadable(error);
  }
  return Records.parse(parsed).map(({ record, info }) => ({ row: info.lines, cells: record }));
}

function checkColumns(rows: readonly Row[]): void {
  const columns = Object.keys(rows[0]?.cells ?? {});
  const unknown = columns.filter((column) => !COLUMNS.includes(column));
  if (unknown.length > 0)
    throw catalogErrors('IMPORT_UNREADABLE', `Unknown columns: ${unknown.join(', ')}.`, { columns: COLUMNS });
  if (rows.length > 0 && !columns.includes('sku')) throw catalogErrors('IMPORT_UNREADABLE', 'The column sku is missing.');
}

/** The first row of a product describes it; what it leaves out may stand in a later one. */
function productOf(rows: readonly Row[], refused: Refusal[]): RawProduct {
  const described = rows.map((row) => fieldsOf(row, PRODUCT_COLUMNS, refused));
  const filled = (value: unknown): boolean => value !== '' && value !== null && !(Array.isArray(value) && value.length === 0);
  const fields: Record<string, unknown> = {};
  for (const row of described)
    for (const [name, value] of Object.entries(row))
      if (!(name in fields) || (filled(value) && !filled(fields[name]))) fields[name] = value;
  const variants = rows.map((row) => ({ row: row.row, fields: fieldsOf(row, VARIANT_COLUMNS, refused) }));
  return { row: rows[0]?.row ?? 0, fields, variants };
}

function readCsv(file: string): ImportFile {
  const rows = csvRows(file);
  checkColumns(rows);
  const refused: Refusal[] = [];
  for (const { row, cells } of rows)
    if (cells.currency !== undefined && cells.currency !== '' && cells.currency !== CURRENCY)
      refused.push({ row, field: 'currency', code: 'INVALID_INPUT', reason: `The shop sells in ${CURRENCY}` });
  const groups = Map.groupBy(rows, ({ row, cells }) => (cells.slug ? `slug ${cells.slug}` : `row ${row}`));
  return { rows: rows.length, products: [...groups.values()].map((group) => productOf(group, refused)), refused };
}

const Line = z.looseObject({ variants: z.array(z.looseObject({})).optional() });

function readLine(line: string, row: number, refused: Refusal[]): RawProduct[] {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    refused.push({ row, field: '', code: 'INVALID_JSON', reason: 'This line is not valid JSON' });
    return [];
  }
  const { success, data } = Line.safeParse(value);
  if (!success) {
    refused.push({ row, field: '', code: 'INVALID_INPUT', reason: 'This line is not a product' });
    return [];
  }
  const { variants = [], ...fields } = data;
  return [{ row, fields, variants: variants.map((variant) => ({ row, fields: variant })) }];
}

function readLines(file: string): ImportFile {
  const lines = file.split('\n').map((line, i) => ({ line: line.trim(), row: i + 1 }));
  const filled = lines.filter(({ line }) => line !== '');
  const refused: Refusal[] = [];
  const products = filled.flatMap(({ line, row }) => readLine(line, row, refused));
  return { rows: filled.length, products, refused };
}

/** @throws IMPORT_UNREADABLE when the file as a whole makes no sense */
export function readImport(format: 'csv' | 'jsonl', file: string): ImportFile {
  const read = format === 'csv' ? readCsv(file) : readLines(file.replace(/^\uFEFF/, ''));
  if (read.rows > MAX_ROWS) throw catalogErrors('IMPORT_UNREADABLE', `At most ${MAX_ROWS} rows at once, not ${read.rows}.`);
  return read;
}
