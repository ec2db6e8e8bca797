import { type Books, compareBooks, emptyBooks, enter, type Sale } from './reconcile.ts';

const SALES: Sale[] = [
  {
    invoice: '1',
    at: Date.UTC(2009, 11, 31, 23, 59),
    customer: '7',
    lines: [
      { code: 'A', quantity: 2, pence: 150 },
      { code: 'A', quantity: 2, pence: 150 },
      { code: 'POST', quantity: 1, pence: 1800 },
    ],
  },
  { invoice: '2', at: Date.UTC(2010, 0, 1), customer: '', lines: [{ code: 'A', quantity: 1, pence: 0 }] },
];

function books(sales: readonly Sale[]): Books {
  const result = emptyBooks();
  for (const sale of sales) enter(result, sale);
  return result;
}

/** The same sales with the first line of the second invoice, or the invoice itself, changed. */
const second = (change: Partial<Sale>): readonly Sale[] => [SALES[0] as Sale, { ...(SALES[1] as Sale), ...change }];
const differences = (sales: readonly Sale[]) => compareBooks(books(SALES), books(sales));
const keys = (sales: readonly Sale[]) =>
  differences(sales).map(({ dimension, key, figure, file, shop }) => `${dimension} ${key} ${figure} ${file}→${shop}`);

describe('reconciliation', () => {
  test('the same sales in another order have no difference', () => {
    expect(differences(SALES.toReversed())).toEqual([]);
  });

  test('a missing order is missed everywhere it counts', () => {
    expect(keys(SALES.slice(0, 1))).toEqual(
      expect.arrayContaining([
        'total  invoices 2→1',
        'month 2010-01 invoices 1→0',
        'product A units 5→4',
        'customer  invoices 1→0',
        'invoice 2 lines 1→0',
      ]),
    );
  });

  test('a doubled order is found', () => {
    expect(keys([...SALES, SALES[0] as Sale])).toContain('invoice 1 pence 2400→4800');
  });

  test('one unit more is found', () => {
    expect(keys(second({ lines: [{ code: 'A', quantity: 2, pence: 0 }] }))).toContain('product A units 5→6');
  });

  test('one penny is found', () => {
    expect(keys(second({ lines: [{ code: 'A', quantity: 1, pence: 1 }] }))).toContain('total  pence 2400→2401');
  });

  test('a wrong month is found although the totals agree', () => {
    const found = keys(second({ at: Date.UTC(2009, 11, 31) }));
    expect(found).toContain('month 2010-01 invoices 1→0');
    expect(found.some((each) => each.startsWith('total'))).toBe(false);
  });

  test('a wrong product is found although month and invoice agree', () => {
    expect(keys(second({ lines: [{ code: 'a', quantity: 1, pence: 0 }] }))).toEqual([
      'product A invoices 2→1',
      'product A lines 3→2',
      'product A units 5→4',
      'product a invoices 0→1',
      'product a lines 0→1',
      'product a units 0→1',
    ]);
  });

  test('a wrong customer is found although everything else agrees', () => {
    const found = differences(second({ customer: '8' }));
    expect(new Set(found.map((each) => each.dimension))).toEqual(new Set(['customer']));
  });

  test('two lines merged into one are found although units and pence agree', () => {
    const first = {
      ...(SALES[0] as Sale),
      lines: [
        { code: 'A', quantity: 4, pence: 150 },
        { code: 'POST', quantity: 1, pence: 1800 },
      ],
    };
    expect(keys([first, SALES[1] as Sale])).toContain('invoice 1 lines 3→2');
  });

  test('prices swapped between two invoices are found although the total agrees', () => {
    const moved: Sale[] = SALES.map((sale, index) => ({
      ...sale,
      lines: sale.lines.map((line) => ({ ...line, pence: index === 0 ? line.pence - 1 : line.pence + 5 })),
    }));
    const found = differences(moved);
    expect(found.some((each) => each.dimension === 'total')).toBe(false);
    expect(found.some((each) => each.dimension === 'invoice')).toBe(true);
  });
});
