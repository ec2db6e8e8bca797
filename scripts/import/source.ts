// Opens the file to import: which format it has, whether it is whole, whether it has the columns. Everything cheap is
// checked before the engine sees it, so that the message can say what is wrong instead of what the engine stumbled over.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { parse } from 'csv-parse/sync';
import { queryFile } from './engine.ts';
import { importErrors } from './import.errors.ts';
import { COLUMNS, type RawRow } from './rows.ts';
import { type Sales, SalesCollector } from './sales.ts';

export interface Source {
  readonly path: string;
  readonly format: 'parquet' | 'csv';
  readonly bytes: number;
  /** SHA-256 of the content: the same file is the same import, wherever it lies. */
  readonly fingerprint: string;
}

const MAGIC = 'PAR1';
const HEADER_BYTES = 4096;
const QUOTE = 0x22;

/** Opens a file; throws FILE_MISSING, FILE_UNSUPPORTED, FILE_CORRUPT or FILE_COLUMNS. */
export async function openSource(path: string): Promise<Source> {
  const handle = await open(path).catch((error: Error) => {
    throw importErrors('FILE_MISSING', `${path} cannot be opened: ${error.message}`);
  });
  try {
    const source = await inspect(path, handle);
    checkColumns(source, await columnsOf(source, handle));
    return source;
  } finally {
    await handle.close();
  }
}

/** Reads and checks every row. Throws FILE_ROW or FILE_CORRUPT; memory is that of the sales, not of the file. */
export async function readSales(source: Source): Promise<Sales> {
  const collector = new SalesCollector();
  const cells = COLUMNS.map((name) => `toString("${name}")`).join(', ');
  const sql = `select ${cells} from ${tableOf(source)} settings max_threads = 1, input_format_parallel_parsing = 0`;
  for await (const row of queryFile<RawRow>(source, sql)) collector.add(row);
  return collector.finish();
}

/** What stands after `from` in a query over this source. CSV cells are read as text, so that a wrong one can be named. */
export function tableOf(source: Source): string {
  if (source.format === 'parquet') return 'file({file}, Parquet)';
  const structure = COLUMNS.map((name) => `"${name}" Nullable(String)`).join(', ');
  return `file({file}, CSVWithNames, '${structure}')`;
}

async function inspect(path: string, handle: FileHandle): Promise<Source> {
  const stat = await handle.stat();
  if (!stat.isFile()) throw importErrors('FILE_MISSING', `${path} is not a file.`);
  if (stat.size === 0) throw importErrors('FILE_CORRUPT', `${path} is empty.`);
  const parquet = (await textAt(handle, 0, MAGIC.length)) === MAGIC;
  if (!parquet && !/\.csv$/i.test(path)) throw notImportable(path);
  const { fingerprint, quotes } = await scan(path);
  const whole = parquet ? (await textAt(handle, stat.size - MAGIC.length, MAGIC.length)) === MAGIC : quotes % 2 === 0;
  if (!whole)
    throw importErrors(
      'FILE_CORRUPT',
      `${path} is truncated: ${parquet ? `it does not end with ${MAGIC}` : 'a quote stays open'}.`,
    );
  return { path, format: parquet ? 'parquet' : 'csv', bytes: stat.size, fingerprint };
}

async function scan(path: string): Promise<{ fingerprint: string; quotes: number }> {
  const hash = createHash('sha256');
  let quotes = 0;
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    hash.update(chunk);
    for (let at = chunk.indexOf(QUOTE); at >= 0; at = chunk.indexOf(QUOTE, at + 1)) quotes += 1;
  }
  return { fingerprint: hash.digest('hex'), quotes };
}

function notImportable(path: string) {
  return /\.parquet$/i.test(path)
    ? importErrors('FILE_CORRUPT', `${path} is not a Parquet file: it does not start with ${MAGIC}.`)
    : importErrors('FILE_UNSUPPORTED', `${path} is neither a Parquet file nor named *.csv.`);
}

async function textAt(handle: FileHandle, position: number, length: number): Promise<string> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, Math.max(0, position));
  return buffer.toString('utf8', 0, bytesRead);
}

async function columnsOf(source: Source, handle: FileHandle): Promise<string[]> {
  if (source.format === 'csv') return headerOf(source, handle);
  const names: string[] = [];
  for await (const [name] of queryFile<[string]>(source, `describe table ${tableOf(source)}`)) names.push(name);
  return names;
}

async function headerOf(source: Source, handle: FileHandle): Promise<string[]> {
  const head = (await textAt(handle, 0, HEADER_BYTES)).split(/\r?\n/, 1)[0] ?? '';
  try {
    return parse(head, { bom: true, trim: true })[0] ?? [];
  } catch {
    throw importErrors('FILE_COLUMNS', `${source.path} does not start with a line of column names.`, { missing: COLUMNS });
  }
}

function checkColumns(source: Source, found: readonly string[]): void {
  const missing = COLUMNS.filter((name) => !found.includes(name));
  if (missing.length === 0) return;
  const names = missing.map((name) => `"${name}"`).join(', ');
  throw importErrors('FILE_COLUMNS', `${source.path} has no column ${names}; found ${found.join(', ') || 'none'}.`, {
    missing,
    found,
  });
}
