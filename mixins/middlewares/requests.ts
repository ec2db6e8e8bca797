// The actor behind an Idempotency-Key: who started the request, with which body, and how it ended.
// Its answer is sealed under the client's own key, so the log holds neither bodies nor tokens that anybody could read.

import { Buffer } from 'node:buffer';
import { createCipheriv, createDecipheriv, createHash, createHmac, randomBytes } from 'node:crypto';
import { defineActor } from '../actor/definition.ts';
import { failure } from '../errors.ts';
import type { StreamDeclaration } from '../log/streams.ts';

export const REQUESTS_STREAM: StreamDeclaration = { name: 'REQUESTS', maxAge: 24 * 3_600_000 };

/** A request that was started and never ended (its node died) may be taken over after this time. */
const TAKE_OVER_MS = 15_000;

export interface RequestState {
  readonly status: 'new' | 'started' | 'finished';
  readonly fingerprint: string;
  readonly runner: string;
  readonly startedAt: number;
  readonly answer: string;
}

type RequestEvent =
  | {
      readonly type: 'request.started';
      readonly data: { readonly fingerprint: string; readonly runner: string; readonly at: number };
    }
  | { readonly type: 'request.finished'; readonly data: { readonly answer: string } }
  | { readonly type: 'request.abandoned'; readonly data: Record<string, never> };

interface Start {
  readonly fingerprint: string;
  /** Unique per attempt: the attempt whose runner is in the state does the work. */
  readonly runner: string;
}

export const requestActor = defineActor({
  stream: 'REQUESTS',
  initial: (): RequestState => ({ status: 'new', fingerprint: '', runner: '', startedAt: 0, answer: '' }),
  decide: {
    start(state: RequestState, { fingerprint, runner }: Start, { now }): RequestEvent[] {
      if (state.status !== 'new' && state.fingerprint !== fingerprint) throw failure('IDEMPOTENCY_KEY_REUSED');
      if (state.status === 'finished') return [];
      if (state.status === 'started' && now - state.startedAt < TAKE_OVER_MS) return [];
      return [{ type: 'request.started', data: { fingerprint, runner, at: now } }];
    },
    finish(state: RequestState, { runner, answer }: { runner: string; answer: string }): RequestEvent[] {
      return state.status === 'started' && state.runner === runner ? [{ type: 'request.finished', data: { answer } }] : [];
    },
    abandon(state: RequestState, { runner }: { runner: string }): RequestEvent[] {
      return state.status === 'started' && state.runner === runner ? [{ type: 'request.abandoned', data: {} }] : [];
    },
  },
  evolve(state: RequestState, event: RequestEvent): RequestState {
    switch (event.type) {
      case 'request.started':
        return {
          ...state,
          status: 'started',
          fingerprint: event.data.fingerprint,
          runner: event.data.runner,
          startedAt: event.data.at,
        };
      case 'request.finished':
        return { ...state, status: 'finished', answer: event.data.answer };
      case 'request.abandoned':
        return { ...state, status: 'new', fingerprint: '', runner: '' };
      default:
        return event satisfies never;
    }
  },
});

/** The actor's id: tells nothing about the key. */
export function requestId(scope: string, action: string, key: string): string {
  return `req_${createHash('sha256').update(`${scope}|${action}|${key}`).digest('hex').slice(0, 40)}`;
}

/** What the key was used for; keyed by the key itself, so that bodies (passwords) cannot be guessed from it. */
export function fingerprintOf(key: string, params: unknown): string {
  return createHmac('sha256', key).update(JSON.stringify(params)).digest('base64url');
}

const sealKey = (key: string): Buffer => createHash('sha256').update(`souk request seal|${key}`).digest();

export function seal(key: string, answer: unknown): string {
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', sealKey(key), iv);
  const sealed = Buffer.concat([cipher.update(JSON.stringify(answer)), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64');
}

export function unseal(key: string, sealed: string): unknown {
  const bytes = Buffer.from(sealed, 'base64');
  const decipher = createDecipheriv('aes-256-gcm', sealKey(key), bytes.subarray(0, 12));
  decipher.setAuthTag(bytes.subarray(12, 28));
  return JSON.parse(Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString());
}
