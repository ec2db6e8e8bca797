// The life of `npm start`: first start, stop, start again, crashes of either part. Real processes, real folders.
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isAlive } from '../../scripts/engines/processes.ts';
import { readRecord } from '../../scripts/runtime/data-folder.ts';
import { Place } from '../support/launched.ts';

let place: Place;
beforeEach(async () => {
  place = await Place.make();
});
afterEach(() => place.clear());

let people = 0;
const post = (path: string, body: object): Promise<Response> =>
  fetch(`${place.url}/api${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
const credentials = ({ email, password }: { email: string; password: string }) => ({ email, password });
const person = () => ({ email: `p${++people}@example.com`, password: 'correct horse battery', name: 'Some Body' });

describe('npm start', () => {
  it('opens the shop on an empty folder, and SIGTERM closes it with exit code 0 and nothing left', async () => {
    const launched = await place.open();
    const [, url = ''] = await launched.printed(/Souk is open: (\S+)/);
    expect((await fetch(`${url}/health`)).status).toBe(200);
    const nats = place.natsPid() ?? 0;
    expect(isAlive(nats)).toBe(true);
    launched.signal('SIGTERM');
    expect(await launched.exit).toBe(0);
    expect(isAlive(nats)).toBe(false);
    await expect(fetch(`${url}/health`)).rejects.toThrow();
  });

  it('finds everything again at the second start, its server on the same port', async () => {
    const somebody = person();
    const first = await place.open();
    expect((await post('/users/signup', somebody)).status).toBe(201);
    const before = readRecord(place.folder);
    first.signal('SIGTERM');
    expect(await first.exit).toBe(0);
    const second = await place.open();
    expect((await post('/users/signin', credentials(somebody))).status).toBe(200);
    expect(readRecord(place.folder)?.natsUrl).toBe(before?.natsUrl);
    expect(second.output()).not.toContain('did not stop by itself');
  });

  it('answers every request in flight before it stops', async () => {
    const launched = await place.open({ SOUK_RATE_LIMIT: 'off' });
    const answers = Array.from({ length: 12 }, () => post('/users/signup', person()));
    await Promise.race(answers);
    launched.signal('SIGTERM');
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual(Array(12).fill(201));
    expect(await launched.exit).toBe(0);
  });

  it('stops at Ctrl-C through npm, which gives the signal to the whole group and then once more', async () => {
    const launched = place.start({}, ['npm', 'start']);
    await launched.printed(/Ready after/);
    const nats = place.natsPid() ?? 0;
    process.kill(-launched.pid, 'SIGINT');
    expect(await launched.exit).toBe(0);
    expect(launched.output()).toMatch(/SIGINT: finishing what is in flight/);
    expect(isAlive(nats)).toBe(false);
  });

  it('stops at SIGTERM to npm, as a service manager sends it', async () => {
    const launched = place.start({}, ['npm', 'start']);
    await launched.printed(/Ready after/);
    launched.signal('SIGTERM');
    expect(await launched.exit).toBe(0);
    expect(place.natsPid()).toBeUndefined();
  });

  it('given SIGTERM while it still starts, then it stops with exit code 0 and nothing left', async () => {
    const launched = place.start();
    await new Promise((resolve) => setTimeout(resolve, 600));
    launched.signal('SIGTERM');
    expect([0, 'SIGTERM']).toContain(await launched.exit);
    expect(place.natsPid()).toBeUndefined();
  });
});

describe('after a crash', () => {
  it('given that it was killed, then the next start says so, takes over its nats-server and finds everything', async () => {
    const somebody = person();
    const first = await place.open();
    expect((await post('/users/signup', somebody)).status).toBe(201);
    const orphan = place.natsPid() ?? 0;
    first.signal('SIGKILL');
    await first.exit;
    expect(isAlive(orphan)).toBe(true);
    const second = await place.open();
    expect(second.output()).toContain(`The run before (process ${first.pid}) did not stop by itself`);
    expect(second.output()).toContain(`left nats-server ${orphan} behind`);
    expect(isAlive(orphan)).toBe(false);
    expect((await post('/users/signin', credentials(somebody))).status).toBe(200);
    second.signal('SIGTERM');
    expect(await second.exit).toBe(0);
    expect(place.natsPid()).toBeUndefined();
  });

  it.each([
    ['damaged', '{ "pid": '],
    [
      'of a process that is somebody else now',
      JSON.stringify({ pid: 1, nodeID: 'x', natsUrl: 'nats://127.0.0.1:1', startedAt: 1 }),
    ],
  ])('given a record of the run before that is %s, then it starts', async (_, text) => {
    writeFileSync(join(place.folder, 'souk.json'), text);
    appendFileSync(join(place.folder, 'lock'), '');
    await place.open();
    expect((await fetch(`${place.url}/health`)).status).toBe(200);
  });

  it('given that nats-server was killed, then it is started again and the shop goes on', async () => {
    const launched = await place.open();
    expect((await post('/users/signup', person())).status).toBe(201);
    process.kill(place.natsPid() ?? 0, 'SIGKILL');
    await launched.printed(/nats-server ended unasked \(SIGKILL\): starting it again/);
    const signUp = async (): Promise<number> => (await post('/users/signup', person())).status;
    let status = await signUp();
    for (const deadline = Date.now() + 15_000; status !== 201 && Date.now() < deadline; ) status = await signUp();
    expect(status).toBe(201);
    launched.signal('SIGTERM');
    expect(await launched.exit).toBe(0);
  });
});

describe('joining a running shop', () => {
  it('npm run node adds a node with the chosen services, and a piped REPL sees both', async () => {
    await place.open({ SOUK_NODE_ID: 'main' });
    const node = place.start({ SERVICES: 'stock', SOUK_NODE_ID: 'second' }, ['node', 'scripts/node.ts']);
    await node.printed(/Node second runs stock/);
    const repl = place.start({}, ['node', 'scripts/repl.ts'], 'nodes\n');
    expect(await repl.exit).toBe(0);
    expect(repl.output()).toContain('main');
    expect(repl.output()).toContain('second');
    node.signal('SIGTERM');
    expect(await node.exit).toBe(0);
  });

  it('npm run seed sets the demo shop up once', async () => {
    await place.open();
    const seed = ['node', 'scripts/seed.ts'] as const;
    const first = place.start({}, seed);
    expect(await first.exit).toBe(0);
    expect(first.output()).toContain('The demo shop is set up');
    const products = (await (await fetch(`${place.url}/api/products?limit=5`)).json()) as { items: unknown[] };
    expect(products.items.length).toBe(5);
    const second = place.start({}, seed);
    expect(await second.exit).toBe(0);
    expect(second.output()).toContain('was set up before');
  });
});
