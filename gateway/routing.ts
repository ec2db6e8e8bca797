// The route table: every contract action with a REST alias, found by an exact map or a small tree of path segments.
// moleculer-web tries its aliases one regular expression after another; this costs the same for the first and the ninetieth route.
import * as z from 'zod';
import type { ActionContract, Contract, Method } from '../mixins/contract.ts';

export interface Route {
  readonly method: Method;
  /** Full pattern such as `/api/orders/:id`. */
  readonly pattern: string;
  /** Method and pattern, as a label of metrics. */
  readonly label: string;
  /** Name of the action, such as `orders.get`. */
  readonly action: string;
  /** Name of the domain, such as `orders`. */
  readonly domain: string;
  readonly contract: ActionContract;
  /** Names of the path parameters in their order. */
  readonly parameters: readonly string[];
  /** Changes something: CSRF defence and Idempotency-Key apply. */
  readonly unsafe: boolean;
  /** Names of the parameters that the contract declares. */
  readonly fields: ReadonlySet<string>;
}

export interface Match {
  readonly route: Route;
  readonly params: Readonly<Record<string, string>>;
}

interface Branch {
  readonly statics: Map<string, Branch>;
  readonly routes: Map<string, Route>;
  parameter?: Branch;
}

export const API_PREFIX = '/api';
const NO_PARAMS = Object.freeze({});
const branch = (): Branch => ({ statics: new Map(), routes: new Map() });

/** The routes of all contracts in declaration order. Internal actions never get one. */
export function routesOf(contracts: readonly Contract[], prefix = API_PREFIX): Route[] {
  return contracts.flatMap((contract) =>
    Object.entries(contract.actions).flatMap(([name, action]) =>
      action.rest && action.access !== 'internal' ? [routeOf(contract.name, name, action, action.rest, prefix)] : [],
    ),
  );
}

function routeOf(domain: string, name: string, contract: ActionContract, rest: string, prefix: string): Route {
  const [method, path] = rest.split(' ') as [Method, string];
  const pattern = prefix + path;
  const parameters = pattern.split('/').flatMap((part) => (part.startsWith(':') ? [part.slice(1)] : []));
  const fields = fieldsOf(contract.params);
  return {
    method,
    pattern,
    label: `${method} ${pattern}`,
    action: `${domain}.${name}`,
    domain,
    contract,
    parameters,
    unsafe: method !== 'GET',
    fields,
  };
}

function fieldsOf(schema: z.ZodType): ReadonlySet<string> {
  return new Set(schema instanceof z.ZodObject ? Object.keys(schema.shape) : []);
}

/** A path parameter as the client meant it, or undefined when it could not be a name: separators, dots, control characters. */
export function decodeSegment(raw: string): string | undefined {
  let value = raw;
  if (raw.includes('%')) {
    try {
      value = decodeURIComponent(raw);
    } catch {
      return undefined;
    }
  }
  if (value === '' || value === '.' || value === '..') return undefined;
  for (let i = 0; i < value.length; i++) {
    const code = value.charCodeAt(i);
    if (code < 0x20 || code === 0x7f || code === 0x2f || code === 0x5c) return undefined;
  }
  return value;
}

export class RouteTable {
  readonly routes: readonly Route[];
  readonly #root = branch();
  /** Routes without parameters by `METHOD /path`. */
  readonly #exact = new Map<string, Match>();

  constructor(routes: readonly Route[]) {
    this.routes = routes;
    for (const route of routes) this.#add(route);
  }

  #add(route: Route): void {
    let at = this.#root;
    for (const part of route.pattern.split('/').slice(1)) {
      if (part.startsWith(':')) {
        at.parameter ??= branch();
        at = at.parameter;
      } else {
        const next = at.statics.get(part) ?? branch();
        at.statics.set(part, next);
        at = next;
      }
    }
    if (at.routes.has(route.method)) throw new Error(`Two actions claim ${route.method} ${route.pattern}`);
    at.routes.set(route.method, route);
    if (route.parameters.length === 0) this.#exact.set(`${route.method} ${route.pattern}`, { route, params: NO_PARAMS });
  }

  /** The route of a request; HEAD is answered by the GET route. */
  resolve(method: string, path: string): Match | undefined {
    const wanted = method === 'HEAD' ? 'GET' : method;
    return this.#exact.get(`${wanted} ${path}`) ?? this.#find(wanted, path);
  }

  #find(method: string, path: string): Match | undefined {
    const values: string[] = [];
    const end = this.#walk(this.#root, path.split('/'), 1, values, method);
    const route = end?.routes.get(method);
    if (!route) return undefined;
    const params: Record<string, string> = {};
    for (let i = 0; i < values.length; i++) params[route.parameters[i] as string] = values[i] as string;
    return { route, params };
  }

  /** Literal segments win over parameters; steps back when the literal leads nowhere. `method` undefined accepts any. */
  #walk(at: Branch, parts: string[], index: number, values: string[], method: string | undefined): Branch | undefined {
    if (index === parts.length) return (method === undefined ? at.routes.size > 0 : at.routes.has(method)) ? at : undefined;
    const part = parts[index] as string;
    const literal = at.statics.get(part);
    const found = literal && this.#walk(literal, parts, index + 1, values, method);
    if (found || !at.parameter) return found;
    const value = decodeSegment(part);
    if (value === undefined) return undefined;
    values.push(value);
    const through = this.#walk(at.parameter, parts, index + 1, values, method);
    if (!through) values.pop();
    return through;
  }

  /** Methods that a path answers to, for `Allow`; empty when nothing lives there. */
  methodsOf(path: string): string[] {
    const methods = new Set<string>();
    for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']) {
      if (this.resolve(method, path)) methods.add(method);
    }
    if (methods.has('GET')) methods.add('HEAD');
    return [...methods];
  }
}
