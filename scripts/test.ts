// `npm test`: gets the servers that the tests run against, then the checks and every suite, and one closing line.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CHECKS } from './check/checks.ts';
import { command, runSteps, type Step } from './check/steps.ts';
import { canInstallPackages, executable, installPackage } from './engines/machine.ts';
import { findNatsServer } from './engines/nats-binary.ts';

/** Test files at once: those with real servers mostly wait. */
const SUITES = { unit: 2, int: 3, e2e: 2 } as const;
const SUITE_MS = 1_200_000;
const { env } = process;
const reports = mkdtempSync(join(tmpdir(), 'souk-test-'));
let passed = 0;
/** A test with such a title stands for others that need something this machine does not have. */
const NOT_TESTED = 'NOT TESTED';
const missing: string[] = [];

/** What we read of jest's report. */
interface Report {
  readonly numPassedTests: number;
  readonly numPendingTests: number;
  readonly testResults: readonly { readonly assertionResults: readonly { readonly title: string }[] }[];
}

const steps: readonly Step[] = [
  { name: 'nats-server', run: async () => (await findNatsServer({ root: process.cwd(), env, say: console.log })).version },
  { name: 'redis-server', run: provideRedis },
  ...CHECKS,
  ...Object.entries(SUITES).map(([suite, workers]) => ({ name: `${suite} tests`, run: () => runSuite(suite, workers) })),
];

const failed = await runSteps(steps);
rmSync(reports, { recursive: true, force: true });
for (const title of missing) console.log(title);
const seconds = process.uptime().toFixed(0);
console.log(
  failed.length === 0
    ? `\n✓ npm test passed: ${passed} tests in ${Object.keys(SUITES).length} suites, lint, types, unused code and documentation in ${seconds} s`
    : `\n✗ npm test failed after ${seconds} s: ${failed.join(', ')}`,
);
process.exitCode = failed.length === 0 ? 0 : 1;

async function provideRedis(): Promise<string> {
  if (executable('redis-server', env) === undefined && canInstallPackages(env)) await installPackage('redis-server', env);
  const path = executable('redis-server', env);
  if (path === undefined) throw new Error('The tests of shared rate limits need redis-server on the PATH');
  return path;
}

async function runSuite(suite: string, workers: number): Promise<string> {
  const report = join(reports, `${suite}.json`);
  await command('jest', ['--selectProjects', suite, `--maxWorkers=${workers}`, '--json', `--outputFile=${report}`], {
    timeoutMs: SUITE_MS,
  });
  const { numPassedTests, numPendingTests, testResults } = JSON.parse(readFileSync(report, 'utf8')) as Report;
  if (numPendingTests > 0) throw new Error(`${numPendingTests} tests were skipped`);
  const titles = testResults.flatMap((file) => file.assertionResults.map(({ title }) => title));
  missing.push(...titles.filter((title) => title.startsWith(NOT_TESTED)));
  passed += numPassedTests;
  return `${numPassedTests} passed`;
}
