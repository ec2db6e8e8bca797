// The running shop as the import uses it: the same actions that live requests end in, at a historic time.
import type { ServiceBroker } from 'moleculer';
import { codeOf } from '../../mixins/errors.ts';
import type { Log } from '../../mixins/log/log.ts';
import { nodeOf } from '../../mixins/node.ts';
import type { Call } from '../../mixins/service.ts';
import type { Actions } from '../../services/contracts.ts';

export interface Shop {
  readonly call: Call<Actions>;
  readonly log: Log;
}

const TIMEOUT_MS = 120_000;
const ATTEMPTS = 6;
const PAUSE_MS = 100;

/** The shop of a started broker. A call is repeated while it fails for a passing reason: every action of the import is idempotent. */
export function shopOf(broker: ServiceBroker): Shop {
  const call = (name: string, params: unknown, origin = { meta: {} }) =>
    patiently(() => broker.call(name, params as object, { meta: { ...origin.meta }, timeout: TIMEOUT_MS }));
  return { call: call as unknown as Call<Actions>, log: nodeOf(broker).log };
}

/** Import-only permission: what happens on behalf of this origin happened at `at` (milliseconds since the epoch). */
export function atTime(at: number) {
  return { meta: { historic: { at } } };
}

async function patiently<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt === ATTEMPTS || !isPassing(error)) throw error;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS * 2 ** attempt * (0.5 + Math.random())));
    }
  }
}

/** Busy, unreachable or timed out; anything else would fail again. */
function isPassing(error: unknown): boolean {
  const { code, retryable } = error as { code?: unknown; retryable?: unknown };
  return codeOf(error) !== undefined && (retryable === true || code === 503 || code === 504);
}
