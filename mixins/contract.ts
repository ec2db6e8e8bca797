// A contract is the public face of a domain, written once with zod: parameters, results, REST route, who may call, events.
// Validation, types, routes, access checks and the OpenAPI document are all derived from it.
import type * as z from 'zod';
import type { ErrorCatalogue } from './errors.ts';
import type { StreamDeclaration } from './log/streams.ts';
import type { Role } from './principal.ts';

/**
 * Who may call an action.
 * `public`: anyone · `visitor`: an account or a guest with a cart cookie · a list: accounts with one of these roles ·
 * `internal`: other services only, never the gateway.
 */
export type Access = 'public' | 'visitor' | 'internal' | readonly Role[];

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
/** Method and path below `/api`, such as `GET /orders/:id`. */
export type RestAlias = `${Method} /${string}`;

export interface ActionContract<P extends z.ZodType = z.ZodType, R extends z.ZodType = z.ZodType> {
  /** One sentence for the API documentation. */
  readonly summary: string;
  readonly params: P;
  readonly result: R;
  readonly access: Access;
  /** Whose things are meant when access alone is not enough, such as "the order's own customer; staff any". The handler checks it. */
  readonly owner?: string;
  readonly rest?: RestAlias;
  /** Status of success, 200 unless given. */
  readonly status?: 200 | 201 | 202 | 204;
  /** True when repeating the call with the same parameters changes nothing more. */
  readonly idempotent?: boolean;
  /** Scope that an API key needs, such as `orders:write`. An action without one is closed to API keys. */
  readonly scope?: string;
  /** Requests per second and burst per client, where the gateway's default does not fit. */
  readonly limit?: { readonly rate: number; readonly burst: number };
  /** Body bytes allowed, where the gateway's default does not fit. */
  readonly bodyLimit?: number;
  /** Codes of `errors` that this action may answer with, for the documentation. */
  readonly errors?: readonly string[];
  /** Example parameters for documentation, tests and the REPL. */
  readonly example?: unknown;
  /** The body is not JSON: `upload` gets one file as base64 `{ file }`, `text` the body as `{ body }`. A result `{ contentType, bytes }` is answered as raw bytes. */
  readonly body?: 'upload' | 'text';
}

export type ActionContracts = Readonly<Record<string, ActionContract>>;
export type EventContracts = Readonly<Record<string, z.ZodType>>;

export interface Contract<
  N extends string = string,
  A extends ActionContracts = ActionContracts,
  E extends EventContracts = EventContracts,
> {
  readonly name: N;
  readonly actions: A;
  readonly events: E;
  readonly errors: ErrorCatalogue;
  /** Streams that this domain owns; every node makes sure at start that they exist. */
  readonly streams?: readonly StreamDeclaration[];
}

/** Declares a domain's contract; keeps every literal type. */
export function defineContract<const N extends string, const A extends ActionContracts, const E extends EventContracts>(
  contract: Contract<N, A, E>,
): Contract<N, A, E> {
  return contract;
}

export type ParamsOf<A> = A extends ActionContract<infer P, z.ZodType> ? z.output<P> : never;
export type InputOf<A> = A extends ActionContract<infer P, z.ZodType> ? z.input<P> : never;
export type ResultOf<A> = A extends ActionContract<z.ZodType, infer R> ? z.output<R> : never;

/** `{ 'orders.place': ActionContract, … }` for a union of contracts. */
export type ActionMap<C extends Contract> = {
  [N in C['name']]: C extends Contract<N, infer A, EventContracts> ? { [K in keyof A & string as `${N}.${K}`]: A[K] } : never;
}[C['name']] extends infer U
  ? UnionToIntersection<U>
  : never;

/** `{ 'order.placed': data, … }` for a union of contracts. */
export type EventMap<C extends Contract> = UnionToIntersection<
  C extends Contract<string, ActionContracts, infer E> ? { [K in keyof E & string]: z.output<E[K]> } : never
>;

/** The events of one contract as a discriminated union, as `evolve` and `decide` use them. */
export type EventOf<C> =
  C extends Contract<string, ActionContracts, infer E>
    ? { [K in keyof E & string]: { readonly type: K; readonly data: z.output<E[K]> } }[keyof E & string]
    : never;

type UnionToIntersection<U> = (U extends unknown ? (value: U) => void : never) extends (value: infer I) => void ? I : never;
