// Forgetting a person: every message of the account, its sessions, keys and its claim on the address is overwritten in the
// stream; what stays is one tombstone without any personal data. Driven level by level, so a crash in between is harmless.
import type { Origin } from '../../mixins/meta.ts';
import { contracts } from '../contracts.ts';
import { claimId } from './claim.ts';
import type { Host } from './host.ts';

const STREAM = 'ACCOUNTS';

/** Removes an actor without a trace. */
export async function purge(host: Host, kind: 'sessions' | 'apiKeys' | 'claims', id: string): Promise<void> {
  await overwrite(host, await sequencesOf(host, id));
  host[kind].forget(id);
}

/** Removes every message of an actor but the last. */
export async function trim(host: Host, id: string): Promise<void> {
  const sequences = await sequencesOf(host, id);
  await overwrite(host, sequences.slice(0, -1));
}

async function sequencesOf(host: Host, id: string): Promise<number[]> {
  const sequences: number[] = [];
  for await (const { seq } of host.node.log.steps(STREAM, id)) sequences.push(seq);
  return sequences;
}

/** A purge would only mark messages as gone and leave their bytes in the file; deleting one by one overwrites them. */
async function overwrite({ node: { log } }: Host, sequences: readonly number[]): Promise<void> {
  for (const seq of sequences) {
    try {
      await log.jsm.streams.deleteMessage(STREAM, seq, true);
    } catch (error) {
      // Another node may be doing the same.
      if (await log.at(STREAM, seq)) throw error;
    }
  }
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
