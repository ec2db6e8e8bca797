// An account: who somebody is, where they are signed in, what they may do. Pure rules; the service supplies hashes and ids.
import { type DecideContext, defineActor } from '../../mixins/actor/definition.ts';
import type { Role } from '../../mixins/principal.ts';
import { type AccountEvent, type AccountState, accessOfAccount, evolveAccount, noAccount } from './account.state.ts';
import { accountErrors } from './accounts.errors.contract.ts';
import type { Address } from './accounts.schema.contract.ts';

export const MAX_ADDRESSES = 50;
export const MAX_KEYS = 20;
/** The oldest session ends when one more opens. */
export const MAX_SESSIONS = 30;

interface SignUp {
  readonly email: string;
  readonly name: string;
  readonly role: Role;
  readonly hash: string | null;
  readonly sessionId: string | null;
}

/** Refuses whatever needs an account that is there. */
function exists(state: AccountState): void {
  if (state.status === 'active' || state.status === 'blocked') return;
  throw accountErrors('ACCOUNT_NOT_FOUND');
}

/** Refuses whatever needs an account that may act. */
function mayAct(state: AccountState): void {
  exists(state);
  if (state.status === 'blocked') throw accountErrors('ACCOUNT_BLOCKED');
}

function signedUp(state: AccountState, input: SignUp, { now }: DecideContext): AccountEvent[] {
  const { email, name, role, hash, sessionId } = input;
  return [
    { type: 'account.signedUp', data: { accountId: state.id, email, name, role, at: now } },
    ...(hash === null ? [] : [{ type: 'account.passwordSet' as const, data: { hash } }]),
    ...(sessionId === null ? [] : [{ type: 'account.sessionOpened' as const, data: { sessionId } }]),
  ];
}

function endSessions(state: AccountState, ids: readonly string[], reason: string, now: number): AccountEvent[] {
  if (ids.length === 0) return [];
  return [{ type: 'account.sessionsEnded', data: { accountId: state.id, sessionIds: [...ids], reason, at: now } }];
}

function roleChanged(state: AccountState, to: Role, now: number): AccountEvent[] {
  if (state.role === to) return [];
  return [{ type: 'account.roleChanged', data: { accountId: state.id, from: state.role, to, at: now } }];
}

function knownAddress(state: AccountState, addressId: string): void {
  if (!state.addresses.some(({ id }) => id === addressId)) throw accountErrors('ADDRESS_NOT_FOUND');
}

export const accountActor = defineActor({
  stream: 'ACCOUNTS',
  initial: noAccount,
  evolve: evolveAccount,
  summary: (state: AccountState) => ({ access: accessOfAccount(state) }),
  decide: {
    /** Two racing sign-ups with one address meet here: the claim gave both the same account, its first step wins. */
    signUp(state: AccountState, input: SignUp, context): AccountEvent[] {
      if (state.status !== 'none') throw accountErrors('EMAIL_TAKEN');
      return signedUp(state, input, context);
    },
    /** For seeds and imports: makes the account or sees to its role, and to a password where it has none. */
    ensure(state: AccountState, input: SignUp, context): AccountEvent[] {
      if (state.status === 'none') return signedUp(state, input, context);
      exists(state);
      const password = input.hash !== null && state.passwordHash === null;
      return [
        ...roleChanged(state, input.role, context.now),
        ...(password ? [{ type: 'account.passwordSet' as const, data: { hash: input.hash } }] : []),
      ];
    },
    changeProfile(state: AccountState, input: { name?: string | undefined; phone?: string | null | undefined }): AccountEvent[] {
      mayAct(state);
      const { name = state.name, phone = state.phone } = input;
      if (name === state.name && phone === state.phone) return [];
      return [{ type: 'account.profileChanged', data: { accountId: state.id, name, phone } }];
    },
    addAddress(state: AccountState, { address }: { address: Address }): AccountEvent[] {
      mayAct(state);
      if (state.addresses.some(({ id }) => id === address.id)) return [];
      if (state.addresses.length >= MAX_ADDRESSES) throw accountErrors('ADDRESSES_FULL', undefined, { most: MAX_ADDRESSES });
      return [{ type: 'account.addressSaved', data: { accountId: state.id, address } }];
    },
    changeAddress(state: AccountState, { address }: { address: Address }): AccountEvent[] {
      mayAct(state);
      knownAddress(state, address.id);
      return [{ type: 'account.addressSaved', data: { accountId: state.id, address } }];
    },
    removeAddress(state: AccountState, { addressId }: { addressId: string }): AccountEvent[] {
      mayAct(state);
      if (!state.addresses.some(({ id }) => id === addressId)) return [];
      return [{ type: 'account.addressRemoved', data: { accountId: state.id, addressId } }];
    },
    chooseAddress(state: AccountState, { addressId }: { addressId: string }): AccountEvent[] {
      mayAct(state);
      knownAddress(state, addressId);
      if (state.defaultAddressId === addressId) return [];
      return [{ type: 'account.defaultAddressChosen', data: { accountId: state.id, addressId } }];
    },
    /** Every session but the one that asked ends in the same step: no moment where the old password's sessions live on. */
    changePassword(state: AccountState, { hash, keep }: { hash: string; keep: string }, { now }): AccountEvent[] {
      mayAct(state);
      return [
        { type: 'account.passwordSet', data: { hash } },
        { type: 'account.passwordChanged', data: { accountId: state.id, at: now } },
        ...endSessions(state, others(state, keep), 'password changed', now),
      ];
    },
    openSession(state: AccountState, { sessionId }: { sessionId: string }, { now }): AccountEvent[] {
      mayAct(state);
      if (state.sessions.includes(sessionId)) return [];
      const surplus = state.sessions.slice(0, Math.max(0, state.sessions.length + 1 - MAX_SESSIONS));
      return [{ type: 'account.sessionOpened', data: { sessionId } }, ...endSessions(state, surplus, 'too many sessions', now)];
    },
    /** Tidies up after a session that has been revoked. */
    closeSession(state: AccountState, { sessionId }: { sessionId: string }): AccountEvent[] {
      return state.sessions.includes(sessionId) ? [{ type: 'account.sessionClosed', data: { sessionId } }] : [];
    },
    endOtherSessions(state: AccountState, { keep }: { keep: string }, { now }): AccountEvent[] {
      mayAct(state);
      return endSessions(state, others(state, keep), 'signed out elsewhere', now);
    },
    addKey(state: AccountState, { keyId }: { keyId: string }): AccountEvent[] {
      mayAct(state);
      if (state.keys.includes(keyId)) return [];
      if (state.keys.length >= MAX_KEYS) throw accountErrors('API_KEYS_FULL', undefined, { most: MAX_KEYS });
      return [{ type: 'account.keyAdded', data: { keyId } }];
    },
    removeKey(state: AccountState, { keyId }: { keyId: string }): AccountEvent[] {
      return state.keys.includes(keyId) ? [{ type: 'account.keyRemoved', data: { keyId } }] : [];
    },
    block(state: AccountState, { reason }: { reason: string }, { now, by }): AccountEvent[] {
      exists(state);
      notOneself(state, by);
      if (state.status === 'blocked') return [];
      return [
        { type: 'account.blocked', data: { accountId: state.id, reason, at: now } },
        ...endSessions(state, state.sessions, 'account blocked', now),
      ];
    },
    unblock(state: AccountState, _input: object, { now }): AccountEvent[] {
      exists(state);
      return state.status === 'blocked' ? [{ type: 'account.unblocked', data: { accountId: state.id, at: now } }] : [];
    },
    setRole(state: AccountState, { role }: { role: Role }, { now, by }): AccountEvent[] {
      exists(state);
      notOneself(state, by);
      return roleChanged(state, role, now);
    },
    startErasure(state: AccountState, _input: object, { now }): AccountEvent[] {
      if (state.status === 'erasing' || state.status === 'erased') return [];
      exists(state);
      return [{ type: 'account.erasureStarted', data: { accountId: state.id, at: now } }];
    },
    finishErasure(state: AccountState, _input: object, { now }): AccountEvent[] {
      return state.status === 'erasing' ? [{ type: 'account.erased', data: { accountId: state.id, at: now } }] : [];
    },
  },
});

function others(state: AccountState, keep: string): string[] {
  return state.sessions.filter((id) => id !== keep);
}

/** An administrator who locks out or demotes themselves might be the last one. */
function notOneself(state: AccountState, by: string): void {
  if (by === state.id) throw accountErrors('OWN_ACCOUNT');
}
