// One sign-in on one device. Its refresh token is good once: using it yields the next one. A token that was already used
// is either another tab of the same browser (within a short grace) or a thief, and then the session ends for both.
import { defineActor } from '../../mixins/actor/definition.ts';
import type { EventOf } from '../../mixins/contract.ts';
import type { AccessFacts } from '../../mixins/tokens/revocations.ts';
import type { accounts } from './accounts.contract.ts';
import { accountErrors } from './accounts.errors.contract.ts';
import type { Session } from './accounts.schema.contract.ts';

export const REFRESH_TOKEN_MS = 7 * 24 * 3_600_000;
/** The token before may be used again this long after its successor was made. */
export const GRACE_MS = 10_000;

export interface SessionState {
  readonly id: string;
  readonly status: 'none' | 'open' | 'ended';
  readonly accountId: string;
  readonly device: string;
  readonly ip: string;
  /** Counts the refresh tokens, from 1. */
  readonly generation: number;
  /** SHA-256 of the good refresh token and of the one before. */
  readonly hash: string;
  readonly previous: string | null;
  readonly createdAt: number;
  readonly usedAt: number;
}

interface Opened {
  readonly accountId: string;
  readonly device: string;
  readonly ip: string;
  readonly hash: string;
  readonly at: number;
}

export type SessionEvent =
  | { readonly type: 'session.opened'; readonly data: Opened }
  | { readonly type: 'session.rotated'; readonly data: { readonly hash: string; readonly at: number } }
  | Extract<EventOf<typeof accounts>, { type: `session.${string}` }>;

interface Rotate {
  readonly given: string;
  readonly next: string;
}

export function expiryOf({ usedAt }: SessionState): number {
  return usedAt + REFRESH_TOKEN_MS;
}

export function isOpen(state: SessionState, now: number): boolean {
  return state.status === 'open' && now < expiryOf(state);
}

function revoked(state: SessionState, reason: string, at: number): SessionEvent[] {
  return [{ type: 'session.revoked', data: { accountId: state.accountId, sessionId: state.id, reason, at } }];
}

function noSession(id: string): SessionState {
  const nobody = { accountId: '', device: '', ip: '', generation: 0, hash: '', previous: null, createdAt: 0, usedAt: 0 };
  return { id, status: 'none', ...nobody };
}

export const sessionActor = defineActor({
  stream: 'ACCOUNTS',
  initial: noSession,
  summary: ({ status }: SessionState): { access?: AccessFacts } => (status === 'ended' ? { access: { denied: true } } : {}),
  decide: {
    open(state: SessionState, input: Omit<Opened, 'at'>, { now }): SessionEvent[] {
      return state.status === 'none' ? [{ type: 'session.opened', data: { ...input, at: now } }] : [];
    },
    /**
     * Exchanges a refresh token that this shop made for this session. No event means: the token before, within its grace.
     * A token used too late ends the session; the caller sees that in the state.
     */
    rotate(state: SessionState, { given, next }: Rotate, { now }): SessionEvent[] {
      if (!isOpen(state, now)) throw accountErrors('SESSION_ENDED');
      if (given === state.hash) return [{ type: 'session.rotated', data: { hash: next, at: now } }];
      if (given === state.previous && now <= state.usedAt + GRACE_MS) return [];
      return revoked(state, 'a refresh token was used twice', now);
    },
    revoke(state: SessionState, { reason }: { reason: string }, { now }): SessionEvent[] {
      return state.status === 'open' ? revoked(state, reason, now) : [];
    },
  },
  evolve(state: SessionState, event: SessionEvent): SessionState {
    const { type, data } = event;
    switch (type) {
      case 'session.opened': {
        const { accountId, device, ip, hash, at } = data;
        return { ...state, status: 'open', accountId, device, ip, hash, generation: 1, createdAt: at, usedAt: at };
      }
      case 'session.rotated':
        return { ...state, previous: state.hash, hash: data.hash, generation: state.generation + 1, usedAt: data.at };
      case 'session.revoked':
        return { ...noSession(state.id), status: 'ended', accountId: state.accountId };
      default:
        return event satisfies never;
    }
  },
});

export function sessionOf(state: SessionState, current: string): Session {
  const { id, device, ip, createdAt, usedAt } = state;
  return { id, device, ip, createdAt, usedAt, expiresAt: expiryOf(state), current: id === current };
}
