import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chooseServices, findServices } from './services.ts';

const known = new Map([
  ['orders', '/o'],
  ['stock', '/s'],
  ['gateway', '/g'],
]);

describe('choosing the services of a node', () => {
  it.each([undefined, '', ' '])('given %j, then all of them run', (wanted) => {
    expect(chooseServices(known, wanted)).toBe(known);
  });

  it('given names with spaces and empty parts, then these run', () => {
    expect([...chooseServices(known, ' orders, stock,').keys()]).toEqual(['orders', 'stock']);
  });

  it('given an unknown name, then one line says so and names the known ones', () => {
    expect(() => chooseServices(known, 'orders,ordres')).toThrow(
      'SERVICES: there is no service "ordres"; known are gateway, orders, stock',
    );
  });
});

describe('finding services', () => {
  it('goes by file name, in every domain folder and in the gateway', () => {
    const root = mkdtempSync(join(tmpdir(), 'souk-services-'));
    for (const file of [
      'services/orders/orders.service.ts',
      'services/orders/orders.contract.ts',
      'gateway/gateway.service.ts',
    ]) {
      mkdirSync(join(root, file, '..'), { recursive: true });
      writeFileSync(join(root, file), '');
    }
    expect([...findServices(root).keys()]).toEqual(['orders', 'gateway']);
    rmSync(root, { recursive: true });
  });
});
