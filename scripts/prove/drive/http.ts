// HTTP for load drivers: pools of connections to one or more nodes in turn, JSON in and out, and a client that insists on an answer.
import { Pool } from 'undici';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Parsed JSON. */
  readonly body: unknown;
  readonly text: string;
}

export interface Ask {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Idempotency-Key. */
  readonly key?: string;
}

/** A body of a refusal. */
export interface Problem {
  readonly code: string;
  readonly data?: { readonly orderId?: string };
}

export class Http {
  readonly #pools: readonly Pool[];
  #turn = 0;
  /** Requests that got an answer, and those that did not. */
  answered = 0;
  failed = 0;

  /** `connections` per node. */
  constructor(urls: readonly string[], connections: number) {
    const options = { connections, headersTimeout: 30_000, bodyTimeout: 30_000, connectTimeout: 5_000 };
    this.#pools = urls.map((url) => new Pool(url, options));
  }

  async send(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, { body, headers, key }: Ask = {}): Promise<Answer> {
    try {
      const answer = await this.#pool().request({
        method,
        path,
        headers: {
          ...(body === undefined ? {} : { 'content-type': typeof body === 'string' ? 'text/plain' : 'application/json' }),
          ...(key === undefined ? {} : { 'idempotency-key': key }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      const text = await answer.body.text();
      this.answered++;
      return { status: answer.statusCode, headers: answer.headers, text, body: text === '' ? undefined : JSON.parse(text) };
    } catch (error) {
      this.failed++;
      throw error;
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#pools.map((pool) => pool.destroy()));
  }

  #pool(): Pool {
    return this.#pools[this.#turn++ % this.#pools.length] as Pool;
  }
}

/** True for answers that say nothing about the outcome: the same request should be sent again. */
export function isUnclear({ status, body }: Answer): boolean {
  if (status >= 500 || status === 429) return true;
  return status === 409 && (body as Problem | undefined)?.code === 'CONFLICT';
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Repeats a request until it gets a clear answer. @throws when there is none after `patienceMs` */
export async function insist(send: () => Promise<Answer>, patienceMs: number): Promise<Answer> {
  let last: unknown;
  for (const deadline = Date.now() + patienceMs; Date.now() < deadline; await pause(100 + Math.random() * 200)) {
    try {
      const answer = await send();
      if (!isUnclear(answer)) return answer;
      last = answer.text;
    } catch (error) {
      last = error;
    }
  }
  throw new Error(`No clear answer in ${patienceMs} ms, last: ${last}`);
}
