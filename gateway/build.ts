// Puts the parts of a gateway together from its environment and its node.
import type { ServiceBroker } from 'moleculer';
import type { Contract } from '../mixins/contract.ts';
import { openKeys } from '../mixins/tokens/keys.file.ts';
import { type AccountPrincipal, createVerifier, type Verifier } from '../mixins/tokens/verifier.ts';
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
  const gateway = new Gateway({
    broker,
    settings,
    table: new RouteTable(routesOf(contracts)),
    problems: new Problems(joinCatalogues(contracts)),
    gate,
    sessions: new Sessions(broker, identities, logger),
    metrics: nodeMetrics,
    logger,
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
    },
  };
}
