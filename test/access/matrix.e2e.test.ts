// The access matrix: every route, called by everybody, over HTTP. The contract says which roles get in, the table whose things
// are whose; the running shop must agree with both.
import { type Route, routesOf } from '../../gateway/routing.ts';
import type { Role } from '../../mixins/principal.ts';
import { contracts } from '../../services/contracts.ts';
import { type Case, TABLE } from './table.ts';
import { CALLERS, type Caller, World } from './world.ts';

/** `hidden`: refused in a way that does not tell whether the thing exists. */
type Verdict = 'allowed' | 'sign in' | 'refused';

const routes = routesOf(contracts);
const ROLE_OF: Readonly<Partial<Record<Caller, Role>>> = {
  customer: 'customer',
  otherCustomer: 'customer',
  seller: 'seller',
  otherSeller: 'seller',
  agent: 'agent',
  admin: 'admin',
};

function byContract({ contract, domain }: Route, caller: Caller): Verdict {
  const { access } = contract;
  if (access === 'public') return 'allowed';
  const role = ROLE_OF[caller];
  // Whoever touches a cart becomes a guest.
  if (access === 'visitor') return caller === 'anonymous' && domain !== 'carts' ? 'sign in' : 'allowed';
  if (role === undefined) return 'sign in';
  return (access as readonly Role[]).includes(role) ? 'allowed' : 'refused';
}

function expected(route: Route, { only }: Case, caller: Caller): Verdict {
  const verdict = byContract(route, caller);
  return verdict === 'allowed' && only && !only.includes(caller) ? 'refused' : verdict;
}

let world: World;
beforeAll(async () => {
  world = await World.open();
}, 60_000);
afterAll(() => world.close());

async function actual(route: Route, one: Case, caller: Caller): Promise<Verdict | string> {
  const { path = {}, query = '', credentials, ...sending } = await one.prepare(world, caller);
  const url = route.contract.rest
    ?.split(' ')[1]
    ?.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(path[name] ?? `no-${name}`));
  const { status, code, body } = await world.send(
    credentials ?? world.credentials(caller),
    route.method,
    `${url}${query}`,
    sending,
  );
  if (status < 400 || one.also?.includes(code)) return 'allowed';
  if (code === 'UNAUTHENTICATED') return 'sign in';
  if (status === 403 || status === 404) return 'refused';
  return `${status} ${JSON.stringify(body)}`;
}

describe('the access matrix', () => {
  it('has a case for every route and none besides', () => {
    expect(Object.keys(TABLE).sort()).toEqual(routes.map(({ action }) => action).sort());
  });

  const cases = routes.flatMap((route) =>
    (TABLE[route.action] ?? []).map((one) => [`${route.label}${one.name ? ` (${one.name})` : ''}`, route, one] as const),
  );
  it.each(cases)(
    '%s answers those whom it should',
    async (_, route, one) => {
      const wanted: Partial<Record<Caller, string>> = {};
      const found: Partial<Record<Caller, string>> = {};
      for (const caller of CALLERS) {
        wanted[caller] = expected(route, one, caller);
        found[caller] = await actual(route, one, caller);
      }
      expect(found).toEqual(wanted);
    },
    60_000,
  );
});
