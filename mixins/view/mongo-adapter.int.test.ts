// Views in a MongoDB that several nodes share: the same handlers, the same answers, and a start that goes on where it was.
import { ServiceBroker } from 'moleculer';
import { MongoClient } from 'mongodb';
import { counterActor } from '../../test/support/counter.ts';
import { hasMongo, startMongo, type TestMongo } from '../../test/support/mongo.ts';
import { startNats, type TestNats } from '../../test/support/nats.ts';
import { nodeMiddleware } from '../middlewares/node.ts';
import { nodeOf, type SoukNode } from '../node.ts';
import { defineView } from './definition.ts';
import { MongoViews } from './mongo-adapter.ts';
import type { View } from './view.ts';

interface Row {
  readonly id: string;
  readonly total: number;
  readonly tags: string[];
  readonly note?: string | undefined;
}

let projected = 0;
const rows = defineView<Row>({
  name: 'rows',
  stream: 'COUNTERS',
  indexes: ['total'],
  project({ id, body }) {
    projected++;
    const { total, text } = body.state as { total: number; text: string };
    return text === 'gone' ? 'delete' : { id, total, tags: [`t${total % 3}`], note: text || undefined };
  },
});

interface TestNode {
  readonly node: SoukNode;
  readonly view: View<Row>;
  readonly send: (id: string, key: string, by?: number) => Promise<number>;
  readonly note: (id: string, text: string) => Promise<number>;
  stop(): Promise<void>;
}

/** Says aloud that nothing was tested, instead of passing silently. */
const suite = (name: string, tests: () => void): void => {
  if (hasMongo()) describe(name, tests);
  else
    it('NOT TESTED: views in MongoDB need MONGO_URL, or ferretdb on the PATH or in .engines', () => {
      process.stderr.write('Views in MongoDB were not tested: set MONGO_URL, or put ferretdb on the PATH or into .engines\n');
    });
};

suite('views in MongoDB', () => {
  let nats: TestNats;
  let mongo: TestMongo;
  const nodes: TestNode[] = [];

  async function startNode(inMongo = true): Promise<TestNode> {
    const options = { log: { connection: { servers: nats.url } }, streams: [{ name: 'COUNTERS' }] };
    const broker = new ServiceBroker({
      logger: false,
      middlewares: [nodeMiddleware(inMongo ? { ...options, viewStore: new MongoViews(mongo.url) } : options)],
      skipProcessEventRegistration: true,
    });
    const node = nodeOf(broker);
    const actors = node.actors('counters', counterActor);
    const view = node.view(rows);
    await broker.start();
    await node.startFollowers();
    await node.caughtUp();
    const started = {
      node,
      view,
      send: async (id: string, key: string, by = 1) => (await actors.send(id, 'add', { key, by }, { meta: {} })).seq,
      note: async (id: string, text: string) => (await actors.send(id, 'note', { text }, { meta: {} })).seq,
      stop: () => broker.stop(),
    };
    nodes.push(started);
    return started;
  }

  async function stopNodes(): Promise<void> {
    await Promise.all(nodes.splice(0).map((node) => node.stop()));
  }

  beforeEach(async () => {
    nats = await startNats();
    mongo = await startMongo();
    projected = 0;
  });
  afterEach(async () => {
    await stopNodes();
    await mongo?.stop();
    await nats?.stop();
  });

  it('answers every query as the embedded store does', async () => {
    const one = await startNode();
    const embedded = await startNode(false);
    for (let i = 0; i < 40; i++) await one.send(`a${String(i).padStart(2, '0')}`, 'k', i % 7);
    await one.note('a05', 'noted');
    const seq = await one.note('a07', 'gone');
    for (const { view } of [one, embedded]) expect(await view.reached(seq, 5_000)).toBe(true);
    const queries = [
      {},
      { where: { total: { $gte: 3, $lt: 6 } } },
      { where: { tags: 't1' }, sort: '-total', limit: 5 },
      { where: { $or: [{ total: 0 }, { note: 'noted' }] } },
      { where: { id: { $regex: /^a1/ } }, sort: 'total', limit: 4 },
      { where: { total: { $in: [1, 2] } }, sort: '-id' },
    ];
    for (const query of queries) {
      const found = await one.view.find(query);
      expect(found).toEqual(await embedded.view.find(query));
      const next = found.next ? { ...query, after: found.next } : query;
      expect(await one.view.find(next)).toEqual(await embedded.view.find(next));
    }
    expect(await one.view.count({ tags: 't1' })).toBe(await embedded.view.count({ tags: 't1' }));
    expect(await one.view.get('a05')).toEqual({ id: 'a05', total: 5, tags: ['t2'], note: 'noted' });
    expect(await one.view.get('a07')).toBeUndefined();
    expect(await one.view.hash()).toBe(await embedded.view.hash());
    await expect(one.view.find({ after: 'forged' })).rejects.toMatchObject({ type: 'INVALID_INPUT' });
  }, 60_000);

  it('a start goes on where the store is, and reads only what came since', async () => {
    const one = await startNode();
    for (let i = 0; i < 30; i++) await one.send(`a${i}`, 'k');
    await one.view.reached(30, 5_000);
    await stopNodes();
    const writer = await startNode(false);
    await writer.send('late', 'k', 9);
    await writer.view.reached(await writer.note('a3', 'gone'), 5_000);
    projected = 0;
    const two = await startNode();
    expect(projected).toBeLessThanOrEqual(2);
    expect(await two.view.hash()).toBe(await writer.view.hash());
    expect(two.view.position()).toBe(32);
  }, 60_000);

  it('two nodes that write the same documents end with the newest of each', async () => {
    const one = await startNode();
    const two = await startNode();
    await Promise.all(
      Array.from({ length: 200 }, async (_, i) => {
        const node = i % 2 ? one : two;
        await node.send(`a${i % 10}`, `k${i}`);
        if (i % 50 === 49) await node.note(`a${i % 10}`, 'gone');
      }),
    );
    const end = await one.node.log.end('COUNTERS');
    for (const { view } of [one, two]) expect(await view.reached(end, 10_000)).toBe(true);
    const embedded = await startNode(false);
    expect(await one.view.hash()).toBe(await embedded.view.hash());
  }, 60_000);

  it('an older version never replaces a newer one, not even a removal', async () => {
    const store = new MongoViews(mongo.url);
    await store.connect();
    const adapter = store.adapter(rows);
    expect(await adapter.checkpoint?.('a log')).toBe(0);
    const row = (total: number): Row => ({ id: 'x', total, tags: [] });
    await adapter.write({ changes: [{ id: 'x', seq: 5, document: row(5) }], seq: 5 });
    await adapter.write({ changes: [{ id: 'x', seq: 4, document: row(4) }], seq: 4 });
    expect(await adapter.findById('x')).toMatchObject({ total: 5 });
    await adapter.write({ changes: [{ id: 'x', seq: 7, document: undefined }], seq: 7 });
    await adapter.write({ changes: [{ id: 'x', seq: 6, document: row(6) }], seq: 6 });
    expect(await adapter.findById('x')).toBeNull();
    await adapter.rebuilt?.();
    expect(await store.adapter(rows).checkpoint?.('a log')).toBe(7);
    expect(await store.adapter(rows).checkpoint?.('another log')).toBe(0);
    await store.close();
  }, 60_000);

  it('a rebuild gives what was there; one that was broken off is done again at the next start', async () => {
    const one = await startNode();
    for (let i = 0; i < 50; i++) await one.send(`a${i % 20}`, `k${i}`);
    await one.view.reached(50, 5_000);
    const before = await one.view.hash();
    await one.view.rebuild();
    expect(await one.view.hash()).toBe(before);
    await stopNodes();
    const client = new MongoClient(mongo.url);
    const [collection] = await client.db().collection<{ _id: string }>('view_checkpoints').find().toArray();
    await client
      .db()
      .collection('view_checkpoints')
      .updateMany({}, { $set: { complete: false } });
    await client
      .db()
      .collection(collection?._id ?? '')
      .deleteMany({ total: { $gte: 3 } });
    await client.close();
    const two = await startNode();
    expect(await two.view.hash()).toBe(before);
  }, 60_000);

  it('the store comes back and misses nothing', async () => {
    const one = await startNode();
    await one.send('a', 'k1');
    const write = jest.spyOn(MongoClient.prototype, 'db').mockImplementationOnce(() => {
      throw new Error('gone for a moment');
    });
    await one.send('a', 'k2');
    write.mockRestore();
    const seq = await one.send('a', 'k3');
    expect(await one.view.reached(seq, 5_000)).toBe(true);
    expect((await one.view.get('a'))?.total).toBe(3);
  }, 60_000);

  it('an unreachable server stops the start with one line that names the variable', async () => {
    const store = new MongoViews('mongodb://127.0.0.1:1/x');
    await expect(store.connect()).rejects.toThrow(/^MONGO_URL: MongoDB cannot be reached: /);
  }, 30_000);
});
