import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'nats';
import { startNats, type TestNats } from '../../test/support/nats.ts';
import { findNatsServer, type NatsBinary } from './nats-binary.ts';
import { findOrphan, startNatsChild, stopOrphan } from './nats-child.ts';
import { isAlive } from './processes.ts';

let binary: NatsBinary;
let dir: string;

beforeAll(async () => {
  binary = await findNatsServer({ root: process.cwd(), env: process.env, say: () => {} });
});
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'souk-child-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const start = (port?: number) =>
  startNatsChild({ binary: binary.path, version: binary.version, dir, ...(port === undefined ? {} : { port }) });

describe('a nats-server child', () => {
  it('answers on its port as soon as the start resolves, with JetStream on', async () => {
    const child = await start();
    const nats = await connect({ servers: child.url });
    await (await nats.jetstreamManager()).streams.add({ name: 'X', subjects: ['x'] });
    expect(nats.info?.max_payload).toBe(8_388_608);
    await nats.close();
    await child.stop();
    expect(isAlive(child.pid)).toBe(false);
  });

  it('is recognised as an orphan while it runs, and not after it was stopped', async () => {
    const child = await start();
    expect(findOrphan(dir)).toBe(child.pid);
    await stopOrphan(child.pid);
    expect(await child.exited).toBeDefined();
    expect(findOrphan(dir)).toBeUndefined();
  });

  it('given a pid file that names some other live process, then it is no orphan', () => {
    writeFileSync(join(dir, 'nats-server.pid'), String(process.pid));
    expect(findOrphan(dir)).toBeUndefined();
  });

  it('given a busy port, then the start fails with the reason in one line', async () => {
    const holder = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => holder.once('listening', resolve));
    const { port } = holder.address() as { port: number };
    await expect(start(port)).rejects.toThrow(/^nats-server did not start .*address already in use/);
    holder.close();
  });

  it('given a binary that is not there, then the start fails with the reason in one line', async () => {
    await expect(startNatsChild({ binary: join(dir, 'missing'), version: '2.14.9', dir })).rejects.toThrow(
      /nats-server could not be started: .*ENOENT/,
    );
  });

  it('is not in our process group, so Ctrl-C does not reach it before we have drained', async () => {
    const child = await start();
    const group = (pid: number | 'self') =>
      readFileSync(`/proc/${pid}/stat`, 'utf8')
        .replace(/^.*\) /, '')
        .split(' ')[2];
    if (process.platform === 'linux') expect(group(child.pid)).not.toBe(group('self'));
    await child.stop();
  });
});

describe('the nats-server of a test', () => {
  let server: TestNats;
  beforeEach(async () => {
    server = await startNats();
  });
  afterEach(() => server.stop());

  const manager = async (url: string) => {
    const nats = await connect({ servers: url });
    return { nats, streams: (await nats.jetstreamManager()).streams };
  };

  it('keeps its port and what was acknowledged over SIGKILL and restart', async () => {
    const before = await manager(server.url);
    await before.streams.add({ name: 'X', subjects: ['x'] });
    await before.nats.jetstream().publish('x', 'kept');
    await before.nats.close();
    const pid = server.pid();
    await server.kill();
    expect(isAlive(pid)).toBe(false);
    await server.restart();
    const after = await manager(server.url);
    expect((await after.streams.getMessage('X', { seq: 1 })).string()).toBe('kept');
    await after.nats.close();
  });
});
