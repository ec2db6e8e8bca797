// Audits a running shop: reads its log on and its lists again until nothing is under way any more, and says what is newly wrong.
import { audit } from './audit/audit.ts';
import type { Violation } from './audit/evidence.ts';
import { LogReader } from './drive/log-reader.ts';
import { pause, type Stage } from './scenario.ts';

/** How long a violation may last that is only work under way. */
const SETTLE_MS = 25_000;

export type Audited = Pick<Stage, 'staff' | 'acknowledged'>;

export class Auditor {
  readonly #stage: Audited;
  readonly #log: LogReader;
  readonly #known = new Set<string>();

  constructor(natsUrl: () => string, stage: Audited) {
    this.#stage = stage;
    this.#log = new LogReader(natsUrl);
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
    const { staff, acknowledged } = this.#stage;
    const levels = await Promise.all(skus.map((sku) => staff.level(sku)));
    const shown = { orders: await staff.orders(), payments: await staff.payments(), levels };
    return audit({ messages: this.#log.messages, acknowledged, shown });
  }
}
