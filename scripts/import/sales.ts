// The file's rows become what the shop understands: invoices in the order of time, products, customers. Pure.
import { isCharge } from './codes.ts';
import { type RawRow, readRow, refused, type SaleRow, tokenOf } from './rows.ts';

/** An invoice becomes one order, and an order is one message of at most 1 MB: this many lines with the longest codes and titles. */
export const MAX_LINES = 1_200;
const MAX_TITLE = 80;

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
  /** Milliseconds since the epoch of its first line. */
  at: number;
  customer: Customer | undefined;
  readonly country: string;
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

/** Takes rows one after another; `finish` gives everything sorted. */
export class SalesCollector {
  readonly #invoices = new Map<string, Invoice>();
  readonly #products = new Map<string, Product>();
  readonly #customers = new Map<string, Customer>();
  #rows = 0;
  #lines = 0;

  /** @throws FILE_ROW naming the row and the column */
  add(raw: RawRow): void {
    this.#rows += 1;
    const sale = readRow(raw, this.#rows);
    if (sale === undefined) return;
    this.#lines += 1;
    const product = this.#productOf(sale);
    const invoice = this.#invoiceOf(sale);
    invoice.at = Math.min(invoice.at, sale.at);
    invoice.customer ??= this.#customerOf(sale);
    if (invoice.lines.length === MAX_LINES)
      throw refused(sale.row, 'Invoice', sale.invoice, `an order of at most ${MAX_LINES} lines`);
    invoice.lines.push({ product, quantity: sale.quantity, pence: sale.pence });
  }

  finish(): Sales {
    return {
      invoices: [...this.#invoices.values()].sort((a, b) => a.at - b.at || compare(a.number, b.number)),
      products: [...this.#products.values()].sort((a, b) => a.firstSold - b.firstSold || compare(a.code, b.code)),
      customers: [...this.#customers.values()].sort((a, b) => a.since - b.since || compare(a.id, b.id)),
      rows: this.#rows,
      lines: this.#lines,
    };
  }

  #invoiceOf({ invoice: number, at, country, row }: SaleRow): Invoice {
    return ensured(this.#invoices, number, () => {
      return { number, token: tokenOf(number, 'Invoice', row), at, customer: undefined, country, lines: [] };
    });
  }

  #productOf({ code, quantity, at, pence, description, row }: SaleRow): Product {
    const product = ensured(this.#products, code, () => {
      const sku = tokenOf(code, 'StockCode', row);
      return { code, sku, charge: isCharge(code), units: 0, firstSold: at, descriptions: new Map(), prices: new Map() };
    });
    product.units += quantity;
    product.firstSold = Math.min(product.firstSold, at);
    count(product.prices, pence);
    if (description !== '') count(product.descriptions, description);
    return product;
  }

  #customerOf({ customer: id, country, at, row }: SaleRow): Customer | undefined {
    if (id === '') return undefined;
    const customer = ensured(this.#customers, id, () => ({ id, token: tokenOf(id, 'Customer ID', row), country, since: at }));
    customer.since = Math.min(customer.since, at);
    return customer;
  }
}

/** Best title: the most frequent description, the alphabetically first of equals, the code when there is none. */
export function titleOf(product: Product): string {
  return (mostFrequent(product.descriptions, compare) ?? product.code).slice(0, MAX_TITLE);
}

/** List price in pence: the most frequent one, the lowest of equals. */
export function priceOf(product: Product): number {
  return mostFrequent(product.prices, (a, b) => a - b) ?? 0;
}

function ensured<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
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
