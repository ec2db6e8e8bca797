// Actors on real servers: every command exactly once, whoever else writes, whatever is evicted or restarted.
import { type CounterState, counterActor, sparseActor } from '../../test/support/counter.ts';
import { startNats, type TestNats } from '../../test/support/nats.ts';
import { serverTable } from '../../test/support/nats-versions.ts';
import { Log } from '../log/log.ts';
import { parsePosition } from '../log/position.ts';
import type { Meta } from '../meta.ts';
import { Actors, type ActorsOptions } from './actors.ts';

const origin = (meta: Meta = {}) => ({ meta });
const add = (key: string, by = 1) => ({ key, by });

describe.each(serverTable())('actors on %s', (_label, binary) => {
  let server: TestNats;
  let log: Log;
  let other: Log;
  let count = 0;
  let id: string;

  beforeAll(async () => {
    server = await startNats(binary);
    log = await Log.connect({ connection: { servers: server.url } });
    other = await Log.connect({ connection: { servers: server.url } });
    await log.declare([{ name: 'COUNTERS' }]);
  });
  beforeEach(() => {
    id = `counter${++count}`;
  });
  afterAll(async () => {
    await log?.close();
    await other?.close();
    await server?.stop();
  });

  const host = (options: Partial<ActorsOptions> = {}, on = log) =>
    new Actors(counterActor, () => on, { alone: () => false, ...options });
  const sparse = (on = log) => new Actors(sparseActor, () => on, { alone: () => true });
  async function messages(actor = id) {
    const found = [];
    for await (const { body } of log.steps('COUNTERS', actor)) found.push(body);
    return found;
  }

  it('a command is in the log when it is answered, with who asked and why', async () => {
    const outcome = await host().send(
      id,
      'add',
      add('k'),
      origin({ requestId: 'req_1', traceparent: '00-t', principal: { kind: 'guest', id: 'gst_1' } }),
    );
    expect(outcome).toMatchObject({ version: 1, events: [{ type: 'counter.added' }], state: { total: 1 } });
    expect(await messages()).toEqual([
      {
        v: 1,
        at: expect.any(Number),
        by: 'gst_1',
        cause: { request: 'req_1', trace: '00-t' },
        events: [{ type: 'counter.added', data: { key: 'k', by: 1 } }],
        state: { id, total: 1, keys: ['k'], text: '' },
      },
    ]);
  });

  it('commands of one tick become one message; a refused one rejects alone', async () => {
    const actors = host();
    const results = await Promise.allSettled([
      actors.send(id, 'add', add('a'), origin()),
      actors.send(id, 'add', add('b', -5), origin()),
      actors.send(id, 'add', add('c'), origin({ principal: { kind: 'guest', id: 'gst_2' } })),
      actors.send(id, 'add', add('a'), origin()),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
    expect((results[1] as PromiseRejectedResult).reason).toMatchObject({ type: 'CONFLICT', data: { total: 1 } });
    expect(results[3]).toMatchObject({ value: { events: [] } });
    const [only, ...more] = await messages();
    expect(more).toEqual([]);
    expect(only?.by).toBe('system');
    expect(only?.events.map((event) => [(event.data as { key: string }).key, event.by])).toEqual([
      ['a', undefined],
      ['c', 'gst_2'],
    ]);
  });

  it('two hosts of one actor: every command exactly once, versions without a gap', async () => {
    const hosts = [host(), host({}, other)];
    const sends = Array.from({ length: 200 }, (_, i) => {
      const at = hosts[i % 2] as (typeof hosts)[number];
      return new Promise((resolve) => setTimeout(resolve, Math.random() * 200)).then(() =>
        at.send(id, 'add', add(`k${i % 100}`), origin()),
      );
    });
    const outcomes = await Promise.all(sends);
    expect(outcomes.reduce((sum, { events }) => sum + events.length, 0)).toBe(100);
    const log = await messages();
    expect(log.map(({ v }) => v)).toEqual(log.map((_, i) => i + 1));
    const keys = log.flatMap(({ events }) => events.map((event) => (event.data as { key: string }).key));
    expect(keys).toHaveLength(100);
    expect(new Set(keys).size).toBe(100);
    for (const one of hosts) expect((await one.read(id)).state.total).toBe(100);
  });

  it('a refusal and a repetition never rest on a state that another node has moved on from', async () => {
    const one = host();
    const two = host({}, other);
    await one.send(id, 'add', add('first'), origin());
    await two.send(id, 'add', add('more', 10), origin());
    await expect(one.send(id, 'add', add('take', -11), origin())).resolves.toMatchObject({ state: { total: 0 } });
    await two.send(id, 'add', add('again', 3), origin());
    const repeated = await one.send(id, 'add', add('again', 3), origin());
    expect(repeated).toMatchObject({ events: [], state: { total: 3 }, version: 4 });
    await expect(two.send(id, 'add', add('too much', -4), origin())).rejects.toMatchObject({ data: { total: 3 } });
  });

  it('an exact read sees what another node has just acknowledged', async () => {
    const one = host();
    const two = host({}, other);
    for (let i = 1; i <= 20; i++) {
      await (i % 2 ? one : two).send(id, 'add', add(`k${i}`), origin());
      expect((await (i % 2 ? two : one).read(id)).version).toBe(i);
    }
  });

  it('reads its own writes while commands are in flight', async () => {
    const actors = host({ alone: () => true });
    const sent = actors.send(id, 'add', add('a'), origin());
    const read = await actors.read(id);
    expect(read.version).toBe(1);
    await sent;
    expect(await actors.read(`${id}-unknown`)).toMatchObject({ version: 0, seq: 0 });
  });

  it('tells the position of what it wrote, and of nothing else', async () => {
    const actors = host();
    const meta: Meta = { position: 'OTHERS=5' };
    const { seq } = await actors.send(id, 'add', add('a'), { meta });
    expect(parsePosition(meta.position)).toEqual({ OTHERS: 5, COUNTERS: seq });
    const repeated: Meta = {};
    await actors.send(id, 'add', add('a'), { meta: repeated });
    expect(repeated.position).toBeUndefined();
  });

  it('keeps few actors alive and loses nothing under load', async () => {
    const actors = host({ keep: 5, alone: () => true });
    const all = Array.from({ length: 1_000 }, (_, i) => actors.send(`${id}-${i % 50}`, 'add', add(`k${i}`), origin()));
    await Promise.all(all);
    for (let actor = 0; actor < 50; actor++) expect((await actors.read(`${id}-${actor}`)).state.total).toBe(20);
  });

  it('writes its state every few messages only, and a cold actor loads snapshot and tail', async () => {
    const actors = sparse();
    for (let i = 1; i <= 10; i++) await actors.send(id, 'add', add(`k${i}`), origin());
    const found = await messages();
    expect(found.map(({ state }) => state !== undefined)).toEqual([
      true,
      false,
      false,
      false,
      true,
      false,
      false,
      false,
      true,
      false,
    ]);
    expect(found.map(({ summary }) => (summary as { total: number }).total)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    const snapshots = new Map<number, number>();
    for await (const { seq, body } of log.steps('COUNTERS', id)) snapshots.set(body.v, seq);
    expect(found[9]?.snapshot).toBe(snapshots.get(9));
    expect(found[7]?.snapshot).toBe(snapshots.get(5));
    const cold = sparse(other);
    expect(await cold.read(id)).toMatchObject({
      version: 10,
      state: { total: 10, keys: Array.from({ length: 10 }, (_, i) => `k${i + 1}`) },
    });
    await cold.send(id, 'add', add('k11'), origin());
    expect((await messages()).at(-1)).toMatchObject({ v: 11, snapshot: snapshots.get(9) });
  });

  it('a large state goes into one message; a group that does not fit is split, a command that can never fit is refused', async () => {
    const actors = host();
    const large = 'x'.repeat(450_000);
    await actors.send(id, 'note', { text: large }, origin());
    expect((await host().read(id)).state.text).toHaveLength(450_000);
    const text = 'y'.repeat(220_000);
    const results = await Promise.allSettled([
      ...Array.from({ length: 4 }, () => actors.send(id, 'note', { text }, origin())),
      actors.send(id, 'note', { text: 'z'.repeat(1_100_000) }, origin()),
      actors.send(id, 'add', add('small'), origin()),
    ]);
    expect(results.map(({ status }) => status)).toEqual([
      'fulfilled',
      'fulfilled',
      'fulfilled',
      'fulfilled',
      'rejected',
      'fulfilled',
    ]);
    expect((results[4] as PromiseRejectedResult).reason).toMatchObject({ type: 'BODY_TOO_LARGE', code: 413 });
    expect((await actors.read(id)).state).toMatchObject({ total: 1, text });
    expect((await messages()).length).toBeGreaterThan(2);
  });

  it('an event that cannot be applied fails the step and leaves the actor as it was', async () => {
    const actors = host({ alone: () => true });
    await actors.send(id, 'add', add('a'), origin());
    const results = await Promise.allSettled([
      actors.send(id, 'add', add('b'), origin()),
      actors.send(id, 'note', { text: 'poison' }, origin()),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await actors.read(id)).toMatchObject({ version: 1, state: { total: 1 } });
  });

  it('answers 503 when too many commands wait for one actor', async () => {
    const actors = host({ alone: () => true });
    const results = await Promise.allSettled(
      Array.from({ length: 20_300 }, (_, i) => actors.send(id, 'add', add(`k${i % 10}`), origin())),
    );
    const refused = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
    expect(refused).toHaveLength(300);
    expect(refused[0]).toMatchObject({ type: 'CONTENTION', code: 503, data: { retryAfter: 1 } });
    expect((await actors.read(id)).state.total).toBe(10);
  });

  it('a purged actor is forgotten, idle or busy, and can begin again', async () => {
    const actors = host({ alone: () => true });
    await actors.send(id, 'add', add('secret'), origin());
    await log.purge('COUNTERS', id);
    actors.forget(id);
    expect(await actors.read(id)).toMatchObject({ version: 0, state: { keys: [] } });
    await actors.send(id, 'add', add('a'), origin());
    const busy = actors.send(id, 'add', add('b'), origin());
    await log.purge('COUNTERS', id);
    actors.forget(id);
    await busy;
    const { state, version } = await actors.read(id);
    expect(state.keys).toHaveLength(version);
    expect(await messages()).toHaveLength(version);
  });

  it('no command is lost or done twice when the server is killed in between', async () => {
    const actors = host();
    const sends: Promise<{ state: CounterState }>[] = [];
    for (let i = 0; i < 60; i++) {
      sends.push(actors.send(id, 'add', add(`k${i}`), origin()));
      if (i === 20 || i === 40) {
        await server.kill();
        await server.restart();
      }
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await Promise.all(sends);
    const keys = (await messages()).flatMap(({ events }) => events.map((event) => (event.data as { key: string }).key));
    expect(keys.toSorted()).toEqual(Array.from({ length: 60 }, (_, i) => `k${i}`).toSorted());
  }, 60_000);
});
