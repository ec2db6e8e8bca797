// One row of the file, checked: a row that does not fit is refused by its number and column, so that nothing is ever
// imported from half a file.
import { encodeCode } from './codes.ts';
import { importErrors } from './import.errors.ts';

/** The format's columns, in the order in which rows are read. */
export const COLUMNS = [
  'Invoice',
  'StockCode',
  'Description',
  'Quantity',
  'InvoiceDate',
  'Price',
  'Customer ID',
  'Country',
] as const;
export type Column = (typeof COLUMNS)[number];
/** One row as text, `null` where the cell is empty. */
export type RawRow = readonly (string | null)[];

export interface SaleRow {
  /** Counted from 1 below the header. */
  readonly row: number;
  readonly invoice: string;
  readonly code: string;
  readonly description: string;
  readonly quantity: number;
  /** Milliseconds since the epoch; the file's local times are taken as UTC. */
  readonly at: number;
  /** Price of one piece in pence. */
  readonly pence: number;
  /** Empty for a guest. */
  readonly customer: string;
  readonly country: string;
}

/** The sale that a row describes; undefined for cancellations, corrections and gifts. Every cell is checked either way. */
export function readRow(raw: RawRow, row: number): SaleRow | undefined {
  const [invoice, code, description, quantity, date, price, customer, country] = raw;
  const units = numberOf(quantity, 'Quantity', row);
  const pounds = numberOf(price, 'Price', row);
  const at = timeOf(date, row);
  if (!Number.isSafeInteger(units)) throw refused(row, 'Quantity', quantity, 'a whole number');
  if (!invoice) throw refused(row, 'Invoice', invoice, 'a number of an invoice');
  if (!code) throw refused(row, 'StockCode', code, 'a code');
  if (units <= 0 || pounds <= 0 || invoice.startsWith('C')) return undefined;
  return {
    row,
    invoice,
    code,
    description: (description ?? '').replace(/\s+/g, ' ').trim(),
    quantity: units,
    at,
    pence: toPence(pounds),
    customer: (customer ?? '').trim().replace(/\.0+$/, ''),
    country: (country ?? '').trim() || 'Unspecified',
  };
}

/** A price as the file writes it (pounds) in pence, half a penny up. */
export function toPence(price: number): number {
  return Math.floor(price * 100 + 0.5);
}

/** A cell's text as one token of an id. */
export function tokenOf(text: string, column: Column, row: number): string {
  const token = encodeCode(text);
  if (token === undefined) throw refused(row, column, text, 'short enough for an id');
  return token;
}

export function refused(row: number, column: Column, value: string | null | undefined, wanted: string) {
  const found = value === null || value === undefined ? 'empty' : JSON.stringify(value.slice(0, 60));
  return importErrors('FILE_ROW', `Row ${row}, column "${column}": ${found} is not ${wanted}.`, { row, column });
}

function numberOf(text: string | null | undefined, column: Column, row: number): number {
  const value = text?.trim() ? Number(text) : Number.NaN;
  if (!Number.isFinite(value)) throw refused(row, column, text, 'a number');
  return value;
}

function timeOf(text: string | null | undefined, row: number): number {
  const parts = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d)(:\d\d)?(\.\d+)?Z?$/.exec(text?.trim() ?? '');
  const at = parts === null ? Number.NaN : Date.parse(`${parts[1]}T${parts[2]}${parts[3] ?? ':00'}Z`);
  const exists = !Number.isNaN(at) && new Date(at).toISOString().startsWith(parts?.[1] ?? '');
  if (!exists) throw refused(row, 'InvoiceDate', text, 'a time such as 2009-12-01 07:45:00');
  return at;
}
