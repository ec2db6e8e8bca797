// What stops a start: always one line that names the cause and the variable, exit code 1, and nothing left running.
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { Place } from '../support/launched.ts';
import { freePort } from '../support/ports.ts';

let place: Place;
beforeEach(async () => {
  place = await Place.make();
});
afterEach(() => place.clear());

/** Starts and returns what it said, once it has refused. */
async function refusal(env: Record<string, string>, command?: readonly [string, ...string[]]): Promise<string> {
  const launched = place.start(env, command);
  expect(await launched.exit).toBe(1);
  expect(place.natsPid()).toBeUndefined();
  return launched.output().trim();
}

describe('npm start refuses in one line', () => {
  it('given a busy port', async () => {
    const holder = createServer().listen(place.port, '127.0.0.1');
    const text = await refusal({});
    holder.close();
    expect(text).toMatch(new RegExp(`^✗ PORT: port ${place.port} on 127.0.0.1 is already in use; choose another, .*$`));
  });

  it('given a port that is no number', async () => {
    expect(await refusal({ PORT: 'http' })).toMatch(/^✗ (SOUK_)?PORT: "http" is not a whole number$/);
  });

  it('given a NATS_URL where nobody answers', async () => {
    const port = await freePort();
    expect(await refusal({ NATS_URL: `nats://me:s3cret@127.0.0.1:${port}` })).toMatch(
      new RegExp(`^✗ NATS_URL: no NATS server answers at 127.0.0.1:${port} \\(.*\\)$`),
    );
  });

  it('given a NATS_URL that is none', async () => {
    expect(await refusal({ NATS_URL: 'here' })).toMatch(/^✗ NATS_URL is not a NATS address: .*$/);
  });

  it('given another engine that does not answer', async () => {
    expect(await refusal({ REDIS_URL: 'redis://127.0.0.1:1' })).toMatch(
      /^✗ REDIS_URL: nothing answers at 127.0.0.1:1 \(ECONNREFUSED\)$/,
    );
  });

  it('given a MONGO_URL where something else listens', async () => {
    const other = createServer((socket) => {
      // The driver hangs up hard on such an answer.
      socket.on('error', () => socket.destroy());
      socket.end('no MongoDB here');
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as { port: number };
    const text = await refusal({ MONGO_URL: `mongodb://127.0.0.1:${port}/souk` });
    other.close();
    expect(text.split('\n').at(-1)).toMatch(/^✗ MONGO_URL: MongoDB cannot be reached: .*$/);
  });

  it.each([
    ['a file in place of the data folder', (folder: string) => join(folder, 'file')],
    ['a data folder where nobody can write', () => '/proc/souk'],
  ])('given %s', async (_, pathOf) => {
    const path = pathOf(place.folder);
    if (path.startsWith(place.folder)) writeFileSync(path, '');
    expect(await refusal({ SOUK_DATA: path })).toMatch(
      new RegExp(`^✗ SOUK_DATA: the data folder ${path} cannot be written \\(.*\\)$`),
    );
  });

  it('given a live launcher on the same data folder, which goes on', async () => {
    const first = await place.open();
    const second = place.start({ PORT: String(await freePort()) });
    expect(await second.exit).toBe(1);
    expect(second.output().trim()).toMatch(
      new RegExp(`^✗ Souk already runs on ${place.folder} \\(process ${first.pid} at .*\\): stop it first, .*$`),
    );
    expect((await fetch(`${place.url}/health`)).status).toBe(200);
  });
});

describe('npm run node and npm run repl refuse in one line', () => {
  it('given an unknown service, naming the known ones', async () => {
    expect(await refusal({ SERVICES: 'ordres' }, ['node', 'scripts/node.ts'])).toMatch(
      /^✗ SERVICES: there is no service "ordres"; known are accounts, .*stock.*$/,
    );
  });

  it.each(['node', 'repl'])('given no running shop: %s', async (script) => {
    expect(await refusal({}, ['node', `scripts/${script}.ts`])).toBe(
      '✗ No running Souk found: start one with npm start, or set NATS_URL',
    );
  });
});
