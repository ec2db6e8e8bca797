// The command itself: killed in the middle of an import it goes on where it stopped, and nothing is there twice.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'nats';
import { findOrphan, stopOrphan } from '../../scripts/engines/nats-child.ts';
import { readRecord } from '../../scripts/runtime/data-folder.ts';

const INVOICES = 800;
const HEADER = 'Invoice,StockCode,Description,Quantity,InvoiceDate,Price,Customer ID,Country';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'souk-resume-'));
  writeFileSync(join(folder, 'sales.csv'), `${[HEADER, ...rows()].join('\n')}\n`);
});
afterAll(async () => {
  const orphan = findOrphan(join(folder, 'data', 'nats'));
  if (orphan !== undefined) await stopOrphan(orphan);
  rmSync(folder, { recursive: true, force: true });
});

/** Eight lines an invoice over forty products, one of them on every invoice. */
function* rows(): Generator<string> {
  for (let invoice = 0; invoice < INVOICES; invoice++) {
    const at = new Date(Date.UTC(2010, 0, 1) + invoice * 3_600_000).toISOString().slice(0, 19).replace('T', ' ');
    for (let line = 0; line < 8; line++) {
      const code = line === 0 ? 'HOT' : `SKU ${(invoice * 7 + line * 11) % 40}`;
      yield `${500_000 + invoice},${code},THING,${1 + ((invoice + line) % 5)},${at},${1 + line / 4},${invoice % 3 ? 12_000 + (invoice % 50) : ''},EIRE`;
    }
  }
}

function start(file = 'sales.csv'): { child: ChildProcess; output: () => string; line: (pattern: RegExp) => Promise<void> } {
  const env = { ...process.env, SOUK_DATA: join(folder, 'data'), INIT_CWD: folder };
  const child = spawn(process.execPath, ['scripts/import.ts', file], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const line = async (pattern: RegExp): Promise<void> => {
    while (!pattern.test(text) && child.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 10));
    if (!pattern.test(text)) throw new Error(`Ended without ${pattern}: ${text}`);
  };
  return { child, output: () => text, line };
}

async function run(file?: string): Promise<{ code: number | null; output: string }> {
  const { child, output } = start(file);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output: output() };
}

/** Resolves when the orders have taken `steps` further steps. */
async function untilDriven(steps: number): Promise<void> {
  const nats = await connect({ servers: readRecord(join(folder, 'data'))?.natsUrl ?? '' });
  const { streams } = await nats.jetstreamManager();
  const taken = async () => (await streams.list('orders.>').next()).reduce((sum, { state }) => sum + state.messages, 0);
  const before = await taken();
  while ((await taken()) < before + steps) await new Promise((resolve) => setTimeout(resolve, 10));
  await nats.close();
}

/** A run that gets a signal in the middle of its orders. */
async function interrupted(signal: NodeJS.Signals): Promise<ReturnType<typeof start>> {
  const run = start();
  await run.line(/^orders/m);
  await untilDriven(200);
  run.child.kill(signal);
  await once(run.child, 'close');
  return run;
}

/** Invoices that were sold when the phase began. */
const already = (output: string): number => Number(/^orders .* (\d+) of 800/m.exec(output)?.[1]);

describe('npm run import', () => {
  it('given SIGTERM, then it finishes what is in flight and says how to go on', async () => {
    const { child, output } = await interrupted('SIGTERM');
    expect(output()).toContain('✗ SIGTERM: stopped. Run it again to go on.');
    expect(child.exitCode).toBe(1);
  }, 60_000);

  it('given SIGKILL in the middle, then the next run goes on and differs in nothing', async () => {
    const { output } = await interrupted('SIGKILL');
    const { code, output: second } = await run();
    expect(second).toMatch(/^Differences: 0$/m);
    expect(code).toBe(0);
    expect(already(output())).toBeGreaterThan(0);
    expect(already(second)).toBeGreaterThan(already(output()));
    expect(already(second)).toBeLessThan(INVOICES);
  }, 90_000);

  it('given a third run, then nothing is left to sell', async () => {
    const { code, output } = await run();
    expect(already(output)).toBe(INVOICES);
    expect(output).toMatch(/^Differences: 0$/m);
    expect(code).toBe(0);
  }, 60_000);

  it('given a file that cannot be imported, then one line says why and nothing is started', async () => {
    expect(await run('nothing.csv')).toEqual({
      code: 1,
      output: expect.stringMatching(/^✗ .*nothing\.csv cannot be opened: ENOENT[^\n]*\n$/),
    });
    expect(await run('--help')).toEqual({ code: 1, output: expect.stringMatching(/^✗ .*npm run import -- <file/) });
  }, 60_000);
});
