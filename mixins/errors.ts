// The one error type of Souk. A domain declares its codes beside its contract; every layer matches on `err.type`,
// never on `instanceof`, because classes do not survive a remote hop.
import { Errors } from 'moleculer';

/** What a code means to a client: its HTTP status and a title that never changes. */
export interface ErrorInfo {
  readonly status: number;
  readonly title: string;
}

export type ErrorCatalogue = Readonly<Record<string, ErrorInfo>>;

/** A refusal that a caller may see. `type` is the stable code, `data` is safe to show. */
export class SoukError extends Errors.MoleculerError {
  /** True when the same call may succeed later without a change by the caller. */
  override readonly retryable: boolean;

  constructor(code: string, status: number, detail: string, data?: object) {
    super(detail, status, code, data ?? {});
    this.name = 'SoukError';
    this.retryable = status >= 500;
  }
}

/**
 * Declares error codes and returns a typed constructor for them, with the catalogue on `.catalogue`.
 *
 *     export const stockErrors = defineErrors({ OUT_OF_STOCK: { status: 409, title: 'Not enough stock' } });
 *     throw stockErrors('OUT_OF_STOCK', 'Only 2 left', { sku, left: 2 });
 */
export function defineErrors<const C extends ErrorCatalogue>(catalogue: C) {
  const fail = (code: keyof C & string, detail?: string, data?: object): SoukError => {
    const info = catalogue[code] as ErrorInfo;
    return new SoukError(code, info.status, detail ?? info.title, data);
  };
  return Object.assign(fail, { catalogue });
}

/** Codes that any action or route may answer with. */
export const failure = defineErrors({
  INVALID_INPUT: { status: 422, title: 'The input does not fit the contract' },
  INVALID_JSON: { status: 400, title: 'The body is not valid JSON' },
  BODY_TOO_LARGE: { status: 413, title: 'The body is too large' },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, title: 'This content type is not accepted here' },
  UNAUTHENTICATED: { status: 401, title: 'Sign in first' },
  FORBIDDEN: { status: 403, title: 'Not allowed' },
  CROSS_SITE: { status: 403, title: 'This request came from another site' },
  NOT_FOUND: { status: 404, title: 'Not found' },
  METHOD_NOT_ALLOWED: { status: 405, title: 'This method is not allowed here' },
  CONFLICT: { status: 409, title: 'The current state does not allow this' },
  VERSION_MISMATCH: { status: 412, title: 'It was changed in the meantime' },
  IDEMPOTENCY_KEY_REUSED: { status: 422, title: 'This Idempotency-Key was used with another request' },
  RATE_LIMITED: { status: 429, title: 'Too many requests' },
  CONTENTION: { status: 503, title: 'Too many writers at once, try again' },
  LOG_UNAVAILABLE: { status: 503, title: 'The log cannot be reached, try again' },
  TIMED_OUT: { status: 504, title: 'No answer in time' },
  UNAVAILABLE: { status: 503, title: 'This part of the shop is not available right now' },
  INTERNAL: { status: 500, title: 'Something went wrong on our side' },
});

/** The stable code of anything thrown, local or from a remote node; undefined when it is not ours. */
export function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const type = (error as { type?: unknown }).type;
  return typeof type === 'string' ? type : undefined;
}
