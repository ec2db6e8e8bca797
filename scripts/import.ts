// `npm run import -- <file>`: replays a year of a real retailer ("Online Retail II", Parquet or CSV) in the shop and proves
// afterwards, by SQL over the file, that not a unit and not a penny is missing. Killed, it goes on where it stopped.
import { isAbsolute, join } from 'node:path';
import { parseArgs } from 'node:util';
import { codeOf } from '../mixins/errors.ts';
import { importErrors } from './import/import.errors.ts';
import { readBooks, soldInvoices } from './import/ledger.ts';
import { grouped, startProgress } from './import/progress.ts';
import { compareBooks } from './import/reconcile.ts';
import { replay } from './import/replay.ts';
import { reportLines } from './import/report.ts';
import type { Sales } from './import/sales.ts';
import { openSession, type Session } from './import/session.ts';
import { openSource, readSales, type Source } from './import/source.ts';
import { readTruth } from './import/truth.ts';
import { runEntry, StartFailure } from './runtime/failure.ts';

const USAGE = 'Usage: npm run import -- <file.parquet|file.csv> [--window <invoices in flight>]';
const DEFAULT_WINDOW = 96;
const root = join(import.meta.dirname, '..');
const say = (line: string): void => console.log(line);

await runEntry(async () => {
  const { file, window } = readArguments();
  process.chdir(root);
  try {
    process.exitCode = (await importFile(file, window)) ? 0 : 1;
  } catch (error) {
    throw (codeOf(error) ?? '') in importErrors.catalogue ? new StartFailure((error as Error).message, error) : error;
  }
});

function readArguments(): { file: string; window: number } {
  const { file, window } = parsed();
  if (file === undefined || !Number.isInteger(window) || window < 1 || window > 1_000) throw new StartFailure(USAGE);
  // npm changes into the project's folder; the file was named from where the person is.
  return { file: isAbsolute(file) ? file : join(process.env.INIT_CWD ?? process.cwd(), file), window };
}

function parsed(): { file: string | undefined; window: number } {
  try {
    const { values, positionals } = parseArgs({ allowPositionals: true, options: { window: { type: 'string' } } });
    return { file: positionals.length > 1 ? undefined : positionals[0], window: Number(values.window ?? DEFAULT_WINDOW) };
  } catch (error) {
    throw new StartFailure(USAGE, error);
  }
}

/** True when the shop's books agree with the file. */
async function importFile(file: string, window: number): Promise<boolean> {
  const source = await openSource(file);
  const sales = await readSales(source);
  const { invoices, products, customers } = sales;
  say(
    `${file}: ${grouped(sales.rows)} rows, ${grouped(sales.lines)} of them sales; ${grouped(invoices.length)} invoices, ` +
      `${grouped(products.length)} products, ${grouped(customers.length)} customers.`,
  );
  await using running = new AsyncDisposableStack();
  const session = await openSession({ env: process.env, root, say }, running);
  say(`Importing into ${session.where}.`);
  await replayIn(session, source, sales, window);
  return await reconcile(session, source, new Set(invoices.map(({ number }) => number)));
}

async function replayIn(session: Session, source: Source, sales: Sales, window: number): Promise<void> {
  const { shop, own } = session;
  const started = Date.now();
  const sold = await soldInvoices(shop.log);
  const progress = (label: string, total: number, done = 0) => startProgress(label, total, process.stderr, done);
  await replay(shop, sales, { window, fingerprint: source.fingerprint, sold, progress, signal: stopSignal() });
  const memory = own ? `; this node has ${grouped(Math.round(process.memoryUsage.rss() / 1e6))} MB` : '';
  say(`Replayed in ${grouped(Math.round((Date.now() - started) / 1000))} s${memory}.\n`);
}

async function reconcile({ shop }: Session, source: Source, invoices: ReadonlySet<string>): Promise<boolean> {
  const truth = await readTruth(source);
  const books = await readBooks(shop.log, invoices);
  const differences = compareBooks(truth, books);
  for (const line of reportLines(truth, books, differences)) say(line);
  return differences.length === 0;
}

/** Ctrl-C and SIGTERM: what is in flight is finished, nothing new begun. */
function stopSignal(): AbortSignal {
  const controller = new AbortController();
  const stop = (signal: NodeJS.Signals) => controller.abort(new StartFailure(`${signal}: stopped. Run it again to go on.`));
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  return controller.signal;
}
