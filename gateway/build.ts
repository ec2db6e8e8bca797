// Puts the parts of a gateway together from its environment and its node.
import type { ServiceBroker } from 'moleculer';
import type { Contract } from '../mixins/contract.ts';
import { openKeys } from '../mixins/tokens/keys.file.ts';
import { type AccountPrincipal, createVerifier, type Verifier } from '../mixins/tokens/verifier.ts';
import { AccessLog, requestsLogged } from './access-log.ts';
import type { Gate } from './admission.ts';
import { Gateway } from './gateway.ts';
import { Identities } from './identity.ts';
import { nodeMetrics } from './metrics.ts';
import { joinCatalogues, Problems } from './problem.ts';
import { RedisLimiter } from './rate-limit.redis.ts';
import { Buckets } from './rate-limit.ts';
import { RouteTable, routesOf } from './routing.ts';
import { Sessions } from './sessions.ts';
import { type Environment, gatewaySettings } from './settings.ts';

export interface BuiltGateway {
  readonly gateway: Gateway;
  readonly verifier: Verifier;
  /** Connects what the environment asks for. @throws one line naming the variable */
  start(): Promise<void>;
  stop(): Promise<void>;
}

export function buildGateway(broker: ServiceBroker, contracts: readonly Contract[], env: Environment): BuiltGateway {
  const settings = gatewaySettings(env);
  const logger = broker.getLogger('gateway');
  const keys = openKeys({ env, directory: settings.directory });
  const resolveApiKey = (apiKey: string) => broker.call<AccountPrincipal, object>('accounts.authenticate', { apiKey });
  const verifier = createVerifier({ keys, resolveApiKey });
  const identities = new Identities(keys, verifier);
  const limiter = settings.rateLimits ? new Buckets() : undefined;
  const gate: Gate = { keys, identities, origins: settings.origins, limiter };
  const loud = requestsLogged(levelOf(broker));
  const accessLog = new AccessLog({ what: loud === 'all' ? settings.accessLog : loud, nodeID: broker.nodeID });
  const gateway = new Gateway({
    broker,
    settings,
    table: new RouteTable(routesOf(contracts)),
    problems: new Problems(joinCatalogues(contracts)),
    gate,
    sessions: new Sessions(broker, identities, logger),
    metrics: nodeMetrics,
    logger,
    accessLog,
  });
  let redis: RedisLimiter | undefined;
  return {
    gateway,
    verifier,
    async start() {
      if (!settings.rateLimits || settings.redisUrl === undefined) return;
      redis = await RedisLimiter.connect(settings.redisUrl, logger);
      gate.limiter = redis;
    },
    async stop() {
      redis?.close();
      accessLog.close();
    },
  };
}

/** The level of the node's own log lines. */
function levelOf(broker: ServiceBroker): unknown {
  const { logger } = broker.options;
  if (logger === false) return 'silent';
  const options = typeof logger === 'object' && logger !== null && 'options' in logger ? logger.options : undefined;
  return typeof options === 'object' && options !== null && 'level' in options ? options.level : undefined;
}
