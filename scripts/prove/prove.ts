// Runs scenarios against one fresh shop, each followed by an audit of the whole log.
import { performance } from 'node:perf_hooks';
import type { Violation } from './audit/evidence.ts';
import { Auditor } from './auditor.ts';
import { Http } from './drive/http.ts';
import { Instance } from './drive/instance.ts';
import { Staff } from './drive/staff.ts';
import { PRICE, type Scenario, type Stage, type Tally } from './scenario.ts';

const CONNECTIONS = 256;

export interface Row {
  readonly scenario: Scenario;
  readonly requests: number;
  readonly tally: Tally;
  readonly violations: readonly Violation[];
  readonly ms: number;
}

/** Violations are reported once, by the first scenario after which they are there. */
export async function prove(scenarios: readonly Scenario[], onRow: (row: Row) => void): Promise<boolean> {
  const instance = await Instance.start();
  const http = new Http([instance.url], CONNECTIONS);
  try {
    const staff = new Staff(http);
    await staff.signIn();
    await staff.offer(scenarios.flatMap(({ stock }) => Object.keys(stock).map((sku) => ({ sku, title: sku, price: PRICE }))));
    for (const { stock } of scenarios) for (const [sku, units] of Object.entries(stock)) await staff.receive(sku, units);
    const stage: Stage = { instance, http, staff, acknowledged: [] };
    const auditor = new Auditor(() => instance.natsUrl, stage);
    let clean = true;
    for (const scenario of scenarios) {
      const row = await runOne(scenario, stage, auditor);
      clean &&= row.violations.length === 0;
      onRow(row);
      if (row.violations.some(({ about }) => about === 'failure')) {
        console.error(instance.lastWords());
        return false;
      }
    }
    return clean;
  } finally {
    await http.close();
    await instance.stop();
  }
}

async function runOne(scenario: Scenario, stage: Stage, auditor: Auditor): Promise<Row> {
  const { http } = stage;
  const before = http.answered + http.failed;
  const startedAt = performance.now();
  const tally = await scenario
    .run(stage)
    .catch((error: unknown): Tally => ({ confirmed: 0, refused: 0, broken: [failed(error)] }));
  const ms = Math.round(performance.now() - startedAt);
  const requests = http.answered + http.failed - before;
  const late: Violation[] = ms > scenario.limitMs ? [{ rule: 'scenario', about: 'time', detail: `took ${ms} ms` }] : [];
  const found = await auditor.newViolations(Object.keys(scenario.stock)).catch((error: unknown) => [failed(error)]);
  const violations = [...tally.broken, ...late, ...found];
  return { scenario, requests, tally, violations, ms };
}

const failed = (error: unknown): Violation => ({ rule: 'scenario', about: 'failure', detail: String(error) });
