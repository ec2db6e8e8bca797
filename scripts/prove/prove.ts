// Runs scenarios against one fresh shop, each followed by an audit of the whole log.
import { performance } from 'node:perf_hooks';
import { audit } from './audit/audit.ts';
import type { Acknowledged, Violation } from './audit/evidence.ts';
import { Http } from './drive/http.ts';
import { Instance } from './drive/instance.ts';
import { LogReader } from './drive/log-reader.ts';
import { Staff } from './drive/staff.ts';
import { PRICE, pause, type Scenario, type Stage, type Tally } from './scenario.ts';

const CONNECTIONS = 256;
/** How long a violation may last that is only work under way. */
const SETTLE_MS = 25_000;

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
  const http = new Http(instance.url, CONNECTIONS);
  try {
    const staff = new Staff(http);
    await staff.signIn();
    await staff.offer(scenarios.flatMap(({ stock }) => Object.keys(stock).map((sku) => ({ sku, title: sku, price: PRICE }))));
    for (const { stock } of scenarios) for (const [sku, units] of Object.entries(stock)) await staff.receive(sku, units);
    const stage: Stage = { instance, http, staff, acknowledged: [] };
    const auditor = new Auditor(stage);
    let clean = true;
    for (const scenario of scenarios) {
      const row = await runOne(scenario, stage, auditor);
      clean &&= row.violations.length === 0;
      onRow(row);
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
  const tally = await scenario.run(stage).catch(
    (error: unknown): Tally => ({
      confirmed: 0,
      refused: 0,
      broken: [{ rule: 'scenario', about: scenario.key, detail: String(error) }],
    }),
  );
  const ms = Math.round(performance.now() - startedAt);
  const requests = http.answered + http.failed - before;
  const late: Violation[] = ms > scenario.limitMs ? [{ rule: 'scenario', about: 'time', detail: `took ${ms} ms` }] : [];
  const violations = [...tally.broken, ...late, ...(await auditor.newViolations(Object.keys(scenario.stock)))];
  return { scenario, requests, tally, violations, ms };
}

class Auditor {
  readonly #stage: Stage;
  readonly #log: LogReader;
  readonly #known = new Set<string>();

  constructor(stage: Stage) {
    this.#stage = stage;
    this.#log = new LogReader(() => stage.instance.natsUrl);
  }

  /** What is wrong and was not before. Work that is still under way gets time to end. */
  async newViolations(skus: readonly string[]): Promise<Violation[]> {
    for (const deadline = Date.now() + SETTLE_MS; ; await pause(1_000)) {
      await this.#quiet();
      const found = (await this.#audit(skus)).filter((violation) => !this.#known.has(JSON.stringify(violation)));
      if (found.length > 0 && Date.now() < deadline) continue;
      for (const violation of found) this.#known.add(JSON.stringify(violation));
      return found;
    }
  }

  /** Reads on until nothing more comes. */
  async #quiet(): Promise<void> {
    for (let rounds = 0; rounds < 40 && (await this.#log.readOn()) > 0; rounds++) await pause(300);
  }

  async #audit(skus: readonly string[]): Promise<Violation[]> {
    const { staff } = this.#stage;
    const acknowledged: readonly Acknowledged[] = this.#stage.acknowledged;
    const levels = await Promise.all(skus.map((sku) => staff.level(sku)));
    const shown = { orders: await staff.orders(), payments: await staff.payments(), levels };
    return audit({ messages: this.#log.messages, acknowledged, shown });
  }
}
