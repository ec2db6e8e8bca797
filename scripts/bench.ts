// `npm run bench`: starts a fresh shop with 10,000 products, measures it with the load generator on the same machine, prints the table
// of numbers and writes bench-results.json. Figures are medians of three runs.
//
//   npm run bench -- --only purchase,reads     some of start, hot, reads, purchase, flash, import
//   npm run bench -- --import <file>           also the import of a real year and what follows from it
//   npm run bench -- --profile                 the node writes a CPU profile of everything into its working directory
import { writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { fillShop, someIds } from './bench/catalogue.ts';
import { flashSaleMeasurement } from './bench/flash-sale.ts';
import { hotSkuMeasurement } from './bench/hot-sku.ts';
import { firstStartMeasurement, importMeasurement } from './bench/life.ts';
import { purchaseMeasurement } from './bench/purchase.ts';
import { readMeasurements } from './bench/reads.ts';
import { type Measurement, type Row, runMeasurement } from './bench/row.ts';
import { Http } from './prove/drive/http.ts';
import { Instance } from './prove/drive/instance.ts';
import { Staff } from './prove/drive/staff.ts';

const RESULTS = 'bench-results.json';
const CONNECTIONS = 256;

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    runs: { type: 'string', default: '3' },
    import: { type: 'string' },
    profile: { type: 'boolean', default: false },
  },
});
const runs = Number(values.runs);
const wanted = (part: string): boolean => values.only === undefined || values.only.split(',').includes(part);
const rows: Row[] = [];

console.log(heading());
if (wanted('start')) await add(firstStartMeasurement(runs));
if (wanted('hot')) await add(hotSkuMeasurement(runs));
if (['reads', 'purchase', 'flash'].some(wanted)) await onOneShop();
if (values.import) await add(importMeasurement(values.import));
writeResults();
const missed = rows.flatMap(({ figures }) => figures).filter(({ reached }) => !reached).length;
console.log(missed === 0 ? '\n✓ every number was reached' : `\n✗ ${missed} numbers were not reached`);
process.exit(0);

/** Reads and writes against one shop, as long as its log grows. */
async function onOneShop(): Promise<void> {
  const instance = await Instance.start({
    env: { SOUK_LOG_LEVEL: 'error' },
    ...(values.profile ? { nodeArguments: ['--cpu-prof', '--cpu-prof-dir=data/profiles'] } : {}),
  });
  const http = new Http([instance.url], CONNECTIONS);
  try {
    const staff = new Staff(http);
    await staff.signIn();
    await fillShop(staff);
    if (wanted('reads')) for (const one of readMeasurements(instance.url, await someIds(staff), runs)) await add(one);
    if (wanted('purchase')) await add(purchaseMeasurement(http, instance, runs));
    if (wanted('flash')) await add(flashSaleMeasurement(http, staff, runs));
  } finally {
    await http.close();
    await instance.stop();
  }
}

async function add(measurement: Measurement): Promise<void> {
  const row = await runMeasurement(measurement);
  rows.push(row);
  for (const [n, { unit, atLeast, atMost, value, reached, all }] of row.figures.entries()) {
    const bar = barOf(atLeast, atMost);
    const verdict = bar === '' ? '' : reached ? 'yes' : 'NO';
    const spread = all.length > 1 ? `  (${all.map(shown).join(', ')})` : '';
    console.log(line(n === 0 ? row.what : '', bar, shown(value), verdict, unit) + spread);
  }
}

function barOf(atLeast: number | undefined, atMost: number | undefined): string {
  if (atLeast !== undefined) return atLeast === atMost ? `= ${atLeast}` : `≥ ${atLeast.toLocaleString('en')}`;
  return atMost === undefined ? '' : `≤ ${atMost}`;
}

function heading(): string {
  const [cpu] = cpus();
  const machine = `${cpus().length} × ${cpu?.model ?? 'CPU'}, ${Math.round(totalmem() / 2 ** 30)} GB, Node ${process.version}`;
  return `\n  ${machine}; shop, nats-server and load generator on it together\n\n${line('what', 'bar', 'figure', 'reached', 'unit')}`;
}

function line(what: string, bar: string, figure: string, reached: string, unit: string): string {
  return `  ${what.padEnd(98)}${bar.padStart(9)}${figure.padStart(10)}${reached.padStart(9)}  ${unit}`;
}

function shown(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en') : value.toFixed(1);
}

function writeResults(): void {
  const machine = { cpus: cpus().length, model: cpus()[0]?.model, memory: totalmem(), node: process.version };
  writeFileSync(RESULTS, `${JSON.stringify({ at: new Date().toISOString(), machine, runs, rows }, null, 2)}\n`);
  console.log(`\n  Written to ${RESULTS}`);
}
