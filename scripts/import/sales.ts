// The file's rows become what the shop understands: invoices in the order of time, products, customers. Pure; a row
// that does not fit is refused by its number and column, so that nothing is ever imported from half a file.
import { encodeCode, isCharge } from './codes.ts';
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

/** An invoice becomes one order, and an order is one message of at most 1 MB. */
export const MAX_LINES = 1_500;

export interface InvoiceLine {
  readonly product: Product;
  readonly quantity: number;
  /** Price of one piece in pence. */
  readonly pence: number;
}

export interface Invoice {
  readonly number: string;
  /** The number as one token of an id. */
  readonly token: string;
  /** Milliseconds since the epoch of its first line; the file's local times are taken as UTC. */
  at: number;
  customer: Customer | undefined;
  country: string;
  readonly lines: InvoiceLine[];
}

export interface Product {
  readonly code: string;
  readonly sku: string;
  readonly charge: boolean;
  /** Units sold in the whole file. */
  units: number;
  firstSold: number;
  readonly descriptions: Map<string, number>;
  readonly prices: Map<number, number>;
}

export interface Customer {
  readonly id: string;
  readonly token: string;
  readonly country: string;
  /** Time of the first purchase. */
  since: number;
}

export interface Sales {
  readonly invoices: readonly Invoice[];
  readonly products: readonly Product[];
  readonly customers: readonly Customer[];
  readonly rows: number;
  readonly lines: number;
}

interface SaleRow {
  readonly invoice: string;
  readonly code: string;
  readonly description: string;
  readonly quantity: number;
  readonly at: number;
  readonly pence: number;
  readonly customer: string;
  readonly country: string;
}

/** Collects rows one after another; `finish` gives everything sorted. */
export function salesCollector() {
  const invoices = new Map<string, Invoice>();
  const products = new Map<string, Product>();
  const customers = new Map<string, Customer>();
  let rows = 0;
  let lines = 0;

  function add(raw: RawRow): void {
    const row = readRow(raw, ++rows);
    if (row === undefined) return;
    lines += 1;
    const product = productOf(row);
    const invoice = invoiceFor(row);
    invoice.at = Math.min(invoice.at, row.at);
    invoice.customer ??= customerOf(row);
    if (invoice.lines.length === MAX_LINES) throw refused(rows, 'Invoice', row.invoice, `an order of at most ${MAX_LINES} lines`);
    invoice.lines.push({ product, quantity: row.quantity, pence: row.pence });
  }

  function invoiceFor(row: SaleRow): Invoice {
    const known = invoices.get(row.invoice);
    if (known !== undefined) return known;
    const token = tokenOf(row.invoice, 'Invoice', rows);
    const invoice: Invoice = { number: row.invoice, token, at: row.at, customer: undefined, country: row.country, lines: [] };
    invoices.set(row.invoice, invoice);
    return invoice;
  }

  function productOf(row: SaleRow): Product {
    let product = products.get(row.code);
    if (product === undefined) {
      const sku = tokenOf(row.code, 'StockCode', rows);
      product = {
        code: row.code,
        sku,
        charge: isCharge(row.code),
        units: 0,
        firstSold: row.at,
        descriptions: new Map(),
        prices: new Map(),
      };
      products.set(row.code, product);
    }
    product.units += row.quantity;
    product.firstSold = Math.min(product.firstSold, row.at);
    count(product.prices, row.pence);
    if (row.description !== '') count(product.descriptions, row.description);
    return product;
  }

  function customerOf(row: SaleRow): Customer | undefined {
    if (row.customer === '') return undefined;
    let customer = customers.get(row.customer);
    if (customer === undefined) {
      customer = { id: row.customer, token: tokenOf(row.customer, 'Customer ID', rows), country: row.country, since: row.at };
      customers.set(row.customer, customer);
    }
    customer.since = Math.min(customer.since, row.at);
    return customer;
  }

  const finish = (): Sales => ({
    invoices: [...invoices.values()].sort((a, b) => a.at - b.at || compare(a.number, b.number)),
    products: [...products.values()].sort((a, b) => a.firstSold - b.firstSold || compare(a.code, b.code)),
    customers: [...customers.values()].sort((a, b) => a.since - b.since || compare(a.id, b.id)),
    rows,
    lines,
  });

  return { add, finish };
}

/** Best title: the most frequent description, the alphabetically first of equals, the code when there is none. */
export function titleOf(product: Product): string {
  return mostFrequent(product.descriptions, compare) ?? product.code;
}

/** List price in pence: the most frequent one, the lowest of equals. */
export function priceOf(product: Product): number {
  return mostFrequent(product.prices, (a, b) => a - b) ?? 0;
}

/** A price as the file writes it (pounds) in pence, half a penny up. */
export function toPence(price: number): number {
  return Math.floor(price * 100 + 0.5);
}

/** The sale that a row describes; undefined for cancellations, corrections and gifts. Every cell is checked either way. */
function readRow(raw: RawRow, row: number): SaleRow | undefined {
  const [invoice, code, description, quantity, date, price, customer, country] = raw;
  const units = numberOf(quantity, 'Quantity', row);
  const pounds = numberOf(price, 'Price', row);
  const at = timeOf(date, row);
  if (!Number.isSafeInteger(units)) throw refused(row, 'Quantity', quantity, 'a whole number');
  if (!invoice) throw refused(row, 'Invoice', invoice, 'a number of an invoice');
  if (!code) throw refused(row, 'StockCode', code, 'a code');
  if (units <= 0 || pounds <= 0 || invoice.startsWith('C')) return undefined;
  return {
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

function tokenOf(text: string, column: Column, row: number): string {
  const token = encodeCode(text);
  if (token === undefined) throw refused(row, column, text, 'short enough for an id');
  return token;
}

function refused(row: number, column: Column, value: string | null | undefined, wanted: string) {
  const found = value === null || value === undefined ? 'empty' : JSON.stringify(value.slice(0, 60));
  return importErrors('FILE_ROW', `Row ${row}, column "${column}": ${found} is not ${wanted}.`, { row, column });
}

function count<K>(counts: Map<K, number>, key: K): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function mostFrequent<K>(counts: ReadonlyMap<K, number>, order: (a: K, b: K) => number): K | undefined {
  return [...counts].sort((a, b) => b[1] - a[1] || order(a[0], b[0]))[0]?.[0];
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
