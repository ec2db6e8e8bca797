// The bridge between the route table and moleculer-web: every route and page becomes one of its aliases, found by our table.
import { failure } from '../mixins/errors.ts';
import type { Gateway } from './gateway.ts';
import { API_PREFIX, type Route } from './routing.ts';
import type { Alias, FoundAlias, PageHandler, WebRoute, WebService } from './web.ts';

const ONLY_ALIASES = { mappingPolicy: 'restrict', bodyParsers: false } as const;

export class Aliases {
  readonly #gateway: Gateway;
  readonly #pages: Readonly<Record<string, PageHandler>>;
  /** By method and pattern. */
  readonly #aliases = new Map<string, Alias>();
  readonly #routes = new Map<Alias, Route>();

  constructor(gateway: Gateway, pages: Readonly<Record<string, PageHandler>>) {
    this.#gateway = gateway;
    this.#pages = pages;
  }

  /** Called once, when moleculer-web has been created. */
  register(web: WebService): void {
    web.addRoute(this.#api());
    web.addRoute({ ...ONLY_ALIASES, path: '/', aliases: this.#pages, onBeforeCall: async () => undefined });
    const routes = new Map(this.#gateway.parts.table.routes.map((route) => [route.label, route]));
    for (const alias of web.aliases) {
      const label = `${alias.method} ${alias.fullPath}`;
      const route = routes.get(label);
      // moleculer-web asks for this text on every request, for a log line that is off.
      Object.assign(alias, { toString: () => label });
      this.#aliases.set(label, alias);
      if (route) this.#routes.set(alias, route);
    }
  }

  #api(): WebRoute {
    const { parts } = this.#gateway;
    const aliases = parts.table.routes.map(({ method, pattern, action }) => [
      `${method} ${pattern.slice(API_PREFIX.length)}`,
      action,
    ]);
    return {
      ...ONLY_ALIASES,
      path: API_PREFIX,
      aliases: Object.fromEntries(aliases),
      onBeforeCall: async (ctx, _route, request, _response, alias) => {
        const route = this.#routes.get(alias);
        if (!route) throw failure('NOT_FOUND');
        await this.#gateway.admit(ctx, request, route);
      },
      onAfterCall: (_ctx, _route, request, _response, result) => parts.sessions.after(request, result),
    };
  }

  /** What moleculer-web wants to know of a request; false when nothing lives there. */
  resolve(path: string, method: string): FoundAlias | false {
    const match = this.#gateway.parts.table.resolve(method, path);
    const alias = this.#aliases.get(match ? match.route.label : `${method === 'HEAD' ? 'GET' : method} ${path}`);
    return alias ? { alias, params: match?.params ?? {} } : false;
  }
}
