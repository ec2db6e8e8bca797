// The durable consumers of a reaction: created at first, updated when their declaration has changed. Nothing is lost by an update.
import { AckPolicy, type Consumer, type ConsumerConfig, type ConsumerInfo, DeliverPolicy, nanos } from 'nats';
import type { Log } from '../log/log.ts';
import { SLOTS } from '../log/subject.ts';

const ACK_WAIT_MS = 10_000;
const ORDERED_GROUPS = 8;
/** Deliveries that the server allows beyond the reaction's own limit, for a dead letter that could not be written at once. */
const SPARE_DELIVERIES = 3;

export interface ConsumerPlan {
  readonly name: string;
  readonly stream: string;
  readonly ordered: boolean;
  readonly concurrency: number;
  readonly maxAttempts: number;
}

export type Wanted = Partial<ConsumerConfig> & { readonly durable_name: string };

/** One consumer; for `ordered`, one per slot group, or a single one where the server cannot filter by several subjects (2.9). */
export function consumersOf(plan: ConsumerPlan, { features }: Pick<Log, 'features'>): Wanted[] {
  const { name, stream, ordered, concurrency, maxAttempts } = plan;
  const shared = {
    ack_policy: AckPolicy.Explicit,
    ack_wait: nanos(ACK_WAIT_MS),
    deliver_policy: DeliverPolicy.All,
    max_deliver: maxAttempts + SPARE_DELIVERIES,
    max_ack_pending: ordered ? 1 : 4 * concurrency,
  };
  if (!ordered || !features.filterSubjects) return [{ ...shared, durable_name: name }];
  return Array.from({ length: ORDERED_GROUPS }, (_, group) => ({
    ...shared,
    durable_name: `${name}-${group}`,
    filter_subjects: Array.from({ length: SLOTS / ORDERED_GROUPS }, (_, i) => {
      const slot = String(group * (SLOTS / ORDERED_GROUPS) + i).padStart(2, '0');
      return `${stream.toLowerCase()}.${slot}.*`;
    }),
  }));
}

export async function consumerInfo({ jsm }: Pick<Log, 'jsm'>, stream: string, name: string): Promise<ConsumerInfo | undefined> {
  try {
    return await jsm.consumers.info(stream, name);
  } catch (error) {
    if ((error as { api_error?: { code?: number } }).api_error?.code === 404) return undefined;
    throw error;
  }
}

/**
 * Creates or updates a consumer and opens it. `floor` is the last message that a consumer it takes over from has finished.
 * `onDrift` hears which settings were changed.
 */
export async function openConsumer(
  log: Log,
  stream: string,
  wanted: Wanted,
  floor: number | undefined,
  onDrift: (changed: string[]) => void,
): Promise<Consumer> {
  const existing = await consumerInfo(log, stream, wanted.durable_name);
  if (!existing) {
    const start = floor ? { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: floor + 1 } : {};
    await log.jsm.consumers.add(stream, { ...wanted, ...start });
  } else {
    const changed = driftOf(existing.config, wanted);
    if (changed.length > 0) {
      await log.jsm.consumers.update(stream, wanted.durable_name, Object.fromEntries(changed.map((key) => [key, wanted[key]])));
      onDrift(changed);
    }
  }
  return log.js.consumers.get(stream, wanted.durable_name);
}

/** Settings that differ. Where a consumer began cannot change and does not matter any more. */
function driftOf(current: ConsumerConfig, wanted: Wanted): (keyof Wanted)[] {
  const keys = Object.keys(wanted) as (keyof Wanted)[];
  return keys.filter((key) => key !== 'deliver_policy' && JSON.stringify(current[key]) !== JSON.stringify(wanted[key]));
}
