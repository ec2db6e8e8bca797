// The broker of every Souk node. `npm start`, `npm run node`, tests and the REPL all build it from here;
// Moleculer's own runner can use the default export.
import { hostname } from 'node:os';
import type { BrokerOptions } from 'moleculer';
import type { ConnectionOptions } from 'nats';
import { nodeMetrics } from './gateway/metrics.ts';
import type { Contract } from './mixins/contract.ts';
import type { StreamDeclaration } from './mixins/log/streams.ts';
import { contractMiddleware } from './mixins/middlewares/contracts.ts';
import { nodeMiddleware } from './mixins/middlewares/node.ts';
import type { ViewStore } from './mixins/node.ts';
import { natsConnection } from './scripts/engines/nats-url.ts';
import { type LogSettings, pinoOptions, prettyDestination } from './scripts/runtime/logging.ts';
import { choice, wholeNumber } from './scripts/runtime/settings.ts';
import { contracts } from './services/contracts.ts';

export interface NodeSettings {
  readonly nodeID: string;
  readonly connection: ConnectionOptions;
  readonly log: LogSettings;
  /** Copies of every stream; 3 in a cluster. */
  readonly replicas: number;
  /** MongoDB for the views; they are in memory without it. */
  readonly mongoUrl?: string;
  /** False for a node that only calls others, such as the REPL: it opens no log and declares no streams. */
  readonly hosting: boolean;
}

/** A domain with events owns the stream of its name, unless its contract declares otherwise. */
function streamsOf({ name, events, streams }: Contract): readonly StreamDeclaration[] {
  return streams ?? (Object.keys(events).length > 0 ? [{ name: name.toUpperCase() }] : []);
}

/** The streams of the whole shop. */
export const streams: readonly StreamDeclaration[] = contracts.flatMap(streamsOf);

/** Longer than any action runs: how long a stopping service waits for the calls it still works on. */
const DRAIN_MS = 15_000;

export function brokerOptions(
  { nodeID, connection, log, replicas, hosting }: NodeSettings,
  viewStore?: ViewStore,
): BrokerOptions {
  const node = { log: { connection, replicas }, streams, ...(viewStore ? { viewStore } : {}) };
  return {
    namespace: 'souk',
    nodeID,
    logger: {
      type: 'Pino',
      options: {
        level: log.level,
        pino: { options: pinoOptions(log), ...(log.format === 'pretty' ? { destination: prettyDestination } : {}) },
      },
    },
    transporter: { type: 'NATS', options: { ...connection, name: nodeID } },
    requestTimeout: 10_000,
    heartbeatInterval: 2,
    heartbeatTimeout: 6,
    tracking: { enabled: true, shutdownTimeout: DRAIN_MS },
    registry: { strategy: 'RoundRobin', preferLocal: true },
    // Its answer holds the NATS password.
    internalServices: { $node: { actions: { options: false } } },
    metrics: false,
    tracing: false,
    // The launcher drains in an order of its own.
    skipProcessEventRegistration: true,
    // The last one is the outermost: its counts include refusals by the contract.
    middlewares: hosting ? [nodeMiddleware(node), contractMiddleware(contracts), nodeMetrics.middleware()] : [],
  };
}

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

/** Settings from the environment. Our variables start with SOUK_, because Moleculer's runner reads every option's name from it as well. */
export function nodeSettings(env: NodeJS.ProcessEnv, natsUrl: string, level: LogSettings['level'] = 'info'): NodeSettings {
  return {
    nodeID: env.SOUK_NODE_ID || `${hostname()}-${process.pid}`,
    connection: natsConnection(natsUrl, env.SOUK_NATS_CREDS),
    log: {
      level: choice(env, 'SOUK_LOG_LEVEL', LEVELS, level),
      format: choice(env, 'SOUK_LOG_FORMAT', ['json', 'pretty'], process.stderr.isTTY ? 'pretty' : 'json'),
    },
    replicas: wholeNumber(env, 'SOUK_REPLICAS', 1, 1, 5),
    ...(env.MONGO_URL ? { mongoUrl: env.MONGO_URL } : {}),
    hosting: true,
  };
}

export default (): BrokerOptions => brokerOptions(nodeSettings(process.env, process.env.NATS_URL ?? 'nats://127.0.0.1:4222'));
