import { createServer, type Server } from 'node:net';
import { checkEngines } from './reachable.ts';

let server: Server;
let port: number;
beforeAll(async () => {
  server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  port = (server.address() as { port: number }).port;
});
afterAll(() => {
  server.close();
});

describe('configured engines', () => {
  it('given none, then nothing is asked', async () => {
    await expect(checkEngines({})).resolves.toBeUndefined();
  });

  it('given one that answers, also as one host of several, then the start goes on', async () => {
    await expect(checkEngines({ REDIS_URL: `redis://127.0.0.1:${port}` })).resolves.toBeUndefined();
    await expect(checkEngines({ MONGO_URL: `mongodb://u:p@127.0.0.1:1,127.0.0.1:${port}/souk?a=b` })).resolves.toBeUndefined();
  });

  it('given one that does not answer, then one line names the variable and hides the password', async () => {
    await expect(checkEngines({ REDIS_URL: 'redis://:s3cret@127.0.0.1:1/0' })).rejects.toThrow(
      /^REDIS_URL: nothing answers at 127\.0\.0\.1:1 \(ECONNREFUSED\)$/,
    );
  });

  it('given no address at all, then one line names the variable', async () => {
    await expect(checkEngines({ MONGO_URL: 'localhost' })).rejects.toThrow('MONGO_URL is not an address');
  });
});
