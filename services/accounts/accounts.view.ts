// The back office's list of accounts. Erased accounts are gone from it, secrets never get into it.
import { defineView, type Where } from '../../mixins/view/definition.ts';
import { type AccountState, accountOf } from './account.state.ts';
import type { Account } from './accounts.schema.contract.ts';

export interface AccountDoc extends Account {
  /** E-mail address and name, lower case. */
  readonly text: string;
}

export const accountsView = defineView<AccountDoc>({
  name: 'accounts',
  stream: 'ACCOUNTS',
  indexes: ['createdAt'],
  project({ id, body }) {
    if (!id.startsWith('acc_')) return undefined;
    const state = body.state as AccountState;
    if (state.status === 'erasing' || state.status === 'erased') return 'delete';
    const account = accountOf(state);
    return { ...account, text: `${account.email} ${account.name}`.toLowerCase() };
  },
});

export interface AccountFilter {
  readonly q?: string | undefined;
  readonly role?: string | undefined;
  readonly status?: string | undefined;
}

/** The store's condition for a filter; what was typed is searched for as it stands. */
export function whereOf({ q, role, status }: AccountFilter): Where {
  return {
    ...(q ? { text: { $regex: new RegExp(q.toLowerCase().replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')) } } : {}),
    ...(role ? { role } : {}),
    ...(status ? { status } : {}),
  };
}

export function rowOf({ text: _, ...account }: AccountDoc): Account {
  return account;
}
