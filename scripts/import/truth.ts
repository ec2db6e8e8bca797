// What was sold according to SQL over the file alone: nothing of the importer's own reading, rounding or grouping is
// used, so that a mistake there cannot hide itself.
import { queryFile } from './engine.ts';
import { type Books, DIMENSIONS, type Dimension, emptyBooks } from './reconcile.ts';
import { type Source, tableOf } from './source.ts';

const GROUPS: Record<Dimension, string> = {
  total: `''`,
  month: 'month',
  product: 'code',
  customer: 'customer',
  invoice: 'invoice',
};

const SALES = (table: string) => `
  with sales as (
    select
      toString("Invoice") as invoice,
      toString("StockCode") as code,
      toInt64(toFloat64(toString("Quantity"))) as units,
      toInt64(floor(toFloat64(toString("Price")) * 100 + 0.5)) as pence,
      min(toString("InvoiceDate")) over (partition by "Invoice") as first,
      substring(first, 1, 7) as month,
      replaceRegexpOne(ifNull(max(trim(toString("Customer ID"))) over (partition by "Invoice"), ''), '[.]0+$', '') as customer
    from ${table}
    where toFloat64(toString("Quantity")) > 0 and toFloat64(toString("Price")) > 0 and not startsWith(toString("Invoice"), 'C')
  )`;

type TruthRow = readonly [dimension: Dimension, key: string, invoices: string, lines: string, units: string, pence: string];

/** The books of the file. */
export async function readTruth(source: Source): Promise<Books> {
  const books = emptyBooks();
  for await (const [dimension, key, invoices, lines, units, pence] of queryFile<TruthRow>(source, truthQuery(source))) {
    const figures = { invoices: Number(invoices), lines: Number(lines), units: Number(units), pence: Number(pence) };
    books[dimension].set(key, figures);
  }
  return books;
}

function truthQuery(source: Source): string {
  const figures = 'toString(uniqExact(invoice)), toString(count()), toString(sum(units)), toString(sum(units * pence))';
  const selects = DIMENSIONS.map((name) => `select '${name}', ${GROUPS[name]} as key, ${figures} from sales group by key`);
  return `${SALES(tableOf(source))} ${selects.join(' union all ')}`;
}
