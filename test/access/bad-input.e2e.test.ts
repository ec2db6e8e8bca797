// Bad input on every route: each refusal has a code that the API description names for this operation, none is a failure of
// ours, and afterwards not one message has been written to any stream.
import { request as httpRequest } from 'node:http';
import * as z from 'zod';
import { openApiOf } from '../../gateway/openapi.ts';
import { type Route, routesOf } from '../../gateway/routing.ts';
import { nodeOf } from '../../mixins/node.ts';
import { contracts } from '../../services/contracts.ts';
import { World } from './world.ts';

const routes = routesOf(contracts);
const document = openApiOf(contracts, 'test');
const operations = new Map(
  Object.values(document.paths).flatMap((item) =>
    Object.values(item).map((operation) => [operation.operationId, operation] as const),
  ),
);

let world: World;
let before: Record<string, number>;
beforeAll(async () => {
  world = await World.open();
  before = await lastSequences();
}, 60_000);
afterAll(() => world.close());

async function lastSequences(): Promise<Record<string, number>> {
  const found: Record<string, number> = {};
  for await (const { config, state } of nodeOf(world.shop.broker).log.jsm.streams.list()) found[config.name] = state.last_seq;
  return found;
}

interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly errors: readonly { readonly field: string }[];
}

/** Sends the path exactly as it is; fetch would tidy it. */
function send(route: Route, path: string, body?: string, headers: Record<string, string> = {}): Promise<Refusal> {
  const { hostname, port } = new URL(world.shop.url);
  const content =
    body === undefined ? {} : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) };
  return new Promise((resolve, reject) => {
    const options = {
      hostname,
      port,
      path,
      method: route.method,
      headers: { ...world.credentials('admin'), ...content, ...headers },
    };
    const request = httpRequest(options, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => {
        const isProblem = response.headers['content-type']?.startsWith('application/problem+json');
        const { code = '', errors = [] } = isProblem ? JSON.parse(text) : {};
        resolve({ status: response.statusCode ?? 0, code, errors });
      });
    });
    request.on('error', reject);
    request.end(body);
  });
}

/** Well-formed, and names nothing. */
const UNKNOWN = 'unknown-thing';
const pathWith = ({ pattern }: Route, value = UNKNOWN): string => pattern.replace(/:\w+/g, value);

/** Codes that the description names for this operation and status. */
function documented(route: Route, { status }: Refusal): readonly string[] {
  return operations.get(route.action)?.responses[String(status)]?.description.split(', ') ?? [];
}

const isStrict = ({ contract }: Route): boolean =>
  contract.params.safeParse({ 'no such field': 1 }).error?.issues.some(({ code }) => code === 'unrecognized_keys') ?? false;
const takesJson = ({ unsafe, contract }: Route): boolean => unsafe && contract.body === undefined;
const strict = routes.filter(isStrict);
const label = (route: Route) => [route.label, route] as const;

describe('bad input', () => {
  it.each(routes.filter(takesJson).map(label))('%s refuses what is no JSON, too large or of another type', async (_, route) => {
    const limit = route.contract.bodyLimit ?? 100_000;
    expect(await send(route, pathWith(route), '{"a":')).toMatchObject({ status: 400, code: 'INVALID_JSON' });
    expect(await send(route, pathWith(route), '[]')).toMatchObject({ status: 422, code: 'INVALID_INPUT' });
    expect(await send(route, pathWith(route), '{"__proto__":{"role":"admin"}}')).toMatchObject({ status: 422 });
    expect(await send(route, pathWith(route), `{"a":"${'x'.repeat(limit)}"}`)).toMatchObject({
      status: 413,
      code: 'BODY_TOO_LARGE',
    });
    expect(await send(route, pathWith(route), 'a=1', { 'content-type': 'text/plain' })).toMatchObject({ status: 415 });
  });

  it.each(strict.map(label))('%s refuses fields it does not know, by name', async (_, route) => {
    for (const field of ['surprise', '$where', 'constructor']) {
      const answer = takesJson(route)
        ? await send(route, pathWith(route), JSON.stringify({ [field]: 1 }))
        : await send(route, `${pathWith(route)}?${encodeURIComponent(field)}=1`);
      expect(answer).toMatchObject({ status: 422, code: 'INVALID_INPUT' });
      expect(answer.errors.map((error) => error.field)).toContain(field);
    }
  });

  it.each(routes.filter(takesJson).map(label))('%s refuses operators and wrong types in every field', async (_, route) => {
    if (!(route.contract.params instanceof z.ZodObject)) return;
    const fields = [...route.fields].filter((field) => !route.parameters.includes(field));
    const inPath = Object.fromEntries(route.parameters.map((field) => [field, UNKNOWN]));
    for (const wrong of [{ $gt: '' }, [[]], -1.5, 1e21, '\u0000', true]) {
      const body = Object.fromEntries(fields.map((field) => [field, wrong]));
      if (route.contract.params.safeParse({ ...inPath, ...body }).success) continue;
      const answer = await send(route, pathWith(route), JSON.stringify(body));
      expect([wrong, answer.status, answer.code]).toEqual([wrong, 422, 'INVALID_INPUT']);
    }
  });

  it.each(routes.filter(({ parameters }) => parameters.length > 0).map(label))(
    '%s does not walk along tricky paths',
    async (_, route) => {
      for (const trick of [
        '..',
        '%2e%2e',
        '%00',
        'a%2f..%2fb',
        '..%5c',
        '%zz',
        '%c0%ae',
        '*',
        'a.b',
        '>',
        '%24where',
        'x'.repeat(300),
      ]) {
        const answer = await send(route, pathWith(route, trick), route.unsafe ? '{}' : undefined);
        expect([400, 404, 405, 413, 415, 422]).toContain(answer.status);
      }
    },
  );

  it.each(routes.filter(({ unsafe }) => !unsafe).map(label))(
    '%s answers with a documented code when nothing is there',
    async (_, route) => {
      const answer = await send(route, pathWith(route));
      if (answer.status < 400) return;
      expect(documented(route, answer)).toContain(answer.code);
    },
  );

  it.each(routes.map(label))(
    '%s refuses a malformed Idempotency-Key, tag and credential with documented codes',
    async (_, route) => {
      const body = takesJson(route) ? '{}' : undefined;
      const tries: Record<string, string>[] = [{ authorization: 'Bearer forged.access.token' }];
      if (route.unsafe)
        tries.push(
          { 'idempotency-key': 'short' },
          { 'if-match': 'nonsense' },
          { 'sec-fetch-site': 'cross-site', authorization: '' },
        );
      for (const headers of tries) {
        const answer = await send(route, pathWith(route), body, headers);
        expect(documented(route, answer)).toContain(answer.code);
      }
    },
  );

  it('in quantities, prices and currencies is refused where it would count', async () => {
    const price = (value: object) => ({ title: 'x', variants: [{ sku: 'X', price: { amount: 1, currency: 'GBP', ...value } }] });
    const tries: [string, string, object][] = [
      ...[0, -1, 1.5, 1e9, '2', null].map((quantity): [string, string, object] => ['POST', '/cart/add', { sku: 'X', quantity }]),
      ...['../x', 'a b', '', 'x'.repeat(200), 'a.b', '*', '>'].map((sku): [string, string, object] => [
        'POST',
        '/cart/add',
        { sku },
      ]),
      ...[-1, 0.5, 1e12, '1'].map((amount): [string, string, object] => ['POST', '/products', price({ amount })]),
      ...['gbp', 'EURO', '', 5].map((currency): [string, string, object] => ['POST', '/products', price({ currency })]),
      ...[0, 1.5, 'many'].map((change): [string, string, object] => ['PUT', '/inventory/X', { change, reason: 'counted' }]),
    ];
    for (const [method, path, body] of tries) {
      const { status, code } = await world.send(world.credentials('admin'), method, path, { body });
      expect([path, body, status, code]).toEqual([path, body, 422, 'INVALID_INPUT']);
    }
  });

  it('meets an empty cart with its own code', async () => {
    const address = { line1: '1', city: 'L', postcode: 'P', country: 'GB' };
    const body = { contact: { email: 'a@example.com', name: 'A', address }, paymentMethod: 'pm_card_visa' };
    expect(await world.send(world.credentials('otherCustomer'), 'POST', '/cart/checkout', { body })).toMatchObject({
      status: 409,
      code: 'CART_EMPTY',
    });
  });

  it('has written nothing', async () => {
    expect(await lastSequences()).toEqual(before);
  });
});
