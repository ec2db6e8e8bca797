// What travels with a request from the gateway through every call it causes. Moleculer merges a called action's meta
// back into the caller's, so positions and response hints reach the gateway by themselves.
import type { Principal } from './principal.ts';

export interface Meta {
  principal?: Principal;
  requestId?: string;
  /** W3C trace context of the calling span. */
  traceparent?: string;
  client?: { ip: string; userAgent: string };
  /** The client's Idempotency-Key; the idempotency middleware consumes it. */
  idempotencyKey?: string;
  /**
   * What its Idempotency-Key made of this request: the same for every repetition. Commands without a natural key take it as theirs,
   * since a request whose node died is done again.
   */
  operation?: string;
  /** Position token sent by the client: reads wait until views have reached it. */
  waitFor?: string;
  /** Position token of everything written on behalf of this request, such as `CARTS=9,ORDERS=1042`. */
  position?: string;
  /** Import only: the time at which this happened, in milliseconds. Never accepted from outside. */
  historic?: { at: number };
  /** The client prefers an answer before the work is settled (`Prefer: respond-async`). */
  respondAsync?: boolean;
  /** The answer is a stored one, given again for a repeated Idempotency-Key. */
  replayed?: boolean;
  /** Hints for the HTTP answer. */
  statusCode?: number;
  location?: string;
  headers?: Record<string, string | string[]>;
}

/** Anything that carries a meta: a Moleculer context, or the origin of a reaction or timer. */
export interface Origin {
  meta: Meta;
}
