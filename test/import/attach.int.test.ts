// The command beside a shop that runs already: it works in that shop instead of starting a second one.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { startNats, type TestNats } from '../support/nats.ts';
import { startShop } from '../support/shop.ts';

async function importInto(nats: TestNats): Promise<{ code: unknown; output: string }> {
  const env = { ...process.env, NATS_URL: nats.url, INIT_CWD: process.cwd() };
  const child = spawn(process.execPath, ['scripts/import.ts', 'test/import/fixture/sales.csv'], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [[code], ...parts] = await Promise.all([once(child, 'close'), text(child.stdout), text(child.stderr)]);
  return { code, output: parts.join('') };
}

describe('npm run import with NATS_URL', () => {
  it('given a shop there, then it sells in that shop, and a second time nothing', async () => {
    const shop = await startShop({ services: ['accounts', 'catalog', 'stock', 'carts', 'orders', 'payments'] });
    for (const sold of ['0 of 6', '6 of 6']) {
      const { code, output } = await importInto(shop.nats);
      expect(output).toContain('Importing into the running shop on 127.0.0.1:');
      expect(output).toMatch(new RegExp(`^orders .* ${sold}`, 'm'));
      expect(output).toContain('Differences: 0\n');
      expect(code).toBe(0);
    }
    await shop.stop();
  }, 60_000);

  it('given a server without a shop, then one line says so', async () => {
    const nats = await startNats();
    const { code, output } = await importInto(nats);
    expect(output).toMatch(/^✗ No shop answers on 127\.0\.0\.1:\d+: start one with npm start/m);
    expect(code).toBe(1);
    await nats.stop();
  }, 60_000);
});
