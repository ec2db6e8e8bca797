// What the actions of accounts work with on one node: its actors, keys, password gate and attempt buckets.
import type { ServiceNode } from '../../mixins/service.ts';
import type { Keys } from '../../mixins/tokens/keys.ts';
import { accountActor } from './account.ts';
import { apiKeyActor } from './apikey.ts';
import { Attempts } from './attempts.ts';
import { claimActor } from './claim.ts';
import { Gate } from './gate.ts';
import { Passwords } from './password.ts';
import { sessionActor } from './session.ts';

/** Hashes computed at once, and sign-ins that may wait for their turn (about two seconds). */
const HASHES_AT_ONCE = 2;
const HASHES_WAITING = 100;

export type AccountNode = Pick<ServiceNode<unknown, unknown>, 'actors' | 'log' | 'logger' | 'now' | 'newId' | 'broker'>;

export function createHost(node: AccountNode, keys: Keys) {
  return {
    node,
    keys,
    accounts: node.actors(accountActor, 20_000),
    sessions: node.actors(sessionActor, 20_000),
    claims: node.actors(claimActor, 5_000),
    apiKeys: node.actors(apiKeyActor, 5_000),
    passwords: new Passwords(new Gate(HASHES_AT_ONCE, HASHES_WAITING)),
    attempts: new Attempts(node.now),
  };
}

export type Host = ReturnType<typeof createHost>;
