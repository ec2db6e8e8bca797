// `npm run prove`: drives a running shop from outside through flash sales, repetitions, crashes and a misbehaving payment provider,
// then audits the log. Ends with 1 when a single promise was broken.
//
//   npm run prove -- --only a,d     some scenarios      npm run prove -- --times 10     again and again, each on a fresh shop
import { parseArgs } from 'node:util';
import { prove, type Row } from './prove/prove.ts';
import type { Scenario } from './prove/scenario.ts';
import { logKilled, nodeKilled } from './prove/scenarios/crashes.ts';
import { flashSale } from './prove/scenarios/flash-sale.ts';
import { lastUnit } from './prove/scenarios/last-unit.ts';
import { sentTwice } from './prove/scenarios/sent-twice.ts';
import { webhooks } from './prove/scenarios/webhooks.ts';

const SCENARIOS: readonly Scenario[] = [flashSale, lastUnit, sentTwice, nodeKilled, logKilled, webhooks];
const SHOWN = 20;

const { values } = parseArgs({ options: { only: { type: 'string' }, times: { type: 'string', default: '1' } } });
const chosen = values.only ? SCENARIOS.filter(({ key }) => values.only?.split(',').includes(key)) : SCENARIOS;
const rounds = Number(values.times);
if (chosen.length === 0 || !(rounds >= 1)) {
  console.error(`✗ --only takes letters of ${SCENARIOS.map(({ key }) => key)}, --times a number`);
  process.exit(1);
}

let failed = 0;
for (let round = 1; round <= rounds; round++) {
  const startedAt = Date.now();
  console.log(
    `\n${rounds > 1 ? `Round ${round} of ${rounds}\n` : ''}${line('scenario', 'requests', 'confirmed', 'refused', 'violations', 'seconds')}`,
  );
  const clean = await prove(chosen, show);
  if (!clean) failed++;
  console.log(
    `${clean ? '✓ every promise was kept' : '✗ promises were broken'}, ${seconds(Date.now() - startedAt)} s with starting and auditing`,
  );
}
if (rounds > 1) console.log(`\n${rounds - failed} of ${rounds} rounds without a violation`);
process.exit(failed === 0 ? 0 : 1);

function show({ scenario, requests, tally, violations, ms }: Row): void {
  const { confirmed, refused } = tally;
  console.log(line(`(${scenario.key}) ${scenario.title}`, requests, confirmed, refused, violations.length, seconds(ms)));
  for (const { rule, about, detail } of violations.slice(0, SHOWN)) console.log(`      ✗ ${rule}: ${about}: ${detail}`);
  if (violations.length > SHOWN) console.log(`      … and ${violations.length - SHOWN} more`);
}

function line(first: string, ...rest: readonly (string | number)[]): string {
  return `  ${first.padEnd(66)}${rest.map((cell) => String(cell).padStart(11)).join('')}`;
}

function seconds(ms: number): string {
  return (ms / 1_000).toFixed(1);
}
