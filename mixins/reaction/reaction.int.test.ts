// Reactions on real servers: nothing is lost, nothing is given up before its dead letter is in the log.
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { startNats, type TestNats } from '../../test/support/nats.ts';
import { serverTable } from '../../test/support/nats-versions.ts';
import { until } from '../../test/support/until.ts';
import { failure } from '../errors.ts';
import { Log } from '../log/log.ts';
import { DEAD_STREAM, deadLetter, dropDeadLetter, listDeadLetters } from './dead-letters.ts';
import { NotYet, type ReactionDefinition, type ReactionHandler } from './definition.ts';
import { reactionLags } from './lag.ts';
import { Reaction } from './reaction.ts';

interface Events {
  'thing.happened': { n: number };
}

const told: { text: string; fields: Record<string, unknown> }[] = [];
const note = (fields: object, text: string) => void told.push({ text, fields: fields as Record<string, unknown> });
const logger = { info: note, warn: note, error: note };
const running: Reaction[] = [];
let count = 0;

describe.each(serverTable())('a reaction on %s', (_label, binary) => {
  let server: TestNats;
  let log: Log;
  let stream: string;

  beforeAll(async () => {
    server = await startNats(binary);
    log = await Log.connect({ connection: { servers: server.url } });
    await log.declare([DEAD_STREAM]);
  });
  beforeEach(async () => {
    told.length = 0;
    stream = `THINGS${String.fromCharCode(65 + (count % 26))}${String.fromCharCode(65 + Math.floor(count / 26))}`;
    count++;
    await log.declare([{ name: stream }]);
  });
  afterEach(async () => {
    await Promise.all(running.splice(0).map((reaction) => reaction.stop()));
  });
  afterAll(async () => {
    await log?.close();
    await server?.stop();
  });

  const versions = new Map<string, { v: number; seq: number }>();
  async function happen(id: string, n: number): Promise<number> {
    const key = `${stream}/${id}`;
    const { v, seq } = versions.get(key) ?? { v: 0, seq: 0 };
    const events = [{ type: 'thing.happened', data: { n } }];
    const at = await log.append(
      stream,
      id,
      { v: v + 1, at: Date.now(), by: 'test', cause: { request: `req_${n}` }, events },
      seq,
    );
    versions.set(key, { v: v + 1, seq: at });
    return at;
  }

  async function react(
    handler: ReactionHandler<{ n: number }>,
    options: Partial<ReactionDefinition<Events>> = {},
    on: Log = log,
  ): Promise<Reaction> {
    const definition: ReactionDefinition<Events> = { name: 'test-things', stream, on: { 'thing.happened': handler }, ...options };
    const reaction = new Reaction(definition as ReactionDefinition<never>, logger);
    await reaction.start(on);
    running.push(reaction);
    return reaction;
  }

  const consumer = (name = 'test-things') => log.jsm.consumers.info(stream, name);
  const letters = async () => (await listDeadLetters(log, 0, 1_000)).filter((letter) => letter.stream === stream);

  it('handles what was there before and what comes later, once each, on behalf of the request that caused it', async () => {
    const seen: number[] = [];
    await happen('a', 1);
    await react(async ({ n }, message, origin) => {
      expect(origin.meta.requestId).toBe(`req_${n}`);
      expect(message.id).toBe('a');
      seen.push(n);
    });
    await happen('a', 2);
    await until('both handled', () => seen.length === 2);
    await until('both acknowledged', async () => (await consumer()).ack_floor.stream_seq === 2);
    expect(seen).toEqual([1, 2]);
  });

  it('acknowledges only after success', async () => {
    let finish: () => void = () => {};
    const gate = new Promise<void>((resolve) => {
      finish = resolve;
    });
    let begun = false;
    const reaction = await react(async () => {
      begun = true;
      await gate;
    });
    await happen('a', 1);
    await until('handling', () => begun);
    expect((await consumer()).num_ack_pending).toBe(1);
    expect(await reaction.lag()).toBe(1);
    expect((await reactionLags(log)).find((one) => one.reaction === 'test-things')?.lag).toBeGreaterThanOrEqual(1);
    finish();
    await until('acknowledged', async () => (await reaction.lag()) === 0);
  });

  it('tries again with a growing delay and then goes on', async () => {
    const tries: number[] = [];
    await react(async () => {
      tries.push(Date.now());
      if (tries.length < 4) throw new Error('not now');
    });
    await happen('a', 1);
    await until('four tries', () => tries.length === 4);
    const waits = tries.slice(1).map((at, i) => at - (tries[i] as number));
    expect(waits[0]).toBeGreaterThanOrEqual(120);
    expect(waits[1]).toBeGreaterThanOrEqual(245);
    expect(waits[2]).toBeGreaterThanOrEqual(495);
    await until('acknowledged', async () => (await consumer()).num_ack_pending === 0);
    expect(await letters()).toEqual([]);
  });

  it('does not count as failures what is not due yet', async () => {
    let asked = 0;
    await react(
      async () => {
        if (++asked <= 5) throw new NotYet(30);
        if (asked === 6) throw new Error('a real failure');
      },
      { maxAttempts: 2 },
    );
    await happen('a', 1);
    await until('handled at last', () => asked === 7);
    await until('acknowledged', async () => (await consumer()).num_ack_pending === 0);
    expect(await letters()).toEqual([]);
  });

  it('files a dead letter after the last attempt and ends the delivery', async () => {
    let tries = 0;
    await react(
      async () => {
        tries++;
        throw failure('CONFLICT', 'never');
      },
      { maxAttempts: 2 },
    );
    const seq = await happen('a', 1);
    const [letter] = await until('a dead letter', async () => {
      const found = await letters();
      return found.length > 0 && found;
    });
    expect(letter).toMatchObject({
      reaction: 'test-things',
      stream,
      seq,
      actor: 'a',
      attempts: 2,
      error: { code: 'CONFLICT', message: 'never' },
    });
    await until('ended', async () => (await consumer()).num_ack_pending === 0);
    expect(tries).toBe(2);
  });

  it('files at once what can never succeed: refused input and messages that no actor wrote', async () => {
    await react(async () => {
      throw failure('INVALID_INPUT');
    });
    await happen('a', 1);
    await log.publish(`${stream.toLowerCase()}.00.garbage`, new TextEncoder().encode('{not json'), 'garbage');
    await until('two dead letters', async () => (await letters()).length === 2);
    expect((await letters()).map(({ attempts }) => attempts)).toEqual([1, 1]);
    expect((await letters()).map(({ actor }) => actor).sort()).toEqual(['a', 'garbage']);
    await until('both ended', async () => (await consumer()).num_ack_pending === 0);
  });

  it('keeps the message when the dead letter cannot be written', async () => {
    await react(
      async () => {
        throw failure('INVALID_INPUT');
      },
      { maxAttempts: 1 },
    );
    await log.jsm.streams.delete('DEAD');
    const seq = await happen('a', 1);
    await until('the trouble', () => told.some(({ text }) => text.includes('could not be written')), 25_000);
    expect((await consumer()).num_ack_pending).toBe(1);
    await log.declare([DEAD_STREAM]);
    await until('the dead letter', async () => (await letters()).some((letter) => letter.seq === seq), 25_000);
  }, 60_000);

  it('replays a dead letter, and operators drop it', async () => {
    let broken = true;
    const handled: number[] = [];
    const reaction = await react(
      async ({ n }) => {
        if (broken) throw new Error('broken');
        handled.push(n);
      },
      { maxAttempts: 1 },
    );
    await happen('a', 7);
    const [letter] = await until('a dead letter', async () => {
      const found = await letters();
      return found.length > 0 && found;
    });
    if (!letter) throw new Error('no letter');
    await expect(reaction.replay(letter.seq)).rejects.toThrow('broken');
    broken = false;
    await reaction.replay(letter.seq);
    expect(handled).toEqual([7]);
    await expect(reaction.replay(999_999)).rejects.toMatchObject({ type: 'NOT_FOUND' });
    expect(await deadLetter(log, letter.id)).toMatchObject({ seq: letter.seq });
    expect(await dropDeadLetter(log, letter.id)).toBe(true);
    expect(await dropDeadLetter(log, letter.id)).toBe(false);
    expect(await letters()).toEqual([]);
  });

  it('a long handler is not started twice: what is in hand is kept alive', async () => {
    let starts = 0;
    await react(async () => {
      starts++;
      await new Promise((resolve) => setTimeout(resolve, 12_000));
    });
    await happen('a', 1);
    await until('started', () => starts === 1);
    await until('acknowledged', async () => (await consumer()).ack_floor.stream_seq === 1, 20_000);
    expect(starts).toBe(1);
  });

  it('gives back at once what a stopping replica has not begun, and finishes what it has', async () => {
    const first: number[] = [];
    const slow = await react(
      async ({ n }) => {
        await new Promise((resolve) => setTimeout(resolve, 300));
        first.push(n);
      },
      { concurrency: 2 },
    );
    for (let n = 1; n <= 20; n++) await happen(`a${n}`, n);
    await until('begun', () => first.length > 0);
    await slow.stop();
    const second: number[] = [];
    const since = Date.now();
    await react(async ({ n }) => void second.push(n), { concurrency: 2 });
    await until('the rest', () => first.length + second.length === 20);
    expect(Date.now() - since).toBeLessThan(5_000);
    expect(new Set([...first, ...second]).size).toBe(20);
  });

  it('applies changed settings to the consumer and says so', async () => {
    const reaction = await react(async () => {}, { maxAttempts: 3 });
    await reaction.stop();
    await react(async () => {}, { maxAttempts: 9, concurrency: 5 });
    const { config } = await consumer();
    expect(config).toMatchObject({ max_deliver: 12, max_ack_pending: 20, ack_policy: 'explicit', durable_name: 'test-things' });
    expect(told.find(({ text }) => text.includes('settings'))?.fields).toMatchObject({
      changed: ['max_deliver', 'max_ack_pending'],
    });
    told.length = 0;
    await react(async () => {}, { maxAttempts: 9, concurrency: 5 });
    expect(told).toEqual([]);
  });

  it('comes back when its consumer was deleted under it', async () => {
    const seen: number[] = [];
    await react(async ({ n }) => void seen.push(n));
    await happen('a', 1);
    await until('the first', () => seen.includes(1));
    await log.jsm.consumers.delete(stream, 'test-things');
    await happen('a', 2);
    await until('the second', () => seen.includes(2), 15_000);
  }, 30_000);

  it('goes on where it was when the server is killed and restarted', async () => {
    const seen: number[] = [];
    await react(async ({ n }) => void seen.push(n));
    for (let n = 1; n <= 50; n++) await happen('a', n);
    await server.kill();
    const later = happen('a', 51);
    await server.restart();
    await later;
    await until('everything', () => seen.includes(51), 20_000);
    await until('acknowledged', async () => (await consumer()).ack_floor.stream_seq === 51, 20_000);
    expect(new Set(seen).size).toBe(51);
    expect(await letters()).toEqual([]);
  }, 60_000);

  it('keeps the order of every entity over two replicas when it is ordered', async () => {
    const other = await Log.connect({ connection: { servers: server.url } });
    const seen = new Map<string, number[]>();
    const byReplica = [0, 0];
    const active = new Set<string>();
    const handler =
      (replica: 0 | 1): ReactionHandler<{ n: number }> =>
      async ({ n }, { id }) => {
        expect(active.has(id)).toBe(false);
        active.add(id);
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 4));
        if (n % 9 === 0 && (seen.get(id)?.at(-1) ?? 0) < n && Math.random() < 0.3) {
          active.delete(id);
          throw new Error('once more');
        }
        byReplica[replica] = (byReplica[replica] ?? 0) + 1;
        seen.set(id, [...(seen.get(id) ?? []), n]);
        active.delete(id);
      };
    await react(handler(0), { ordered: true });
    await react(handler(1), { ordered: true }, other);
    for (let n = 1; n <= 20; n++) for (let actor = 0; actor < 10; actor++) await happen(`actor${actor}`, n);
    await until('everything', () => [...seen.values()].reduce((sum, list) => sum + list.length, 0) >= 200, 40_000);
    for (const list of seen.values()) expect(list).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
    if (log.features.filterSubjects) expect(Math.min(...byReplica)).toBeGreaterThan(0);
    await Promise.all(running.splice(0).map((reaction) => reaction.stop()));
    await other.close();
  }, 60_000);

  it('ordered groups go on where the single consumer of an older server was', async () => {
    await log.jsm.consumers.add(stream, { durable_name: 'test-things', ack_policy: 'explicit' as never, max_ack_pending: 1 });
    for (let n = 1; n <= 20; n++) await happen(`a${n}`, n);
    const former = await log.js.consumers.get(stream, 'test-things');
    for (let n = 1; n <= 12; n++) await (await former.next({ expires: 2_000 }))?.ackAck();
    const seen: number[] = [];
    await react(async ({ n }) => void seen.push(n), { ordered: true });
    await until('the rest', () => seen.length >= 8);
    await happen('later', 21);
    await until('what comes later', () => seen.includes(21));
    expect(seen.toSorted((a, b) => a - b)).toEqual([13, 14, 15, 16, 17, 18, 19, 20, 21]);
    const names = (await log.jsm.consumers.list(stream).next()).map(({ name }) => name);
    expect(names.includes('test-things')).toBe(!log.features.filterSubjects);
  });

  describe('in a process of its own', () => {
    const children: ChildProcess[] = [];
    afterEach(() => {
      for (const child of children.splice(0)) child.kill('SIGKILL');
    });

    /** Runs the reaction in another process; resolves with it when a handler has begun. */
    async function elsewhere(mode: 'hang' | 'die', maxAttempts: number): Promise<ChildProcess> {
      const script = join(process.cwd(), 'test', 'support', 'reaction.child.ts');
      const child = spawn(process.execPath, [script, server.url, stream, mode, String(maxAttempts)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      children.push(child);
      await new Promise<void>((resolve, reject) => {
        child.stdout?.on('data', (data: Buffer) => String(data).includes('begun') && resolve());
        child.once('exit', (code) => reject(new Error(`the process ended with ${code} before it began`)));
      });
      return child;
    }

    it('a killed process loses nothing: another one gets the message', async () => {
      await happen('a', 1);
      const child = await elsewhere('hang', 5);
      child.kill('SIGKILL');
      const seen: number[] = [];
      await react(async ({ n }) => void seen.push(n), { maxAttempts: 5 });
      await until('redelivered', () => seen.length === 1, 20_000);
      expect(seen).toEqual([1]);
    }, 40_000);

    it('a message that kills its process ends as a dead letter and lets the others through', async () => {
      const deadly = await happen('a', 1);
      for (let attempt = 0; attempt < 2; attempt++) {
        const child = await elsewhere('die', 2);
        await new Promise((resolve) => (child.exitCode === null ? child.once('exit', resolve) : resolve(undefined)));
      }
      const seen: number[] = [];
      await react(async ({ n }) => void seen.push(n), { maxAttempts: 2 });
      await happen('b', 2);
      await until('the other message', () => seen.includes(2));
      await until('the dead letter', async () => (await letters()).some(({ seq }) => seq === deadly), 20_000);
      expect(seen).toEqual([2]);
    }, 60_000);
  });

  it('what the server itself gave up on is found among the dead letters', async () => {
    await log.jsm.consumers.add(stream, {
      durable_name: 'test-silent',
      ack_policy: 'explicit' as never,
      ack_wait: 200_000_000,
      max_deliver: 1,
    });
    const seq = await happen('a', 1);
    const silent = await log.js.consumers.get(stream, 'test-silent');
    await silent.next({ expires: 1_000 });
    await new Promise((resolve) => setTimeout(resolve, 500));
    await silent.next({ expires: 1_000 });
    const found = await until('the advisory', async () => (await letters()).find((letter) => letter.reaction === 'test-silent'));
    expect(found).toMatchObject({ stream, seq, attempts: 1, error: { code: 'NO_ANSWER' } });
  });
});
