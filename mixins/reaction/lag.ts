// How far every reaction of the shop is behind the log, whichever node runs it: what operators and dashboards ask.
import type { ConsumerInfo } from 'nats';
import type { Log } from '../log/log.ts';

export interface ReactionLag {
  readonly reaction: string;
  /** Messages that nobody has handled yet; those of no concern to the reaction included. */
  readonly lag: number;
}

/** Every durable consumer, summed by reaction: the groups of an ordered one and the partitions of a stream count as one. */
export async function reactionLags(log: Pick<Log, 'jsm'>): Promise<ReactionLag[]> {
  const lags = new Map<string, number>();
  for await (const { config } of log.jsm.streams.list()) {
    for await (const info of log.jsm.consumers.list(config.name)) add(lags, info);
  }
  return [...lags].map(([reaction, lag]) => ({ reaction, lag })).sort((a, b) => a.reaction.localeCompare(b.reaction));
}

function add(lags: Map<string, number>, { config, num_pending, num_ack_pending }: ConsumerInfo): void {
  const { durable_name: durable } = config;
  // Followers of nodes come and go with them and have no durable name.
  if (durable === undefined) return;
  const reaction = durable.replace(/-\d$/, '');
  lags.set(reaction, (lags.get(reaction) ?? 0) + num_pending + num_ack_pending);
}
