// Signing up and in: from an e-mail address and a password to an open session.
import type { Meta, Origin } from '../../mixins/meta.ts';
import type { Role } from '../../mixins/principal.ts';
import type { AccountState } from './account.state.ts';
import { accountErrors } from './accounts.errors.contract.ts';
import type { SignedIn } from './accounts.schema.contract.ts';
import { claimId } from './claim.ts';
import { normaliseEmail } from './email.ts';
import type { Host } from './host.ts';
import { startSession } from './sessions.ts';

const addressOf = (meta: Meta): string => meta.client?.ip ?? '';

/** Opens an account. Throws EMAIL_TAKEN, SIGN_IN_BUSY. */
export async function signUp(
  host: Host,
  input: { readonly email: string; readonly password: string; readonly name: string },
  origin: Origin,
): Promise<SignedIn> {
  const { email, password, name } = input;
  const known = await accountByEmail(host, email);
  if (known && known.status !== 'none') throw accountErrors('EMAIL_TAKEN');
  const hash = await host.passwords.hash(password);
  const accountId = await claim(host, email, host.node.newId('acc'), origin);
  const sessionId = host.node.newId('ses');
  const { state } = await host.accounts.send(accountId, 'signUp', { email, name, role: 'customer', hash, sessionId }, origin);
  return startSession(host, state, sessionId, origin);
}

/**
 * Signs in. An unknown address and a wrong password give the same answer after the same work.
 * Throws WRONG_CREDENTIALS, TOO_MANY_ATTEMPTS, ACCOUNT_BLOCKED, SIGN_IN_BUSY.
 */
export async function signIn(
  host: Host,
  input: { readonly email: string; readonly password: string },
  origin: Origin,
): Promise<SignedIn> {
  const { email, password } = input;
  const account = await proven(host, normaliseEmail(email), password, origin, async () => {
    // An address without account costs the same two reads.
    return (await accountByEmail(host, email)) ?? (await host.accounts.read('acc_nobody')).state;
  });
  if (!account || (account.status !== 'active' && account.status !== 'blocked')) throw accountErrors('WRONG_CREDENTIALS');
  const sessionId = host.node.newId('ses');
  const { state } = await host.accounts.send(account.id, 'openSession', { sessionId }, origin);
  return startSession(host, state, sessionId, origin);
}

/** Asks an account that is signed in for its password again. Throws WRONG_PASSWORD, TOO_MANY_ATTEMPTS, SIGN_IN_BUSY. */
export async function confirmPassword(host: Host, accountId: string, password: string, origin: Origin): Promise<void> {
  const read = async () => (await host.accounts.read(accountId)).state;
  if (!(await proven(host, accountId, password, origin, read))) throw accountErrors('WRONG_PASSWORD');
}

/** The account when the password is its own; a try that was right or never made is taken back. */
async function proven(
  host: Host,
  who: string,
  password: string,
  { meta }: Origin,
  read: () => Promise<AccountState>,
): Promise<AccountState | undefined> {
  const attempt = host.attempts.begin(who, addressOf(meta));
  let wrong = false;
  try {
    const account = await read();
    wrong = !(await host.passwords.verify(password, account.passwordHash));
    return wrong ? undefined : account;
  } finally {
    if (!wrong) attempt.forgive();
  }
}

async function accountByEmail(host: Host, email: string): Promise<AccountState | undefined> {
  const { state: owner } = await host.claims.read(claimId(email));
  return owner.accountId === null ? undefined : (await host.accounts.read(owner.accountId)).state;
}

/** The account that owns the address now: the proposed one, or whichever came first. */
async function claim(host: Host, email: string, proposed: string, origin: Origin): Promise<string> {
  const { state } = await host.claims.send(claimId(email), 'claim', { accountId: proposed }, origin);
  return state.accountId ?? proposed;
}

interface Ensured {
  readonly email: string;
  readonly password?: string | undefined;
  readonly name: string;
  readonly role: Role;
  readonly id?: string | undefined;
}

/** Makes sure that an account exists; hashes a password only when it will be stored. */
export async function ensureAccount(
  host: Host,
  input: Ensured,
  origin: Origin,
): Promise<{ state: AccountState; created: boolean }> {
  const { email, password, name, role, id } = input;
  const unused = id !== undefined && (await host.accounts.read(id)).version === 0 ? id : host.node.newId('acc');
  const accountId = await claim(host, email, unused, origin);
  const { state: before } = await host.accounts.read(accountId);
  const hash = password !== undefined && before.passwordHash === null ? await host.passwords.hash(password) : null;
  const { state, events } = await host.accounts.send(accountId, 'ensure', { email, name, role, hash, sessionId: null }, origin);
  return { state, created: events.some(({ type }) => type === 'account.signedUp') };
}
