// Every refusal leaves as problem details (RFC 9457) with a stable code. What is not in the catalogue of the contracts
// is an unexpected failure: the client learns nothing but the request id.
import type { Contract } from '../mixins/contract.ts';
import { codeOf, type ErrorCatalogue, failure } from '../mixins/errors.ts';

export interface FieldProblem {
  readonly field: string;
  readonly message: string;
}

export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly instance: string;
  readonly requestId: string;
  readonly data?: object;
  readonly errors?: readonly FieldProblem[];
}

/** What Moleculer itself throws when a node is away or slow. */
const TRANSPORT: Readonly<Record<string, keyof typeof failure.catalogue>> = {
  SERVICE_NOT_FOUND: 'UNAVAILABLE',
  SERVICE_NOT_AVAILABLE: 'UNAVAILABLE',
  REQUEST_REJECTED: 'UNAVAILABLE',
  QUEUE_FULL: 'UNAVAILABLE',
  GATEWAY_SERVICE_UNAVAILABLE: 'UNAVAILABLE',
  REQUEST_TIMEOUT: 'TIMED_OUT',
  REQUEST_SKIPPED: 'TIMED_OUT',
};
const RETRY_SECONDS = 1;

/** All codes of the shop: the general ones and those of every contract. */
export function joinCatalogues(contracts: readonly Contract[]): ErrorCatalogue {
  return Object.assign({}, ...contracts.map((contract) => contract.errors), failure.catalogue);
}

export class Problems {
  readonly catalogue: ErrorCatalogue;

  constructor(catalogue: ErrorCatalogue) {
    this.catalogue = catalogue;
  }

  /** True when the error is one that a client may see. */
  isKnown(error: unknown): boolean {
    const code = codeOf(error);
    return code !== undefined && (Object.hasOwn(TRANSPORT, code) || Object.hasOwn(this.catalogue, code));
  }

  /** The problem to answer with. `instance` is the path without its query, which may hold secrets. */
  of(error: unknown, requestId: string, instance: string): Problem {
    const thrown = codeOf(error) ?? '';
    const transport = Object.hasOwn(TRANSPORT, thrown) ? TRANSPORT[thrown] : undefined;
    const own = !transport && Object.hasOwn(this.catalogue, thrown) ? this.catalogue[thrown] : undefined;
    const code = own ? thrown : (transport ?? 'INTERNAL');
    const info = own ?? failure.catalogue[code as keyof typeof failure.catalogue];
    const detail = own && error instanceof Error && error.message ? error.message : info.title;
    const data = own ? dataOf(error) : {};
    const { errors, rest } = splitErrors(data, detail);
    return {
      type: `/api/docs#error-${code}`,
      title: info.title,
      status: info.status,
      detail,
      code,
      instance,
      requestId,
      ...(Object.keys(rest).length > 0 ? { data: rest } : {}),
      ...(errors ? { errors } : {}),
    };
  }
}

function dataOf(error: unknown): Record<string, unknown> {
  const data = (error as { data?: unknown } | undefined)?.data;
  return typeof data === 'object' && data !== null && !Array.isArray(data) ? (data as Record<string, unknown>) : {};
}

/** Which fields are wrong stands beside `data`, in one form for all validation errors. */
function splitErrors(data: Record<string, unknown>, detail: string): { errors?: FieldProblem[]; rest: Record<string, unknown> } {
  const { errors, field, ...rest } = data;
  if (Array.isArray(errors)) return { errors: errors as FieldProblem[], rest: field === undefined ? rest : { ...rest, field } };
  return typeof field === 'string' ? { errors: [{ field, message: detail }], rest } : { rest: data };
}

/** Headers that belong to a problem: when to come back, how to sign in. */
export function problemHeaders(problem: Problem): string[] {
  const headers = ['Content-Type', 'application/problem+json; charset=utf-8'];
  if (problem.status === 401) headers.push('WWW-Authenticate', 'Bearer realm="souk"');
  const wait = (problem.data as { retryAfter?: unknown } | undefined)?.retryAfter;
  if (typeof wait === 'number') headers.push('Retry-After', String(Math.max(1, Math.ceil(wait))));
  else if (problem.status === 503) headers.push('Retry-After', String(RETRY_SECONDS));
  return headers;
}
