// Opening, refreshing and ending sessions. An account lists its sessions and a session knows its tokens; a refresh needs
// both to agree, so that either side alone can end it.
import type { Origin } from '../../mixins/meta.ts';
import { signAccessToken } from '../../mixins/tokens/access.ts';
import { type AccountState, accountOf } from './account.state.ts';
import { accountErrors } from './accounts.errors.contract.ts';
import type { Session, SignedIn } from './accounts.schema.contract.ts';
import { purge, trim } from './erasure.ts';
import type { Host } from './host.ts';
import { makeRefreshToken, type RefreshToken, readRefreshToken, remakeRefreshToken } from './refresh-token.ts';
import { expiryOf, isOpen, type SessionState, sessionOf } from './session.ts';

const DEVICE_LENGTH = 200;

function tokensFor(host: Host, account: AccountState, session: SessionState, refresh: RefreshToken): SignedIn {
  const who = { account: account.id, session: session.id, role: account.role };
  const { token, expiresAt } = signAccessToken(host.keys, who, host.node.now());
  return {
    account: accountOf(account),
    accessToken: token,
    expiresAt,
    refreshToken: refresh.text,
    refreshExpiresAt: expiryOf(session),
  };
}

/** Starts the session that the account has just listed, and hands out its first tokens. */
export async function startSession(host: Host, account: AccountState, sessionId: string, origin: Origin): Promise<SignedIn> {
  const { client } = origin.meta;
  const device = (client?.userAgent ?? '').replace(/\p{Cc}/gu, ' ').slice(0, DEVICE_LENGTH);
  const token = makeRefreshToken(host.keys, sessionId, 1);
  const input = { accountId: account.id, device, ip: client?.ip ?? '', hash: token.hash };
  const { state } = await host.sessions.send(sessionId, 'open', input, origin);
  const { state: now } = await host.accounts.read(account.id);
  if (!now.sessions.includes(sessionId)) {
    // The account was erased or blocked in between: nothing of this session may stay behind.
    await purge(host, 'sessions', sessionId);
    throw accountErrors('SESSION_ENDED');
  }
  return tokensFor(host, now, state, token);
}

/**
 * Exchanges a refresh token. The token before is answered with the present one for a few seconds, for parallel tabs;
 * later its use ends the session. Throws SESSION_ENDED, ACCOUNT_BLOCKED.
 */
export async function refreshSession(host: Host, text: string, origin: Origin): Promise<SignedIn> {
  const token = readRefreshToken(host.keys, text);
  if (!token) throw accountErrors('SESSION_ENDED');
  const account = await accountOfSession(host, token.sessionId);
  const next = makeRefreshToken(host.keys, token.sessionId, token.generation + 1);
  const { state, events } = await host.sessions.send(token.sessionId, 'rotate', { given: token.hash, next: next.hash }, origin);
  if (state.status !== 'open') throw accountErrors('SESSION_ENDED');
  if (events.length > 0) return tokensFor(host, account, state, next);
  const present = remakeRefreshToken(host.keys, state.id, state.generation, state.hash, token.kid);
  if (!present) throw accountErrors('SESSION_ENDED');
  return tokensFor(host, account, state, present);
}

async function accountOfSession(host: Host, sessionId: string): Promise<AccountState> {
  const { state: session } = await host.sessions.read(sessionId);
  if (!isOpen(session, host.node.now())) throw accountErrors('SESSION_ENDED');
  const { state: account } = await host.accounts.read(session.accountId);
  if (account.status === 'blocked') throw accountErrors('ACCOUNT_BLOCKED');
  if (!account.sessions.includes(sessionId)) throw accountErrors('SESSION_ENDED');
  return account;
}

/** Ends a session for good; nothing happens when it has ended before. A reaction tidies up after it. */
export async function endSession(host: Host, sessionId: string, reason: string, origin: Origin): Promise<void> {
  await host.sessions.send(sessionId, 'revoke', { reason }, origin);
}

/** Keeps of an ended session only that it ended, not where it was opened from. */
export async function forgetSession(host: Host, accountId: string, sessionId: string, origin: Origin): Promise<void> {
  await trim(host, sessionId);
  await host.accounts.send(accountId, 'closeSession', { sessionId }, origin);
}

/** The open sessions of an account, latest use first. */
export async function listSessions(host: Host, account: AccountState, current: string): Promise<Session[]> {
  const states = await Promise.all(account.sessions.map(async (id) => (await host.sessions.read(id)).state));
  return states
    .filter((state) => isOpen(state, host.node.now()))
    .map((state) => sessionOf(state, current))
    .sort((a, b) => b.usedAt - a.usedAt);
}
