// Forgetting a person: every message of the account, its sessions, keys and its claim on the address is purged from the
// stream; what stays is one tombstone without any personal data. Driven level by level, so a crash in between is harmless.
import { subjectOf } from '../../mixins/log/subject.ts';
import type { Origin } from '../../mixins/meta.ts';
import { contracts } from '../contracts.ts';
import { claimId } from './claim.ts';
import type { Host } from './host.ts';

const STREAM = 'ACCOUNTS';

/** Removes an actor without a trace. */
export async function purge(host: Host, kind: 'sessions' | 'apiKeys' | 'claims', id: string): Promise<void> {
  await host.node.log.purge(STREAM, id);
  host[kind].forget(id);
}

/** Removes every message of an actor but the last. */
export async function trim(host: Host, id: string): Promise<void> {
  await host.node.log.jsm.streams.purge(STREAM, { filter: subjectOf(STREAM, id), keep: 1 });
}

/**
 * Drives an erasure that was started to its end; does nothing for an account that nobody asked to forget.
 * The address is free again afterwards.
 */
export async function finishErasure(host: Host, accountId: string, origin: Origin): Promise<void> {
  const { state } = await host.accounts.read(accountId);
  if (state.status === 'erasing') {
    await eraseElsewhere(host, accountId, origin);
    const sessions = [...state.sessions, ...state.ended.map(({ id }) => id)];
    for (const id of sessions) await purge(host, 'sessions', id);
    for (const id of state.keys) await purge(host, 'apiKeys', id);
    await purge(host, 'claims', claimId(state.email));
    await host.accounts.send(accountId, 'finishErasure', {}, origin);
  }
  if (state.status === 'erasing' || state.status === 'erased') await trim(host, accountId);
}

const domainsWith = (action: 'eraseFor' | 'exportFor'): string[] =>
  contracts.filter(({ actions }) => action in actions).map(({ name }) => name);

/** Every domain that keeps personal data of its own says so by an action `eraseFor`. */
async function eraseElsewhere(host: Host, accountId: string, origin: Origin): Promise<void> {
  for (const domain of domainsWith('eraseFor')) {
    await host.node.broker.call(`${domain}.eraseFor`, { accountId }, { meta: origin.meta });
  }
}

/** What other domains know about an account, by domain: each that has an action `exportFor`. */
export async function exportElsewhere(host: Host, accountId: string, origin: Origin): Promise<Record<string, unknown>> {
  const ask = async (domain: string): Promise<[string, unknown]> => {
    return [domain, await host.node.broker.call(`${domain}.exportFor`, { accountId }, { meta: origin.meta })];
  };
  return Object.fromEntries(await Promise.all(domainsWith('exportFor').map(ask)));
}
