// `/api/status`: what runs where and how far everybody has read the log. Everyone gets a summary, admins also where it runs.
import type { ServiceBroker } from 'moleculer';
import { nodeOf } from '../mixins/node.ts';
import { type ReactionLag, reactionLags } from '../mixins/reaction/lag.ts';
import type { Health } from './health.ts';
import type { Limiter } from './rate-limit.ts';

export interface StreamStatus {
  readonly stream: string;
  readonly last: number;
  readonly messages: number;
  /** Messages that this node has still to read; absent when nothing here follows the stream. */
  readonly lag?: number;
}

export interface Status {
  readonly status: 'ok' | 'degraded';
  readonly reasons: readonly string[];
  readonly nodes: number;
  readonly services: readonly { readonly name: string; readonly nodes: number }[];
  readonly streams: readonly StreamStatus[];
  /** How far every reaction of the shop is behind. */
  readonly reactions: readonly ReactionLag[];
  readonly engines: Readonly<Record<string, string>>;
  readonly detail?: object;
}

type LogStatus = Pick<Status, 'streams' | 'reactions'>;

interface NodeInfo {
  readonly id: string;
  readonly available: boolean;
  readonly hostname: string;
  readonly cpu: number | null;
  readonly local: boolean;
  readonly client: { readonly version: string };
  readonly services?: readonly { readonly name: string }[];
}

const KEEP_MS = 1_000;

export class StatusReport {
  readonly #broker: ServiceBroker;
  readonly #health: Health;
  readonly #limiter: () => Limiter | undefined;
  readonly #views: string;
  #log: { at: number; found: Promise<LogStatus> } | undefined;

  constructor(broker: ServiceBroker, health: Health, limiter: () => Limiter | undefined, views: string) {
    this.#broker = broker;
    this.#health = health;
    this.#limiter = limiter;
    this.#views = views;
  }

  async read(forAdmin: boolean, now = Date.now()): Promise<Status> {
    const { reasons } = await this.#health.readiness(now);
    const nodes = this.#nodes().filter((node) => node.available);
    const limiter = this.#limiter()?.state();
    const limits = limiter ? `${limiter.engine}${limiter.degraded ? ' (degraded: each gateway counts for itself)' : ''}` : 'off';
    const degraded = limiter?.degraded ? [...reasons, 'rate limits are not shared'] : reasons;
    return {
      status: degraded.length === 0 ? 'ok' : 'degraded',
      reasons: degraded,
      nodes: nodes.length,
      services: countServices(nodes),
      ...(await this.#readLog(now)),
      engines: { log: `nats-server ${nodeOf(this.#broker).log.features.version}`, views: this.#views, limits },
      ...(forAdmin ? { detail: this.#detail(nodes) } : {}),
    };
  }

  #nodes(): readonly NodeInfo[] {
    return this.#broker.registry.getNodeList({ onlyAvailable: false, withServices: true }) as unknown as readonly NodeInfo[];
  }

  #detail(nodes: readonly NodeInfo[]): object {
    const { rss, heapUsed } = process.memoryUsage();
    return {
      node: this.#broker.nodeID,
      uptime: Math.round(process.uptime()),
      // Where metrics and probes of this node are served.
      adminPort: adminPortOf(this.#broker),
      memory: { rss, heapUsed },
      nodes: nodes.map(({ id, hostname, cpu, client, services = [] }) => ({
        id,
        hostname,
        cpu,
        moleculer: client.version,
        services: services.map(({ name }) => name).filter(isOurs),
      })),
    };
  }

  #readLog(now: number): Promise<LogStatus> {
    if (!this.#log || now - this.#log.at > KEEP_MS) {
      // Without an answer the lists are empty and the reasons above say why.
      this.#log = { at: now, found: readLog(this.#broker).catch(() => ({ streams: [], reactions: [] })) };
    }
    return this.#log.found;
  }
}

async function readLog(broker: ServiceBroker): Promise<LogStatus> {
  const [streams, reactions] = await Promise.all([readStreams(broker), reactionLags(nodeOf(broker).log)]);
  return { streams, reactions };
}

function adminPortOf(broker: ServiceBroker): number | undefined {
  const admin: unknown = broker.getLocalService('admin');
  return (admin as { listening(): number | undefined } | undefined)?.listening();
}

const isOurs = (name: string): boolean => !name.startsWith('$') && !name.startsWith('view-');

function countServices(nodes: readonly NodeInfo[]): { name: string; nodes: number }[] {
  const counts = new Map<string, number>();
  for (const { services = [] } of nodes) {
    for (const { name } of services) if (isOurs(name)) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts].map(([name, count]) => ({ name, nodes: count })).sort((a, b) => a.name.localeCompare(b.name));
}

async function readStreams(broker: ServiceBroker): Promise<StreamStatus[]> {
  const node = nodeOf(broker);
  const positions = node.positions();
  const streams: StreamStatus[] = [];
  for await (const { config, state } of node.log.jsm.streams.list()) {
    const position = positions[config.name];
    const lag = position === undefined ? {} : { lag: Math.max(0, state.last_seq - position) };
    streams.push({ stream: config.name, last: state.last_seq, messages: state.messages, ...lag });
  }
  return streams.sort((a, b) => a.stream.localeCompare(b.stream));
}
