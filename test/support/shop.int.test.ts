import { existsSync } from 'node:fs';
import { startShop } from './shop.ts';

describe('a shop for tests', () => {
  it('runs chosen services on several nodes that see each other, and leaves nothing behind', async () => {
    const shop = await startShop({ services: ['stock'], nodes: 2 });
    const nodes: { id: string }[] = await shop.broker.call('$node.list', { onlyAvailable: true });
    expect(nodes.map(({ id }) => id).sort()).toEqual(['node-1', 'node-2']);
    expect(shop.url).toBe('');
    await shop.stop();
    expect(existsSync(shop.dataFolder)).toBe(false);
  });

  it('gives the URL of its gateway', async () => {
    const shop = await startShop({ services: ['gateway'] });
    expect((await fetch(`${shop.url}/health`)).status).toBe(200);
    await shop.stop();
  });

  it('given a service that does not exist, then it leaves nothing running', async () => {
    await expect(startShop({ services: ['nonsense'] })).rejects.toThrow('SERVICES: there is no service "nonsense"');
  });
});
