// A node that is left alone by others: what it had loaded while they were there may be stale.
import { counterActor } from '../../test/support/counter.ts';
import { startNats, type TestNats } from '../../test/support/nats.ts';
import { Log } from '../log/log.ts';
import { Actors } from './actors.ts';

const origin = { meta: {} };
let server: TestNats;
let log: Log;

beforeAll(async () => {
  server = await startNats();
  log = await Log.connect({ connection: { servers: server.url } });
  await log.declare([{ name: 'COUNTERS' }]);
});
afterAll(async () => {
  await log?.close();
  await server?.stop();
});

describe('a node beside another one that writes the same actor and dies', () => {
  it('given that it is alone now, then it confirms what it had loaded before', async () => {
    let alone = false;
    let era = 1;
    const survivor = new Actors(counterActor, () => log, { alone: () => alone, era: () => era });
    const dying = new Actors(counterActor, () => log, { alone: () => false });
    await survivor.send('c1', 'add', { key: 'a', by: 1 }, origin);
    await dying.send('c1', 'add', { key: 'b', by: 1 }, origin);
    alone = true;
    era = 2;
    expect((await survivor.read('c1')).state.total).toBe(2);
    expect((await survivor.send('c1', 'add', { key: 'b', by: 1 }, origin)).events).toEqual([]);
  });

  it('given that it was confirmed since, then it is read without asking the log', async () => {
    const actors = new Actors(counterActor, () => log, { alone: () => true, era: () => 1 });
    await actors.send('c2', 'add', { key: 'a', by: 1 }, origin);
    const asked = jest.spyOn(log, 'last');
    expect((await actors.read('c2')).state.total).toBe(1);
    expect(asked).not.toHaveBeenCalled();
    asked.mockRestore();
  });
});
