import { mkdtempSync, readFileSync } from 'node:fs';
import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AccessLog, requestsLogged } from './access-log.ts';
import { Exchange } from './exchange.ts';

async function lines(what: 'all' | 'errors' | 'none'): Promise<Record<string, unknown>[]> {
  const file = join(mkdtempSync(join(tmpdir(), 'souk-access-')), 'access.log');
  const log = new AccessLog({ what, nodeID: 'n1', file });
  const request = new IncomingMessage(new Socket());
  // The file is opened in the background.
  await new Promise((resolve) => setTimeout(resolve, 50));
  const exchange = new Exchange(request, { ip: '203.0.113.9', https: false, host: 'shop' }, { draining: false });
  log.write(exchange, 'GET', '/api/products', 200, 1.23);
  log.write(exchange, 'GET', '/api/products', 503, 2_000);
  log.close();
  const text = readFileSync(file, 'utf8').trim();
  return text === '' ? [] : text.split('\n').map((line) => JSON.parse(line));
}

describe('the access log', () => {
  it('has one line per request', async () => {
    const [fine, failed] = await lines('all');
    expect(fine).toMatchObject({
      level: 30,
      nodeID: 'n1',
      method: 'GET',
      path: '/api/products',
      status: 200,
      ms: 1.2,
      by: 'anonymous',
    });
    expect(failed).toMatchObject({ level: 50, status: 503 });
  });

  it('may be about failures only', async () => {
    expect((await lines('errors')).map(({ status }) => status)).toEqual([503]);
    expect(await lines('none')).toEqual([]);
  });

  it('follows the level of the node', () => {
    expect([undefined, 'info', 'debug', 'warn', 'fatal'].map(requestsLogged)).toEqual(['all', 'all', 'all', 'errors', 'none']);
  });
});
