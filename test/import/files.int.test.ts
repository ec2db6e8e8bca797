// Files that cannot be imported, read by the real engine: each is refused by its code before anything is written.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { queryFile } from '../../scripts/import/engine.ts';
import { compareBooks, emptyBooks, enter } from '../../scripts/import/reconcile.ts';
import { openSource, readSales, type Source } from '../../scripts/import/source.ts';
import { readTruth } from '../../scripts/import/truth.ts';

const FIXTURE = 'test/import/fixture/sales.csv';
const HEADER = 'Invoice,StockCode,Description,Quantity,InvoiceDate,Price,Customer ID,Country';
const ROW = '489434,85048,"15CM ""X"", a",12,2009-12-01 07:45:00,6.95,13085.0,United Kingdom';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'souk-import-test-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, content: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

async function read(path: string) {
  return readSales(await openSource(path));
}

/** The fixture as the engine itself writes it to Parquet. */
async function parquetOf(source: Source, name: string): Promise<string> {
  const path = join(folder, name);
  const typed = '* replace (toInt64(Quantity) as Quantity, toFloat64(Price) as Price)';
  const rows = queryFile(
    source,
    `select ${typed} from file({file}, CSVWithNames) into outfile '${path.replaceAll("'", "''")}' format Parquet`,
  );
  for await (const row of rows) throw new Error(`Unexpected answer: ${JSON.stringify(row)}`);
  return path;
}

describe('files that cannot be imported', () => {
  test.each([
    ['row 2 is short', 'short.csv', `${HEADER}\n${ROW}\n489434,85048,x,12\n${ROW}\n`, 'FILE_CORRUPT', { row: 2 }],
    ['row 1 is long', 'long.csv', `${HEADER}\n${ROW},more,2\n`, 'FILE_CORRUPT', { row: 1 }],
    [
      'a quantity is no number',
      'cell.csv',
      `${HEADER}\n${ROW}\n${ROW.replace(',12,', ',1x,')}\n`,
      'FILE_ROW',
      { row: 2, column: 'Quantity' },
    ],
    ['it ends within a quote', 'cut.csv', `${HEADER}\n${ROW.slice(0, 20)}`, 'FILE_CORRUPT', {}],
    [
      'a column is called differently',
      'name.csv',
      `${HEADER.replace('Price', 'UnitPrice')}\n${ROW}\n`,
      'FILE_COLUMNS',
      { missing: ['Price'] },
    ],
    ['there is no header', 'headless.csv', `${ROW}\n`, 'FILE_COLUMNS', {}],
    ['it is binary', 'binary.csv', Buffer.from([0, 1, 2, 255, 10, 34, 34, 7]), 'FILE_COLUMNS', {}],
    ['it is empty', 'empty.csv', '', 'FILE_CORRUPT', {}],
    ['it is text called Parquet', 'text.parquet', `${HEADER}\n`, 'FILE_CORRUPT', {}],
    ['it is of another kind', 'sales.xlsx', 'PK', 'FILE_UNSUPPORTED', {}],
  ])('%s', async (_, name, content, type, data) => {
    await expect(read(file(name, content))).rejects.toMatchObject({ type, data });
  });

  test('it is missing, or a folder', async () => {
    await expect(read(join(folder, 'nothing.csv'))).rejects.toMatchObject({ type: 'FILE_MISSING' });
    await expect(read(folder)).rejects.toMatchObject({ type: 'FILE_MISSING' });
  });

  test('it is a truncated or damaged Parquet file', async () => {
    const whole = readFileSync(await parquetOf(await openSource(FIXTURE), 'whole.parquet'));
    const damaged = Buffer.from(whole).fill(0xa5, 40, Math.floor(whole.length / 2));
    await expect(read(file('truncated.parquet', whole.subarray(0, -20)))).rejects.toMatchObject({ type: 'FILE_CORRUPT' });
    await expect(read(file('damaged.parquet', damaged))).rejects.toMatchObject({ type: 'FILE_CORRUPT' });
  });
});

describe('a file with all oddities', () => {
  test('reads the same from CSV and Parquet, and agrees with SQL over either', async () => {
    const csv = await openSource(FIXTURE);
    const parquet = await openSource(await parquetOf(csv, "it's {odd} * name.parquet"));
    for (const source of [csv, parquet]) {
      const sales = await readSales(source);
      const books = emptyBooks();
      for (const { number, at, customer, lines } of sales.invoices) {
        const sold = lines.map(({ product, quantity, pence }) => ({ code: product.code, quantity, pence }));
        enter(books, { invoice: number, at, customer: customer?.id ?? '', lines: sold });
      }
      const truth = await readTruth(source);
      expect(truth.total.get('')).toEqual({ invoices: 6, lines: 16, units: 19_240, pence: 2_731_099 });
      expect(compareBooks(truth, books)).toEqual([]);
    }
  });
});
