// Views and followers on real servers: what is shown equals the log, after a start, a rebuild, a purge or a lost server.
import { ServiceBroker } from 'moleculer';
import { type CounterEvent, counterActor } from '../../test/support/counter.ts';
import { startNats, type TestNats } from '../../test/support/nats.ts';
import { serverTable } from '../../test/support/nats-versions.ts';
import { until } from '../../test/support/until.ts';
import type { LogMessage } from '../log/message.ts';
import { nodeMiddleware } from '../middlewares/node.ts';
import { nodeOf, type SoukNode } from '../node.ts';
import { defineView } from './definition.ts';
import type { View } from './view.ts';

interface Row {
  readonly id: string;
  readonly total: number;
  readonly band: string;
}

const rows = defineView<Row>({
  name: 'rows',
  stream: 'COUNTERS',
  indexes: ['total'],
  project({ id, body }) {
    const { total, text } = body.state as { total: number; text: string };
    if (text === 'ignored') return undefined;
    return text === 'gone' ? 'delete' : { id, total, band: total > 5 ? 'high' : 'low' };
  },
});

interface TestNode {
  readonly node: SoukNode;
  readonly view: View<Row>;
  readonly seen: LogMessage[];
  readonly send: (id: string, key: string, by?: number) => Promise<number>;
  readonly note: (id: string, text: string) => Promise<number>;
  stop(): Promise<void>;
}

let server: TestNats;
const nodes: TestNode[] = [];

async function startNode(): Promise<TestNode> {
  const log = { connection: { servers: server.url } };
  const broker = new ServiceBroker({
    logger: false,
    middlewares: [nodeMiddleware({ log, streams: [{ name: 'COUNTERS' }] })],
    skipProcessEventRegistration: true,
  });
  const node = nodeOf(broker);
  const actors = node.actors('counters', counterActor);
  const view = node.view(rows);
  const seen: LogMessage[] = [];
  const followed = node.follow('COUNTERS', (message) => void seen.push(message));
  await broker.start();
  // Several services ask for it at once when they start.
  await Promise.all([node.startFollowers(), node.startFollowers(), node.startFollowers()]);
  await Promise.all([node.caughtUp(), followed.ready()]);
  const origin = () => ({ meta: {} });
  const started = {
    node,
    view,
    seen,
    send: async (id: string, key: string, by = 1) => (await actors.send(id, 'add', { key, by }, origin())).seq,
    note: async (id: string, text: string) => (await actors.send(id, 'note', { text }, origin())).seq,
    stop: () => broker.stop(),
  };
  nodes.push(started);
  return started;
}

const totals = async (view: View<Row>) =>
  Object.fromEntries((await view.find({ limit: 1_000 })).items.map(({ id, total }) => [id, total]));

describe.each(serverTable())('views on %s', (_label, binary) => {
  beforeEach(async () => {
    server = await startNats(binary);
  });
  afterEach(async () => {
    await Promise.all(nodes.splice(0).map((node) => node.stop()));
    await server.stop();
  });

  it('a start shows everything that is in the log, from the last message of each actor', async () => {
    const one = await startNode();
    for (let i = 1; i <= 30; i++) await one.send(`a${i % 10}`, `k${i}`);
    await one.note('a3', 'gone');
    const two = await startNode();
    expect(await totals(two.view)).toEqual({ a0: 3, a1: 3, a2: 3, a4: 3, a5: 3, a6: 3, a7: 3, a8: 3, a9: 3 });
    expect(two.seen).toHaveLength(10);
    expect(await two.view.hash()).toBe(await one.view.hash());
  });

  it('delivers every message once and in order, however many services ask to start', async () => {
    const one = await startNode();
    for (let i = 1; i <= 50; i++) await one.send(`a${i % 7}`, `k${i}`);
    await until('all delivered', () => one.seen.length >= 50);
    expect(one.seen.map(({ seq }) => seq)).toEqual(Array.from({ length: 50 }, (_, i) => i + 1));
  });

  it('a read that waits for a position sees what was written, also while writes go on', async () => {
    const one = await startNode();
    const two = await startNode();
    let stopped = false;
    const noise = (async () => {
      for (let i = 0; !stopped; i++) await one.send(`noise${i % 20}`, `n${i}`);
    })();
    for (let i = 1; i <= 20; i++) {
      const seq = await one.send('mine', `k${i}`);
      const since = Date.now();
      expect(await two.view.reached(seq, 2_000)).toBe(true);
      expect(Date.now() - since).toBeLessThan(1_000);
      expect((await two.view.get('mine'))?.total).toBe(i);
    }
    const since = Date.now();
    await two.node.reached('COUNTERS=999999999');
    expect(Date.now() - since).toBeGreaterThanOrEqual(1_900);
    expect(Date.now() - since).toBeLessThan(3_000);
    stopped = true;
    await noise;
  });

  it('a rebuild gives what was there, also while writes go on', async () => {
    const one = await startNode();
    for (let i = 1; i <= 200; i++) await one.send(`a${i % 50}`, `k${i}`);
    await one.note('a7', 'gone');
    await one.view.reached(201, 2_000);
    const before = await one.view.hash();
    await one.view.rebuild();
    expect(await one.view.hash()).toBe(before);
    const writing = (async () => {
      for (let i = 201; i <= 400; i++) await one.send(`a${i % 60}`, `k${i}`);
    })();
    await Promise.all([one.view.rebuild(), one.view.rebuild()]);
    await writing;
    await one.view.reached(401, 2_000);
    const fresh = await startNode();
    expect(await one.view.hash()).toBe(await fresh.view.hash());
    expect(one.view.position()).toBe(401);
  });

  it('pages of 7 show each document once while others are inserted and changed in between', async () => {
    const one = await startNode();
    for (let i = 0; i < 60; i++) await one.send(`a${String(i).padStart(2, '0')}`, 'k', i % 5);
    await one.view.reached(60, 2_000);
    for (const sort of ['-total', 'total', 'id', '-id']) {
      const found: string[] = [];
      for (let after: string | undefined, page = 0; ; page++) {
        const rows = await one.view.find({ sort, limit: 7, ...(after ? { after } : {}) });
        found.push(...rows.items.map(({ id }) => id));
        if (!rows.next) break;
        after = rows.next;
        const seq = await one.send(`new-${sort}-${page}`, 'k', page % 5);
        await one.view.reached(seq, 2_000);
      }
      expect(new Set(found).size).toBe(found.length);
      expect(found.filter((id) => id.startsWith('a'))).toHaveLength(60);
    }
    expect(
      (await one.view.find({ where: { band: 'low', total: { $gte: 4 } }, sort: 'id', limit: 3 })).items.map(({ total }) => total),
    ).toEqual([4, 4, 4]);
    expect(await one.view.count({ total: 4 })).toBeGreaterThanOrEqual(12);
  });

  it('an actor whose subject was purged is gone after the next start, and a wholly purged stream is no obstacle', async () => {
    const one = await startNode();
    await one.send('a', 'k');
    await one.send('b', 'k');
    await one.node.log.purge('COUNTERS', 'b');
    const two = await startNode();
    expect(await totals(two.view)).toEqual({ a: 1 });
    expect(two.node.positions()).toEqual({ COUNTERS: 2 });
    await one.node.log.purge('COUNTERS', 'a');
    const three = await startNode();
    expect(await totals(three.view)).toEqual({});
    expect(three.view.position()).toBe(2);
    const seq = await three.send('c', 'k');
    expect(await three.view.reached(seq, 2_000)).toBe(true);
  });

  it('follows on without a gap or a repetition when the server is killed and restarted', async () => {
    const one = await startNode();
    for (let i = 1; i <= 20; i++) await one.send('a', `k${i}`);
    for (let kill = 0; kill < 2; kill++) {
      await server.kill();
      const sent = one.send('a', `during${kill}`);
      await server.restart();
      await sent;
      for (let i = 1; i <= 20; i++) await one.send('b', `${kill}-${i}`);
    }
    const { length } = await until('everything', () => one.seen.length >= 62 && one.seen, 20_000);
    expect(length).toBe(62);
    expect(one.seen.map(({ seq }) => seq)).toEqual(Array.from({ length: 62 }, (_, i) => i + 1));
    expect(await one.view.reached(62, 5_000)).toBe(true);
    expect(await totals(one.view)).toEqual({ a: 22, b: 40 });
  }, 60_000);

  it('passes over a message that no actor wrote', async () => {
    const one = await startNode();
    await one.node.log.publish('counters.00.garbage', new TextEncoder().encode('{not json'), 'g');
    const seq = await one.send('a', 'k');
    expect(await one.view.reached(seq, 2_000)).toBe(true);
    expect(await totals(one.view)).toEqual({ a: 1 });
    const two = await startNode();
    expect(await totals(two.view)).toEqual({ a: 1 });
  });

  it('ends the node when the log has lost what it has seen', async () => {
    const one = await startNode();
    const fatal = jest.spyOn(one.node.broker, 'fatal').mockImplementation(() => {});
    for (let i = 1; i <= 5; i++) await one.send('a', `k${i}`);
    await until('all delivered', () => one.seen.length === 5);
    await one.node.log.jsm.streams.delete('COUNTERS');
    await one.node.log.declare([{ name: 'COUNTERS' }]);
    await server.restart();
    await until('the node says so', () => fatal.mock.calls.length > 0, 20_000);
    expect(fatal.mock.calls[0]?.[0]).toBe('The log has lost messages: COUNTERS ends at 0, this node has seen 5');
  }, 40_000);

  it('events keep their type through the log', async () => {
    const one = await startNode();
    await one.send('a', 'k', 2);
    await until('delivered', () => one.seen.length === 1);
    const event = one.seen[0]?.body.events[0] as CounterEvent | undefined;
    expect(event).toEqual({ type: 'counter.added', data: { key: 'k', by: 2 } });
  });
});
