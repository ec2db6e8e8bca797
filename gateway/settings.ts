// Settings of the gateway from the environment. Every variable of ours starts with SOUK_, so that nothing injected by a
// platform can change them by accident (REDIS_URL is the exception everybody expects).
import { TrustedProxies } from './address.ts';
import { Origins } from './cross-site.ts';

export interface GatewaySettings {
  readonly port: number;
  readonly host: string;
  readonly proxies: TrustedProxies;
  readonly origins: Origins;
  /** False switches the limits off, for load tests. */
  readonly rateLimits: boolean;
  readonly redisUrl: string | undefined;
  /** Which requests are logged: all, or only those that failed on our side. */
  readonly accessLog: 'all' | 'errors';
  /** Milliseconds that requests in flight get to end after SIGTERM. */
  readonly drainMs: number;
  /** Where views are kept, in words for operators. */
  readonly views: string;
  /** Folder of the node's data; keys are in it unless they are given by a variable. */
  readonly directory: string;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** @throws one line naming the variable when a value is not usable */
export function gatewaySettings(env: Environment): GatewaySettings {
  return {
    port: whole(env, 'SOUK_PORT', 3000),
    host: env.SOUK_HOST ?? '0.0.0.0',
    proxies: new TrustedProxies(env.SOUK_TRUSTED_PROXIES),
    origins: new Origins(env.SOUK_ORIGINS),
    rateLimits: oneOf(env, 'SOUK_RATE_LIMIT', ['on', 'off']) === 'on',
    redisUrl: env.REDIS_URL || undefined,
    accessLog: oneOf(env, 'SOUK_ACCESS_LOG', ['all', 'errors']),
    drainMs: whole(env, 'SOUK_DRAIN_MS', 10_000),
    views: env.MONGO_URL ? 'MongoDB' : 'NeDB in memory',
    directory: env.SOUK_DATA ?? 'data',
  };
}

/** A whole number, or the default when the variable is not set. */
export function whole(env: Environment, name: string, otherwise: number): number {
  const given = env[name];
  if (given === undefined || given === '') return otherwise;
  if (!/^\d{1,9}$/.test(given)) throw new Error(`${name}: "${given}" is not a whole number`);
  return Number(given);
}

function oneOf<const T extends string>(env: Environment, name: string, choices: readonly [T, ...T[]]): T {
  const given = env[name];
  if (given === undefined || given === '') return choices[0];
  const chosen = choices.find((choice) => choice === given);
  if (!chosen) throw new Error(`${name}: "${given}" is none of ${choices.join(', ')}`);
  return chosen;
}
