import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../test/support/ports.ts';
import { type NatsEngine, provideNats } from './nats.ts';

const folders: string[] = [];
const engines: NatsEngine[] = [];
const said: string[] = [];
afterEach(async () => {
  await Promise.all(engines.splice(0).map((engine) => engine.stop()));
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

async function provide(formerUrl: string, dataFolder = mkdtempSync(join(tmpdir(), 'souk-engine-'))): Promise<NatsEngine> {
  folders.push(dataFolder);
  const env = { ...process.env, NATS_URL: '' };
  const engine = await provideNats({ env, root: process.cwd(), dataFolder, formerUrl, say: (line) => said.push(line) });
  engines.push(engine);
  return engine;
}

describe('the nats-server of a launcher', () => {
  it('listens where the run before did', async () => {
    const url = `nats://127.0.0.1:${await freePort()}`;
    expect((await provide(url)).url).toBe(url);
  });

  it('given several launchers that want the same port at once, then one gets it and the others take another', async () => {
    const url = `nats://127.0.0.1:${await freePort()}`;
    const urls = (await Promise.all([1, 2, 3, 4].map(() => provide(url)))).map((engine) => engine.url);
    expect(new Set(urls).size).toBe(4);
    expect(urls).toContain(url);
  });
});
