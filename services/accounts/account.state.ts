// What an account is after its events: the state that commands decide on and its two projections.
import type { EventOf } from '../../mixins/contract.ts';
import type { Role } from '../../mixins/principal.ts';
import { ACCESS_TOKEN_MS } from '../../mixins/tokens/access.ts';
import type { AccessFacts } from '../../mixins/tokens/revocations.ts';
import type { accounts } from './accounts.contract.ts';
import type { Account, Address, AddressBook } from './accounts.schema.contract.ts';

export interface AccountState {
  readonly id: string;
  readonly status: 'none' | 'active' | 'blocked' | 'erasing' | 'erased';
  readonly email: string;
  readonly name: string;
  readonly phone: string | null;
  readonly role: Role;
  /** Set by the first change of role: tokens signed before it carry another one. */
  readonly roleChanged: boolean;
  /** Null for accounts that nobody can sign in to, such as imported ones. */
  readonly passwordHash: string | null;
  readonly addresses: readonly Address[];
  readonly defaultAddressId: string | null;
  /** Sessions that may be refreshed, oldest first. */
  readonly sessions: readonly string[];
  /** Sessions that ended together, kept until every access token of theirs has expired. */
  readonly ended: readonly { readonly id: string; readonly at: number }[];
  readonly keys: readonly string[];
  readonly createdAt: number;
}

/** Events that concern nobody else; the hash is the reason why they are not in the contract. */
type PrivateEvent =
  | { readonly type: 'account.passwordSet'; readonly data: { readonly hash: string } }
  | { readonly type: 'account.sessionOpened'; readonly data: { readonly sessionId: string } }
  | { readonly type: 'account.sessionClosed'; readonly data: { readonly sessionId: string } }
  | { readonly type: 'account.keyAdded'; readonly data: { readonly keyId: string } }
  | { readonly type: 'account.keyRemoved'; readonly data: { readonly keyId: string } };

export type AccountEvent = Extract<EventOf<typeof accounts>, { type: `account.${string}` }> | PrivateEvent;

const KEEP_ENDED_MS = ACCESS_TOKEN_MS + 120_000;

export function noAccount(id: string): AccountState {
  return {
    id,
    status: 'none',
    email: '',
    name: '',
    phone: null,
    role: 'customer',
    roleChanged: false,
    passwordHash: null,
    addresses: [],
    defaultAddressId: null,
    sessions: [],
    ended: [],
    keys: [],
    createdAt: 0,
  };
}

export function evolveAccount(state: AccountState, event: AccountEvent): AccountState {
  const { type, data } = event;
  switch (type) {
    case 'account.signedUp':
      return { ...state, status: 'active', email: data.email, name: data.name, role: data.role, createdAt: data.at };
    case 'account.profileChanged':
      return { ...state, name: data.name, phone: data.phone };
    case 'account.addressSaved':
      return withAddress(state, data.address);
    case 'account.addressRemoved':
      return withoutAddress(state, data.addressId);
    case 'account.defaultAddressChosen':
      return { ...state, defaultAddressId: data.addressId };
    case 'account.passwordSet':
      return { ...state, passwordHash: data.hash };
    case 'account.passwordChanged':
      return state;
    case 'account.roleChanged':
      return { ...state, role: data.to, roleChanged: true };
    case 'account.blocked':
      return { ...state, status: 'blocked' };
    case 'account.unblocked':
      return { ...state, status: 'active' };
    case 'account.sessionOpened':
      return { ...state, sessions: [...state.sessions, data.sessionId] };
    case 'account.sessionClosed':
      return { ...state, sessions: state.sessions.filter((id) => id !== data.sessionId) };
    case 'account.sessionsEnded':
      return withoutSessions(state, data.sessionIds, data.at);
    case 'account.keyAdded':
      return { ...state, keys: [...state.keys, data.keyId] };
    case 'account.keyRemoved':
      return { ...state, keys: state.keys.filter((id) => id !== data.keyId) };
    case 'account.erasureStarted':
      return { ...state, status: 'erasing' };
    case 'account.erased':
      return { ...noAccount(state.id), status: 'erased' };
    default:
      return event satisfies never;
  }
}

function withAddress(state: AccountState, address: Address): AccountState {
  const known = state.addresses.some(({ id }) => id === address.id);
  const addresses = known ? state.addresses.map((one) => (one.id === address.id ? address : one)) : [...state.addresses, address];
  return { ...state, addresses, defaultAddressId: state.defaultAddressId ?? address.id };
}

function withoutAddress(state: AccountState, addressId: string): AccountState {
  const addresses = state.addresses.filter(({ id }) => id !== addressId);
  const defaultAddressId = state.defaultAddressId === addressId ? (addresses[0]?.id ?? null) : state.defaultAddressId;
  return { ...state, addresses, defaultAddressId };
}

function withoutSessions(state: AccountState, ids: readonly string[], at: number): AccountState {
  const recent = state.ended.filter((one) => one.at > at - KEEP_ENDED_MS);
  return {
    ...state,
    sessions: state.sessions.filter((id) => !ids.includes(id)),
    ended: [...recent, ...ids.map((id) => ({ id, at }))],
  };
}

/** What every node must know to refuse tokens of this account. */
export function accessOfAccount(state: AccountState): AccessFacts {
  return {
    denied: state.status !== 'active',
    ended: state.ended.map(({ id }) => id),
    ...(state.roleChanged ? { role: state.role } : {}),
  };
}

/** The account as others see it; only for accounts that exist. */
export function accountOf({ id, email, name, phone, role, status, createdAt }: AccountState): Account {
  return { id, email, name, phone, role, status: status === 'blocked' ? 'blocked' : 'active', createdAt };
}

export function addressBookOf({ addresses, defaultAddressId }: AccountState): AddressBook {
  return { addresses: [...addresses], defaultAddressId };
}
