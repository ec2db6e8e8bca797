// Whole services on two brokers and a real nats-server: access, parameters, Idempotency-Keys, positions, reactions, stopping.
import { ServiceBroker } from 'moleculer';
import * as z from 'zod';
import { counterActor } from '../test/support/counter.ts';
import { startNats, type TestNats } from '../test/support/nats.ts';
import { until } from '../test/support/until.ts';
import { Actors } from './actor/actors.ts';
import { defineContract } from './contract.ts';
import { failure } from './errors.ts';
import type { Meta } from './meta.ts';
import { contractMiddleware } from './middlewares/contracts.ts';
import { nodeMiddleware } from './middlewares/node.ts';
import { requestActor, requestId } from './middlewares/requests.ts';
import { nodeOf } from './node.ts';
import type { Principal } from './principal.ts';
import { bindDefineService } from './service.ts';

const Total = z.object({ total: z.int() });
const Adding = z.strictObject({ id: z.string(), by: z.int().default(1), mode: z.string().default('') });

const counters = defineContract({
  name: 'counters',
  streams: [{ name: 'COUNTERS' }],
  errors: {},
  actions: {
    get: {
      summary: 'Total',
      rest: 'GET /counters/:id',
      access: 'public',
      params: z.strictObject({ id: z.string() }),
      result: Total,
    },
    add: {
      summary: 'Add',
      rest: 'POST /counters/:id',
      access: 'visitor',
      scope: 'counters:write',
      params: Adding,
      result: Total,
    },
    clear: {
      summary: 'Admins',
      rest: 'DELETE /counters/:id',
      access: ['admin'],
      params: z.strictObject({ id: z.string() }),
      result: Total,
    },
    put: { summary: 'Internal', access: 'internal', params: z.object({ id: z.string(), key: z.string() }), result: Total },
  },
  events: { 'counter.added': z.object({ key: z.string(), by: z.int() }) },
});
const pairs = defineContract({
  name: 'pairs',
  streams: [],
  errors: {},
  actions: {
    add: {
      summary: 'Two at once',
      rest: 'POST /pairs',
      access: 'public',
      params: z.strictObject({ a: z.string(), b: z.string() }),
      result: z.object({}),
    },
    lost: { summary: 'Calls nobody', rest: 'POST /lost', access: 'public', params: z.strictObject({}), result: z.object({}) },
  },
  events: {},
});
const contracts = [counters, pairs];
const defineService = bindDefineService<typeof counters | typeof pairs>();

interface Probe {
  runs: number;
  handled: string[];
  stopping: string[];
  gate: Promise<void> | undefined;
  broken: boolean;
}

const countersService = (probe: Probe) =>
  defineService(counters, (node) => {
    const actors = node.actors(counterActor);
    return {
      reactions: [
        node.reaction({
          name: 'counters-echo',
          stream: 'COUNTERS',
          maxAttempts: 1,
          on: {
            'counter.added': async ({ key }, message, origin) => {
              if (probe.broken) throw failure('CONFLICT', 'broken');
              await probe.gate;
              probe.handled.push(key);
              if (key.startsWith('echo:'))
                await node.call('counters.put', { id: `${message.id}-echo`, key: key.slice(5) }, origin);
              probe.stopping.push('reaction done');
            },
          },
        }),
      ],
      actions: {
        get: async (ctx) => ({ total: (await actors.read(ctx.params.id)).state.total }),
        async add(ctx) {
          probe.runs++;
          const { id, by, mode } = ctx.params;
          if (mode === 'refuse') throw failure('CONFLICT', 'no', { id });
          if (mode === 'trip') throw failure('UNAVAILABLE');
          if (mode === 'busy') throw failure('RATE_LIMITED');
          if (mode === 'slow') await new Promise((resolve) => setTimeout(resolve, 300));
          const { state } = await actors.send(id, 'add', { key: node.newId('key'), by }, ctx);
          ctx.meta.location = `/counters/${id}`;
          return { total: state.total };
        },
        clear: async () => ({ total: 0 }),
        async put(ctx) {
          const { state } = await actors.send(ctx.params.id, 'add', { key: ctx.params.key, by: 1 }, ctx);
          return { total: state.total };
        },
      },
      stopped: async () => void probe.stopping.push('service stopped'),
    };
  });

const pairsService = defineService(pairs, (node) => ({
  actions: {
    async add(ctx) {
      const { a, b } = ctx.params;
      await Promise.all([
        ctx.call('counters.put', { id: a, key: 'k' }),
        ctx.call('counters.put', { id: b, key: 'k' }),
        ctx.call('counters.get', { id: a }),
      ]);
      return {};
    },
    async lost(ctx) {
      await node.broker.call('nobody.there', {}, { parentCtx: ctx as never });
      return {};
    },
  },
}));

let server: TestNats;
let a: ServiceBroker;
let b: ServiceBroker;
const probe: Probe = { runs: 0, handled: [], stopping: [], gate: undefined, broken: false };
let count = 0;
const fresh = () => `c${++count}`;
const guest: Principal = { kind: 'guest', id: 'gst_1' };
const account = (role: 'customer' | 'admin', scopes?: string[]): Principal => ({
  kind: 'account',
  id: 'acc_1',
  role,
  via: 'ses_1',
  ...(scopes ? { scopes } : {}),
});

function newBroker(nodeID: string): ServiceBroker {
  const connection = { servers: server.url };
  return new ServiceBroker({
    nodeID,
    logger: false,
    namespace: 'test',
    transporter: { type: 'NATS', options: { servers: server.url } } as never,
    requestTimeout: 8_000,
    skipProcessEventRegistration: true,
    middlewares: [
      nodeMiddleware({ log: { connection }, streams: contracts.flatMap(({ streams = [] }) => streams) }),
      contractMiddleware(contracts),
    ],
  });
}

/** Calls as the gateway does: from one of its own actions, on behalf of somebody. */
function edge(broker: ServiceBroker): (action: string, params: object, meta: Meta) => Promise<unknown> {
  return async (action, params, meta) => broker.call('gateway.pass', { action, params }, { meta });
}
const gatewayService = {
  name: 'gateway',
  actions: {
    async pass(ctx: {
      params: { action: string; params: object };
      meta: Meta;
      call(action: string, params: object): Promise<unknown>;
    }) {
      return { result: await ctx.call(ctx.params.action, ctx.params.params), meta: { ...ctx.meta } };
    },
  },
};

beforeAll(async () => {
  server = await startNats();
  a = newBroker('a');
  b = newBroker('b');
  a.createService(countersService(probe)(a));
  b.createService(countersService(probe)(b));
  a.createService(pairsService(a));
  b.createService(gatewayService as never);
  await Promise.all([a.start(), b.start()]);
  await a.waitForServices(['gateway', 'counters']);
  await b.waitForServices(['pairs', 'counters']);
});
beforeEach(() => {
  probe.runs = 0;
});
afterAll(async () => {
  await b?.stop();
  await a?.stop();
  await server?.stop();
});

describe('the access guard', () => {
  const refused = (action: string, principal?: Principal) =>
    edge(b)(action, { id: 'x' }, principal ? { principal } : {}).then(
      () => 'ok',
      (error: { type: string }) => error.type,
    );

  it('lets in whom the contract names and nobody else', async () => {
    expect(await refused('counters.get')).toBe('ok');
    expect(await refused('counters.add')).toBe('UNAUTHENTICATED');
    expect(await refused('counters.add', { kind: 'anonymous' })).toBe('UNAUTHENTICATED');
    expect(await refused('counters.add', guest)).toBe('ok');
    expect(await refused('counters.clear', guest)).toBe('UNAUTHENTICATED');
    expect(await refused('counters.clear', account('customer'))).toBe('FORBIDDEN');
    expect(await refused('counters.clear', account('admin'))).toBe('ok');
    expect(await refused('counters.put', account('admin'))).toBe('FORBIDDEN');
  });

  it('lets an API key do what its scopes name, and nothing that has no scope', async () => {
    expect(await refused('counters.add', account('admin', ['counters:write']))).toBe('ok');
    expect(await refused('counters.add', account('admin', ['counters:read']))).toBe('FORBIDDEN');
    expect(await refused('counters.clear', account('admin', ['counters:write']))).toBe('FORBIDDEN');
  });

  it('other services call with their own authority', async () => {
    await expect(a.call('counters.put', { id: fresh(), key: 'k' })).resolves.toEqual({ total: 1 });
  });
});

describe('parameters', () => {
  it('are refused with every field that does not fit, and nothing is written', async () => {
    const id = fresh();
    const refusal = a.call('counters.add', { id, by: 1.5, extra: 1, $where: 'x' });
    await expect(refusal).rejects.toMatchObject({ type: 'INVALID_INPUT', code: 422 });
    const { data } = (await refusal.catch((error: unknown) => error)) as { data: { errors: { field: string }[] } };
    expect(data.errors.map(({ field }) => field).sort()).toEqual(['$where', 'by', 'extra']);
    await expect(a.call('counters.add')).rejects.toMatchObject({ type: 'INVALID_INPUT' });
    expect(await nodeOf(a).log.last('COUNTERS', id)).toBeUndefined();
  });

  it('get their defaults and lose unknown keys where the contract allows them', async () => {
    const id = fresh();
    await expect(a.call('counters.put', { id, key: 'k', unknown: 1 })).resolves.toEqual({ total: 1 });
    await expect(a.call('counters.add', { id })).resolves.toEqual({ total: 2 });
  });
});

describe('an Idempotency-Key', () => {
  const post = async (key: string, params: object, principal: Principal = guest) =>
    (await edge(b)('counters.add', params, { idempotencyKey: key, principal })) as { result: unknown; meta: Meta };

  it('runs the request once and gives the first answer again, with its hints', async () => {
    const id = fresh();
    const first = await post('k1', { id });
    const again = await post('k1', { id });
    expect(again.result).toEqual(first.result);
    expect(again.meta).toMatchObject({ replayed: true, location: `/counters/${id}`, position: first.meta.position });
    expect(first.meta.replayed).toBeUndefined();
    expect(probe.runs).toBe(1);
  });

  it('runs once when twenty send it at the same time to two nodes', async () => {
    const id = fresh();
    const answers = await Promise.all(Array.from({ length: 20 }, () => post('k2', { id, mode: 'slow' })));
    expect(answers.map(({ result }) => result)).toEqual(Array.from({ length: 20 }, () => ({ total: 1 })));
    expect(answers.filter(({ meta }) => meta.replayed)).toHaveLength(19);
    expect(probe.runs).toBe(1);
  });

  it('is refused with another body', async () => {
    const id = fresh();
    await post('k3', { id });
    await expect(post('k3', { id, by: 2 })).rejects.toMatchObject({ type: 'IDEMPOTENCY_KEY_REUSED', code: 422 });
    expect(probe.runs).toBe(1);
  });

  it('belongs to its caller', async () => {
    const id = fresh();
    await post('k4', { id });
    await expect(post('k4', { id }, account('customer'))).resolves.toMatchObject({ result: { total: 2 } });
  });

  it('keeps a refusal, but neither trouble of ours nor too many tries', async () => {
    const id = fresh();
    for (const [mode, type, runs] of [
      ['refuse', 'CONFLICT', 1],
      ['trip', 'UNAVAILABLE', 2],
      ['busy', 'RATE_LIMITED', 2],
    ] as const) {
      probe.runs = 0;
      for (let i = 0; i < 2; i++) await expect(post(`k5-${mode}`, { id, mode })).rejects.toMatchObject({ type });
      expect(probe.runs).toBe(runs);
    }
    const lost = () => edge(b)('pairs.lost', {}, { idempotencyKey: 'k5', principal: guest });
    await expect(lost()).rejects.toMatchObject({ type: 'SERVICE_NOT_FOUND' });
    expect(await kept('pairs.lost', 'k5')).toMatchObject({ status: 'new' });
  });

  it('refused parameters use up no key', async () => {
    const id = fresh();
    await expect(post('k6', { id, by: 'x' })).rejects.toMatchObject({ type: 'INVALID_INPUT' });
    await expect(post('k6', { id })).resolves.toMatchObject({ result: { total: 1 } });
  });

  it('of a request whose node died is taken over after a while, and answered meanwhile with a conflict', async () => {
    const id = fresh();
    const started = await post('k7', { id });
    const actor = requestId('gst_1', 'counters.add', 'k8');
    const requests = new Actors(requestActor, () => nodeOf(a).log, { alone: () => false });
    const copy = await requests.read(requestId('gst_1', 'counters.add', 'k7'));
    expect(started.result).toEqual({ total: 1 });
    expect(copy.state.status).toBe('finished');
    const dead = { meta: { historic: { at: Date.now() - 10_000 } } };
    const { fingerprintOf } = await import('./middlewares/requests.ts');
    await requests.send(actor, 'start', { fingerprint: fingerprintOf('k8', { id, by: 1, mode: '' }), runner: 'run_dead' }, dead);
    const since = Date.now();
    await expect(post('k8', { id })).resolves.toMatchObject({ result: { total: 2 } });
    expect(Date.now() - since).toBeGreaterThan(3_000);
    await requests.send(
      requestId('gst_1', 'counters.add', 'k9'),
      'start',
      { fingerprint: fingerprintOf('k9', { id, by: 1, mode: '' }), runner: 'run_slow' },
      { meta: {} },
    );
    await expect(post('k9', { id })).rejects.toMatchObject({ type: 'CONFLICT', code: 409 });
  }, 30_000);

  it('leaves nothing in the log that can be read without it', async () => {
    const id = fresh();
    await post('k10-secret', { id });
    const step = await nodeOf(a).log.last('REQUESTS', requestId('gst_1', 'counters.add', 'k10-secret'));
    const text = JSON.stringify(step);
    expect(text).toContain('request.finished');
    for (const secret of ['k10-secret', id, 'total', 'gst_1']) expect(text).not.toContain(secret);
  });

  async function kept(action: string, key: string) {
    const requests = new Actors(requestActor, () => nodeOf(a).log, { alone: () => false });
    return (await requests.read(requestId('gst_1', action, key))).state;
  }
});

describe('positions', () => {
  it('of parallel calls are joined: none is erased by another', async () => {
    for (let i = 0; i < 10; i++) {
      const [one, two] = [fresh(), fresh()];
      const { meta } = (await edge(b)('pairs.add', { a: one, b: two }, {})) as { meta: Meta };
      const last = Math.max(
        ...(await Promise.all([one, two].map(async (id) => (await nodeOf(a).log.last('COUNTERS', id))?.seq ?? 0))),
      );
      expect(meta.position).toBe(`COUNTERS=${last}`);
    }
  });
});

describe('reactions of a service', () => {
  it('react on either node, once, and act on behalf of the request', async () => {
    const id = fresh();
    await a.call('counters.put', { id, key: 'echo:hello' }, { meta: { requestId: 'req_cause' } });
    const step = await until('the echo', () => nodeOf(a).log.last('COUNTERS', `${id}-echo`));
    expect(step.body).toMatchObject({ v: 1, by: 'system', cause: { request: 'req_cause' } });
    expect([...nodeOf(a).reactions].map(({ name }) => name)).toEqual(['counters-echo']);
    await until('no lag', async () => (await nodeOf(a).lags()).every(({ lag }) => lag === 0));
  });

  it('a dead letter is replayed through the service’s action', async () => {
    probe.broken = true;
    const id = fresh();
    await a.call('counters.put', { id, key: 'later' });
    const { seq } = (await nodeOf(a).log.last('COUNTERS', id)) ?? { seq: 0 };
    await until('dead', () => nodeOf(a).log.stored('DEAD', 1, `dead.counters-echo.COUNTERS.${seq}`));
    await expect(a.call('counters.replayDeadLetter', { reaction: 'counters-echo', seq })).rejects.toMatchObject({
      type: 'CONFLICT',
    });
    probe.broken = false;
    await expect(a.call('counters.replayDeadLetter', { reaction: 'counters-echo', seq })).resolves.toEqual({ replayed: true });
    expect(probe.handled).toContain('later');
    await expect(a.call('counters.replayDeadLetter', { reaction: 'nobody', seq })).rejects.toMatchObject({ type: 'NOT_FOUND' });
  });
});

describe('exact reads', () => {
  it('trust no cached state while another node hosts the service or has just come or gone', async () => {
    expect(nodeOf(a).alone('counters')).toBe(false);
    const id = fresh();
    for (let i = 1; i <= 10; i++) {
      const [writer, reader] = i % 2 ? [a, b] : [b, a];
      await writer.call('counters.put', { id, key: `k${i}` }, { nodeID: writer.nodeID });
      expect(await reader.call('counters.get', { id }, { nodeID: reader.nodeID })).toEqual({ total: i });
    }
  });
});

describe('stopping a node', () => {
  it('lets reactions finish while every service still answers, and only then stops services', async () => {
    const c = newBroker('c');
    const own: Probe = { runs: 0, handled: [], stopping: [], gate: undefined, broken: false };
    c.createService(countersService(own)(c));
    await c.start();
    let open: () => void = () => {};
    own.gate = new Promise((resolve) => {
      open = resolve;
    });
    const begun = () =>
      nodeOf(c)
        .log.jsm.consumers.info('COUNTERS', 'counters-echo')
        .then(({ num_ack_pending }) => num_ack_pending > 0);
    const ids = Array.from({ length: 30 }, fresh);
    for (const id of ids) await a.call('counters.put', { id, key: `echo:${id}` });
    await until('one in work', begun);
    setTimeout(open, 300);
    await c.stop();
    expect(own.stopping.at(-1)).toBe('service stopped');
    for (const id of ids) await until(`the echo of ${id}`, () => nodeOf(a).log.last('COUNTERS', `${id}-echo`), 15_000);
  }, 40_000);
});
