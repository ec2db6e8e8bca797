// The checks that need no server: formatting and lint with the import boundaries, types, unused code, documentation.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { problemsOf } from './docs.ts';
import { command, type Step } from './steps.ts';

export const CHECKS: readonly Step[] = [
  { name: 'lint', run: () => quiet('biome', ['check', '--error-on-warnings', '--max-diagnostics=40', '.']) },
  { name: 'types', run: () => quiet('tsc', []) },
  { name: 'unused code', run: () => quiet('knip', ['--no-config-hints']) },
  { name: 'documentation', run: checkDocs },
];

async function quiet(program: string, args: readonly string[]): Promise<string> {
  await command(program, args);
  return '';
}

async function checkDocs(): Promise<string> {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> };
  const files = [
    'README.md',
    ...readdirSync('docs')
      .filter((name) => name.endsWith('.md'))
      .map((name) => join('docs', name)),
  ];
  const facts = { exists: existsSync, scripts: new Set(Object.keys(scripts)) };
  const problems = files.flatMap((file) => problemsOf(file, readFileSync(file, 'utf8'), facts));
  if (problems.length > 0) throw new Error(problems.join('\n'));
  return `${files.length} files`;
}
