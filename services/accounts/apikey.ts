// An API key of an account: shown once, stored as a hash. The key's id is part of the key, so that checking it is one
// read of one actor.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { defineActor } from '../../mixins/actor/definition.ts';
import type { EventOf } from '../../mixins/contract.ts';
import type { AccessFacts } from '../../mixins/tokens/revocations.ts';
import type { accounts } from './accounts.contract.ts';
import type { ApiKey } from './accounts.schema.contract.ts';

export interface ApiKeyState {
  readonly id: string;
  readonly status: 'none' | 'active' | 'revoked';
  readonly accountId: string;
  readonly name: string;
  readonly prefix: string;
  readonly last4: string;
  readonly hash: string;
  readonly scopes: readonly string[];
  readonly createdAt: number;
}

interface Created {
  readonly accountId: string;
  readonly name: string;
  readonly prefix: string;
  readonly last4: string;
  readonly hash: string;
  readonly scopes: readonly string[];
}

export type ApiKeyEvent =
  | { readonly type: 'apiKey.created'; readonly data: Created & { readonly at: number } }
  | Extract<EventOf<typeof accounts>, { type: `apiKey.${string}` }>;

const SHAPE = /^sk_([0-9a-z]{26})_[A-Za-z0-9_-]{43}$/;
const PREFIX_LENGTH = 12;

function noKey(id: string): ApiKeyState {
  return { id, status: 'none', accountId: '', name: '', prefix: '', last4: '', hash: '', scopes: [], createdAt: 0 };
}

export const apiKeyActor = defineActor({
  stream: 'ACCOUNTS',
  initial: noKey,
  summary: ({ status }: ApiKeyState): { access?: AccessFacts } => (status === 'revoked' ? { access: { denied: true } } : {}),
  decide: {
    create(state: ApiKeyState, input: Created, { now }): ApiKeyEvent[] {
      return state.status === 'none' ? [{ type: 'apiKey.created', data: { ...input, at: now } }] : [];
    },
    revoke(state: ApiKeyState, _input: object, { now }): ApiKeyEvent[] {
      if (state.status !== 'active') return [];
      return [{ type: 'apiKey.revoked', data: { accountId: state.accountId, keyId: state.id, at: now } }];
    },
  },
  evolve(state: ApiKeyState, event: ApiKeyEvent): ApiKeyState {
    const { type, data } = event;
    switch (type) {
      case 'apiKey.created': {
        const { at, ...created } = data;
        return { id: state.id, status: 'active', ...created, createdAt: at };
      }
      case 'apiKey.revoked':
        return { ...noKey(state.id), status: 'revoked', accountId: state.accountId };
      default:
        return event satisfies never;
    }
  },
});

/** SHA-256 is enough for 256 random bits: there is nothing to guess. */
function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url');
}

/** The text of a new key for an id `key_…`, and what is stored of it. */
export function mintApiKey(keyId: string): { secret: string } & Pick<ApiKeyState, 'prefix' | 'last4' | 'hash'> {
  const secret = `sk_${keyId.slice('key_'.length)}_${randomBytes(32).toString('base64url')}`;
  return { secret, prefix: secret.slice(0, PREFIX_LENGTH), last4: secret.slice(-4), hash: hashOf(secret) };
}

/** Id of the key that a text claims to be; undefined when it is none. */
export function keyIdOf(secret: string): string | undefined {
  const id = SHAPE.exec(secret)?.[1];
  return id === undefined ? undefined : `key_${id}`;
}

export function opensWith(state: ApiKeyState, secret: string): boolean {
  const given = Buffer.from(hashOf(secret));
  const wanted = Buffer.from(state.hash);
  return state.status === 'active' && given.length === wanted.length && timingSafeEqual(given, wanted);
}

export function apiKeyOf({ id, name, prefix, last4, scopes, createdAt }: ApiKeyState): ApiKey {
  return { id, name, prefix, last4, scopes: [...scopes], createdAt };
}
