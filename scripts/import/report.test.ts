import { countryCode } from './countries.ts';
import { compareBooks, emptyBooks, enter, type Sale } from './reconcile.ts';
import { reportLines } from './report.ts';

const sale = (invoice: string, pence: number): Sale => ({
  invoice,
  at: Date.UTC(2010, 0, 1),
  customer: '',
  lines: [{ code: 'A', quantity: 1000, pence }],
});

function books(...sales: Sale[]) {
  const result = emptyBooks();
  for (const each of sales) enter(result, each);
  return result;
}

describe('the printed reconciliation', () => {
  it('shows one figure where both sides agree', () => {
    const same = books(sale('1', 250));
    expect(reportLines(same, same, compareBooks(same, same))).toEqual([
      'month    invoices  lines  units    pence',
      '2010-01         1      1  1,000  250,000',
      'total           1      1  1,000  250,000',
      '',
      '1 products, 1 customers and 1 invoices compared one by one.',
      'Differences: 0',
    ]);
  });

  it('names every difference by group, figure and size, and does not drown in them', () => {
    const file = books(...Array.from({ length: 60 }, (_, index) => sale(`${index}`, 1)));
    const shop = books();
    const lines = reportLines(file, shop, compareBooks(file, shop));
    expect(lines).toContain('Differences: 256');
    expect(lines).toContain('  month 2010-01: invoices 60 in the file, 0 in the shop (-60)');
    expect(lines.at(-1)).toBe('  … and 206 more');
  });
});

describe('countries of the file', () => {
  it.each([
    ['United Kingdom', 'GB'],
    ['EIRE', 'IE'],
    ['RSA', 'ZA'],
    ['Germany', 'DE'],
    ['Channel Islands', 'JE'],
    ['West Indies', 'ZZ'],
    ['Unspecified', 'ZZ'],
  ])('%s is %s', (name, code) => {
    expect(countryCode(name)).toBe(code);
  });
});
