// The log on real servers: compare-and-set under races, appends whose outcome is unknown, reads of single subjects.
import { createServer, type Server, Socket } from 'node:net';
import { startNats, type TestNats } from '../../test/support/nats.ts';
import { serverTable } from '../../test/support/nats-versions.ts';
import { until } from '../../test/support/until.ts';
import { Log, TooLarge, WrongSequence } from './log.ts';
import type { LogBody, LogMessage } from './message.ts';

const bodyOf = (v: number, data: unknown = v): LogBody => ({ v, at: 1, by: 'test', cause: {}, events: [{ type: 'x.y', data }] });

/** Passes bytes on; what comes back from the server can be cut off, as a connection lost between send and ack would. */
class Cut {
  #deaf = false;
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;
  port = 0;

  constructor(target: number) {
    this.#server = createServer((client) => {
      const upstream = new Socket().connect(target, '127.0.0.1');
      for (const socket of [client, upstream]) {
        this.#sockets.add(socket);
        socket.on('error', () => {}).on('close', () => [client, upstream].map((one) => one.destroy()));
      }
      client.on('data', (data) => upstream.write(data));
      upstream.on('data', (data) => void (this.#deaf || client.write(data)));
    });
  }

  async listen(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    this.port = (this.#server.address() as { port: number }).port;
    return this;
  }

  deafen(): void {
    this.#deaf = true;
  }

  /** Ends every connection; the next one is heard again. */
  drop(): void {
    this.#deaf = false;
    for (const socket of this.#sockets) socket.destroy();
    this.#sockets.clear();
  }

  async close(): Promise<void> {
    this.drop();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

describe.each(serverTable())('the log on %s', (_label, binary) => {
  let server: TestNats;
  let log: Log;

  beforeAll(async () => {
    server = await startNats(binary);
    log = await Log.connect({ connection: { servers: server.url } });
    await log.declare([{ name: 'THINGS' }, { name: 'MONEY', denyPurge: true }]);
  });
  afterAll(async () => {
    await log?.close();
    await server?.stop();
  });

  const steps = async (id: string): Promise<LogMessage[]> => {
    const found: LogMessage[] = [];
    for await (const step of log.steps('THINGS', id)) found.push(step);
    return found;
  };

  it('lets exactly one of twenty racing writers take each step', async () => {
    const others = await Promise.all(Array.from({ length: 3 }, () => Log.connect({ connection: { servers: server.url } })));
    const writers = [log, ...others];
    for (let round = 0, seq = 0; round < 25; round++) {
      const tries = Array.from({ length: 20 }, (_, i) =>
        (writers[i % 4] as Log).append('THINGS', 'raced', bodyOf(round + 1, i), seq),
      );
      const results = await Promise.allSettled(tries);
      const won = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
      const lost = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
      expect(won).toHaveLength(1);
      expect(lost.every((error) => error instanceof WrongSequence)).toBe(true);
      seq = won[0] as number;
    }
    expect((await steps('raced')).map(({ body }) => body.v)).toEqual(Array.from({ length: 25 }, (_, i) => i + 1));
    await Promise.all(others.map((other) => other.close()));
  });

  it('an answer that was lost is asked for again: the step is there once', async () => {
    const cut = await new Cut(server.port).listen();
    const shaky = await Log.connect({ connection: { servers: `127.0.0.1:${cut.port}` } });
    const first = await shaky.append('THINGS', 'shaky', bodyOf(1), 0);
    cut.deafen();
    const second = shaky.append('THINGS', 'shaky', bodyOf(2), first);
    await until('it is in the log', async () => (await steps('shaky')).length === 2);
    cut.drop();
    const seq = await second;
    expect((await steps('shaky')).map((step) => [step.body.v, step.seq])).toEqual([
      [1, first],
      [2, seq],
    ]);
    await shaky.close();
    await cut.close();
  });

  it('a lost answer is found even when another writer stands on the step and the server has forgotten the message id', async () => {
    await log.declare([{ name: 'SHORT', duplicateWindow: 100 }]);
    const cut = await new Cut(server.port).listen();
    const shaky = await Log.connect({ connection: { servers: `127.0.0.1:${cut.port}` } });
    cut.deafen();
    const mine = shaky.append('SHORT', 'overtaken', bodyOf(1, 'mine'), 0);
    const there = await until('it is in the log', () => log.last('SHORT', 'overtaken'));
    await log.append('SHORT', 'overtaken', bodyOf(2, 'theirs'), there.seq);
    await new Promise((resolve) => setTimeout(resolve, 300));
    cut.drop();
    expect(await mine).toBe(there.seq);
    await shaky.close();
    await cut.close();
  });

  it('loses nothing and doubles nothing while the server is killed and restarted under writers', async () => {
    const done: number[] = [];
    let stopped = false;
    const writers = Array.from({ length: 8 }, async (_, writer) => {
      for (let v = 1, seq = 0; !stopped; v++) {
        seq = await log.append('THINGS', `killed${writer}`, bodyOf(v), seq);
        done[writer] = v;
      }
    });
    for (let kill = 0; kill < 3; kill++) {
      await new Promise((resolve) => setTimeout(resolve, 300));
      await server.kill();
      await server.restart();
    }
    await new Promise((resolve) => setTimeout(resolve, 500));
    stopped = true;
    await Promise.all(writers);
    for (let writer = 0; writer < 8; writer++) {
      const versions = (await steps(`killed${writer}`)).map(({ body }) => body.v);
      expect(versions).toEqual(Array.from({ length: done[writer] as number }, (_, i) => i + 1));
    }
  }, 60_000);

  it('says that the log is unavailable when it stays away, and goes on when it is back', async () => {
    await server.kill();
    await expect(log.append('THINGS', 'away', bodyOf(1), 0)).rejects.toMatchObject({ type: 'LOG_UNAVAILABLE', code: 503 });
    await expect(log.last('THINGS', 'away')).rejects.toMatchObject({ type: 'LOG_UNAVAILABLE' });
    await server.restart();
    await until('it answers', () => log.last('THINGS', 'raced'));
  }, 60_000);

  it('publishes once per message id', async () => {
    const data = new TextEncoder().encode(JSON.stringify(bodyOf(1)));
    const first = await log.publish('things.00.once', data, 'the same id');
    expect(first.duplicate).toBe(false);
    expect(await log.publish('things.00.once', data, 'the same id')).toEqual({ seq: first.seq, duplicate: true });
  });

  it('refuses a step that does not fit into one message without sending it', async () => {
    await expect(log.append('THINGS', 'large', bodyOf(1, 'x'.repeat(1_100_000)), 0)).rejects.toBeInstanceOf(TooLarge);
    expect(await log.last('THINGS', 'large')).toBeUndefined();
    const seq = await log.append('THINGS', 'large', bodyOf(1, 'x'.repeat(1_000_000)), 0);
    expect((await log.last('THINGS', 'large'))?.seq).toBe(seq);
  });

  it('refuses ids that are not one plain token', async () => {
    for (const id of ['', 'a.b', '*', '>', 'a b', '../x', '$JS', 'a/b', `x${'y'.repeat(128)}`]) {
      await expect(log.append('THINGS', id, bodyOf(1), 0)).rejects.toMatchObject({ type: 'INVALID_INPUT' });
      await expect(log.last('THINGS', id)).rejects.toMatchObject({ type: 'INVALID_INPUT' });
    }
  });

  it('purges one actor and no other, and begins again at 0; money cannot be purged', async () => {
    const seq = await log.append('THINGS', 'erased', bodyOf(1), 0);
    await log.append('THINGS', 'erased', bodyOf(2), seq);
    await log.append('THINGS', 'kept', bodyOf(1), 0);
    await log.purge('THINGS', 'erased');
    expect(await steps('erased')).toEqual([]);
    expect(await steps('kept')).toHaveLength(1);
    await log.append('THINGS', 'erased', bodyOf(1), 0);
    await log.append('MONEY', 'coin', bodyOf(1), 0);
    await expect(log.purge('MONEY', 'coin')).rejects.toThrow();
    expect(await log.last('MONEY', 'coin')).toBeDefined();
  });

  it('reads one message by its sequence, and the steps of an actor from a sequence on', async () => {
    const seqs: number[] = [];
    for (let v = 1; v <= 3; v++) {
      seqs.push(await log.append('THINGS', 'read', bodyOf(v), seqs.at(-1) ?? 0));
      await log.append('THINGS', `between${v}`, bodyOf(1), 0);
    }
    expect((await log.at('THINGS', seqs[1] as number))?.body.v).toBe(2);
    expect(await log.at('THINGS', 999_999)).toBeUndefined();
    const found: number[] = [];
    for await (const step of log.steps('THINGS', 'read', seqs[1])) found.push(step.body.v);
    expect(found).toEqual([2, 3]);
  });

  it('applies what changed in a declaration, and declaring again changes nothing', async () => {
    await log.declare([{ name: 'DRIFT' }]);
    await log.append('DRIFT', 'a', bodyOf(1), 0);
    await log.declare([{ name: 'DRIFT', maxAge: 3_600_000 }]);
    expect((await log.jsm.streams.info('DRIFT')).config.max_age).toBe(3_600_000_000_000);
    await log.declare([{ name: 'DRIFT' }]);
    const { config, state } = await log.jsm.streams.info('DRIFT');
    expect(config).toMatchObject({ max_age: 0, allow_direct: true, discard: 'new', storage: 'file', subjects: ['drift.>'] });
    expect(state.messages).toBe(1);
  });

  it('two nodes may declare the same streams at the same time', async () => {
    const other = await Log.connect({ connection: { servers: server.url } });
    const streams = [{ name: 'BOTHA' }, { name: 'BOTHB', denyPurge: true }];
    await Promise.all([log.declare(streams), other.declare(streams)]);
    expect(await log.end('BOTHA')).toBe(0);
    await other.close();
  });

  it('knows what the server can do and warns about one that does not sync', () => {
    const old = log.features.version.startsWith('2.9.');
    expect(log.features.filterSubjects).toBe(!old);
    expect(log.warning === undefined).toBe(!old);
  });
});
