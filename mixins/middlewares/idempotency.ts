// Honours an Idempotency-Key: the first request runs and its answer is kept for 24 hours, a repeated one gets that answer.
import type { Context } from 'moleculer';
import type { ActorsOf } from '../actor/actors.ts';
import { failure, SoukError } from '../errors.ts';
import { newId } from '../ids.ts';
import type { Meta } from '../meta.ts';
import { actingAs } from '../principal.ts';
import { fingerprintOf, type requestActor, requestId, seal, unseal } from './requests.ts';

type Requests = ActorsOf<typeof requestActor>;

const POLL_MS = 25;
const WAIT_MS = 6_000;

interface StoredAnswer {
  readonly result?: unknown;
  readonly error?: { readonly code: string; readonly status: number; readonly detail: string; readonly data: object };
  readonly meta: Pick<Meta, 'statusCode' | 'location' | 'headers' | 'position'>;
}

/**
 * Runs `work` at most once per key, caller and action.
 * @throws IDEMPOTENCY_KEY_REUSED for another body under the same key; CONFLICT while the first request still runs
 */
export async function once(
  requests: Requests,
  ctx: Context<unknown, Meta>,
  key: string,
  work: () => Promise<unknown>,
): Promise<unknown> {
  const action = ctx.action?.name ?? '';
  const id = requestId(actingAs(ctx.meta.principal), action, key);
  ctx.meta.operation = id;
  const runner = newId('run');
  const fingerprint = fingerprintOf(key, ctx.params);
  const origin = { meta: {} };
  for (const deadline = Date.now() + WAIT_MS; ; ) {
    const { state } = await requests.send(id, 'start', { fingerprint, runner }, origin);
    if (state.status === 'finished') return answerAgain(ctx, unseal(key, state.answer) as StoredAnswer);
    if (state.runner === runner) break;
    if (Date.now() > deadline) throw failure('CONFLICT', 'The first request with this Idempotency-Key is still running');
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  return run(requests, ctx, { id, runner, key }, work);
}

async function run(
  requests: Requests,
  ctx: Context<unknown, Meta>,
  { id, runner, key }: { id: string; runner: string; key: string },
  work: () => Promise<unknown>,
): Promise<unknown> {
  const origin = { meta: {} };
  const keep = (answer: Omit<StoredAnswer, 'meta'>) =>
    requests.send(id, 'finish', { runner, answer: seal(key, { ...answer, meta: hintsOf(ctx.meta) }) }, origin);
  let result: unknown;
  try {
    result = await work();
  } catch (error) {
    const { type, code, message, data } = error as { type?: unknown; code?: unknown; message?: string; data?: object };
    const refused = typeof type === 'string' && typeof code === 'number' && isAnswer(code, error as object);
    const kept = refused
      ? keep({ error: { code: type, status: code, detail: message ?? '', data: data ?? {} } })
      : requests.send(id, 'abandon', { runner }, origin);
    await kept.catch((failed: unknown) => unkept(ctx, failed));
    throw error;
  }
  // The work is done: a caller who got an error now would do it again.
  await keep({ result }).catch((failed: unknown) => unkept(ctx, failed));
  return result;
}

/** A refusal is an answer and is kept; after trouble that may pass (a missing service, too many tries) the same key may try again. */
function isAnswer(status: number, { retryable }: { retryable?: unknown }): boolean {
  return status >= 400 && status < 500 && status !== 429 && retryable !== true;
}

function unkept(ctx: Context<unknown, Meta>, error: unknown): void {
  ctx.broker.logger.warn('the answer to an Idempotency-Key could not be kept', error);
}

function hintsOf({ statusCode, location, headers, position }: Meta): StoredAnswer['meta'] {
  return {
    ...(statusCode ? { statusCode } : {}),
    ...(location ? { location } : {}),
    ...(headers ? { headers } : {}),
    ...(position ? { position } : {}),
  };
}

function answerAgain(ctx: Context<unknown, Meta>, stored: StoredAnswer): unknown {
  Object.assign(ctx.meta, stored.meta, { replayed: true });
  if (stored.error) throw new SoukError(stored.error.code, stored.error.status, stored.error.detail, stored.error.data);
  return stored.result;
}
