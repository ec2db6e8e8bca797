// The import rules of biome.json, proved by breaking them: each planted import must be refused, each allowed one accepted.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const REFUSED: readonly [file: string, imported: string][] = [
  ['services/orders/x.ts', '../stock/sku.ts'],
  ['services/orders/x.ts', '../stock/deep/x.ts'],
  ['services/orders/x.ts', '../../services/stock/sku.ts'],
  ['services/orders/x.ts', '../../gateway/routing.ts'],
  ['services/orders/x.ts', '../../scripts/start.ts'],
  ['services/orders/deep/x.ts', '../../stock/sku.ts'],
  ['services/orders/deep/x.ts', '../../../gateway/routing.ts'],
  ['services/contracts.ts', './orders/order.ts'],
  ['mixins/x.ts', '../services/contracts.ts'],
  ['mixins/log/x.ts', '../../services/orders/orders.contract.ts'],
  ['mixins/log/x.ts', '../../gateway/routing.ts'],
  ['gateway/x.ts', '../services/orders/orders.service.ts'],
  ['gateway/deep/x.ts', '../../services/orders/order.ts'],
  ['ui/x.ts', '../services/orders/order.ts'],
];

const ACCEPTED: readonly [file: string, imported: string][] = [
  ['services/orders/x.ts', '../stock/stock.contract.ts'],
  ['services/orders/x.ts', '../contracts.ts'],
  ['services/orders/x.ts', './order.ts'],
  ['services/orders/x.ts', './deep/order.ts'],
  ['services/orders/x.ts', '../../mixins/log/log.ts'],
  ['services/orders/deep/x.ts', '../order.ts'],
  ['services/orders/deep/x.ts', '../../contracts.ts'],
  ['services/orders/deep/x.ts', '../../stock/stock.contract.ts'],
  ['services/orders/deep/x.ts', '../../../mixins/ids.ts'],
  ['services/contracts.ts', './orders/orders.contract.ts'],
  ['mixins/log/x.ts', '../ids.ts'],
  ['gateway/x.ts', '../services/contracts.ts'],
  ['gateway/x.ts', '../services/orders/orders.contract.ts'],
];

/** Files with the imports, of which Biome refuses some: their names. */
function refusedOf(imports: readonly (readonly [string, string])[]): string[] {
  const root = mkdtempSync(join(tmpdir(), 'souk-boundaries-'));
  try {
    cpSync('biome.json', join(root, 'biome.json'));
    const files = imports.map(([file, imported], index) => {
      // One file per import, beside the name it stands for.
      const path = file.endsWith('/x.ts') ? file.replace('x.ts', `x${index}.ts`) : file;
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), `import '${imported}';\n`);
      return path;
    });
    const biome = join(process.cwd(), 'node_modules/.bin/biome');
    const args = ['lint', '--only=style/noRestrictedImports', '--max-diagnostics=200', '--reporter=github', '.'];
    const { stdout } = spawnSync(biome, args, { cwd: root, encoding: 'utf8' });
    return files.filter((file) => stdout.includes(`file=${file}`) || stdout.includes(`${file},`));
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

describe('import boundaries', () => {
  it('refuse every import across a border', () => {
    expect(refusedOf(REFUSED)).toHaveLength(REFUSED.length);
  });

  it('accept what a part may use', () => {
    expect(refusedOf(ACCEPTED)).toEqual([]);
  });
});
