import { type RawRow, toPence } from './rows.ts';
import { MAX_LINES, priceOf, type Sales, SalesCollector, titleOf } from './sales.ts';

const row = (
  cells: Partial<
    Record<'invoice' | 'code' | 'description' | 'quantity' | 'date' | 'price' | 'customer' | 'country', string | null>
  >,
): RawRow => {
  const all = {
    invoice: '1',
    code: 'A',
    description: 'THING',
    quantity: '1',
    date: '2010-01-01 10:00:00',
    price: '1.5',
    customer: '7',
    country: 'EIRE',
    ...cells,
  };
  return [all.invoice, all.code, all.description, all.quantity, all.date, all.price, all.customer, all.country];
};

function collect(...rows: RawRow[]): Sales {
  const collector = new SalesCollector();
  for (const each of rows) collector.add(each);
  return collector.finish();
}

describe('rows become sales', () => {
  test('cancellations, corrections and gifts are no sales', () => {
    const sales = collect(
      row({ invoice: 'C1', quantity: '-1' }),
      row({ quantity: '-3' }),
      row({ price: '0' }),
      row({ invoice: 'A1', price: '-5' }),
    );
    expect(sales).toEqual({ invoices: [], products: [], customers: [], rows: 4, lines: 0 });
  });

  test('one code twice on an invoice stays two lines, with their own prices', () => {
    const [invoice] = collect(row({ quantity: '2' }), row({ quantity: '3', price: '1.25' }), row({ quantity: '2' })).invoices;
    expect(invoice?.lines.map((line) => [line.product.sku, line.quantity, line.pence])).toEqual([
      ['A', 2, 150],
      ['A', 3, 125],
      ['A', 2, 150],
    ]);
  });

  test('invoices come in the order of their first line, equal times by number', () => {
    const sales = collect(
      row({ invoice: '3' }),
      row({ invoice: '2' }),
      row({ invoice: '1', date: '2010-01-02 00:00' }),
      row({ invoice: '1', date: '2009-12-31 23:59:59' }),
    );
    expect(sales.invoices.map((invoice) => invoice.number)).toEqual(['1', '2', '3']);
    expect(sales.invoices[0]?.at).toBe(Date.UTC(2009, 11, 31, 23, 59, 59));
  });

  test('codes that differ in case only are two products', () => {
    expect(collect(row({ code: 'M' }), row({ code: 'm' })).products.map((product) => product.sku)).toEqual(['M', 'm']);
  });

  test('a product is called by its most frequent description, whatever the spaces, and by its code without one', () => {
    const rows = [
      row({ description: 'B' }),
      row({ description: ' RED  HAT' }),
      row({ description: 'RED HAT ' }),
      row({ code: 'N', description: null }),
    ];
    expect(collect(...rows).products.map(titleOf)).toEqual(['RED HAT', 'N']);
  });

  test('equal counts are decided by the alphabet and the lower price, not by the order of rows', () => {
    const rows = [row({ description: 'B', price: '2' }), row({ description: 'A', price: '1' })];
    for (const order of [rows, rows.toReversed()]) {
      const [product] = collect(...order).products;
      expect(product && [titleOf(product), priceOf(product)]).toEqual(['A', 100]);
    }
  });

  test('a customer number written as a fraction is the same customer; without one it is a guest', () => {
    const sales = collect(
      row({ customer: '13085.0' }),
      row({ invoice: '2', customer: '13085' }),
      row({ invoice: '3', customer: null }),
    );
    expect(sales.customers.map((customer) => customer.id)).toEqual(['13085']);
    expect(sales.invoices.map((invoice) => invoice.customer?.id)).toEqual(['13085', '13085', undefined]);
  });

  test.each([
    [6.95, 695],
    [0.001, 0],
    [0.125, 13],
    [0.29, 29],
    [1.15, 115],
    [25111.09, 2511109],
  ])('%d pounds are %d pence', (pounds, pence) => {
    expect(toPence(pounds)).toBe(pence);
  });
});

describe('rows that do not fit', () => {
  test.each([
    ['Quantity', { quantity: 'twelve' }],
    ['Quantity', { quantity: '1.5' }],
    ['Quantity', { quantity: '' }],
    ['Price', { price: null }],
    ['Price', { price: 'NaN' }],
    ['InvoiceDate', { date: '12/1/2009 7:45' }],
    ['InvoiceDate', { date: '2010-02-31 07:45:00' }],
    ['Invoice', { invoice: '' }],
    ['StockCode', { code: null }],
    ['StockCode', { code: '?'.repeat(60) }],
  ] as const)('a wrong %s is refused by row and column: %j', (column, cells) => {
    const collector = new SalesCollector();
    collector.add(row({}));
    expect(() => collector.add(row(cells))).toThrow(expect.objectContaining({ type: 'FILE_ROW', data: { row: 2, column } }));
  });

  test('an invoice that no order can hold is refused', () => {
    const collector = new SalesCollector();
    for (let line = 0; line < MAX_LINES; line++) collector.add(row({}));
    expect(() => collector.add(row({}))).toThrow(expect.objectContaining({ data: { row: MAX_LINES + 1, column: 'Invoice' } }));
  });
});
