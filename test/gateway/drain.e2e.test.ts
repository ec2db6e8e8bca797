// The end of a gateway: nobody new gets in, everybody inside gets an answer.
import { Agent, request } from 'node:http';
import { startGateway } from './start.ts';

function get(agent: Agent, url: string): Promise<{ status: number; connection: string | undefined; body: string }> {
  return new Promise((resolve, reject) => {
    request(url, { agent }, (response) => {
      let body = '';
      response.on('data', (chunk) => {
        body += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, connection: response.headers.connection, body }));
    })
      .on('error', reject)
      .end();
  });
}

describe('stopping', () => {
  it('answers what is in flight, closes idle connections and refuses new ones', async () => {
    const gateway = await startGateway({ SOUK_RATE_LIMIT: 'off' });
    const agent = new Agent({ keepAlive: true });
    await Promise.all([1, 2, 3].map(() => get(agent, `${gateway.url}/api/echo/slow/5`)));
    const inFlight = [500, 650, 800].map((ms) => get(agent, `${gateway.url}/api/echo/slow/${ms}`));
    await new Promise((resolve) => setTimeout(resolve, 100));
    const start = performance.now();
    const stopped = gateway.stop();
    await new Promise((resolve) => setTimeout(resolve, 150));
    await expect(get(new Agent(), `${gateway.url}/health`)).rejects.toThrow('ECONNREFUSED');
    for (const answer of await Promise.all(inFlight)) expect(answer).toMatchObject({ status: 200, connection: 'close' });
    await stopped;
    expect(performance.now() - start).toBeLessThan(5_000);
    agent.destroy();
  });

  it('cuts requests that outlast the grace period', async () => {
    const gateway = await startGateway({ SOUK_RATE_LIMIT: 'off', SOUK_DRAIN_MS: '200' });
    const endless = get(new Agent(), `${gateway.url}/api/echo/slow/900`).catch((error: NodeJS.ErrnoException) => error.code);
    await new Promise((resolve) => setTimeout(resolve, 50));
    await gateway.stop();
    expect(await endless).toBe('ECONNRESET');
  });
});
