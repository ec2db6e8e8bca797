// `npm run check`: everything that is checked without starting a server.
import { CHECKS } from './check/checks.ts';
import { runSteps } from './check/steps.ts';

const failed = await runSteps(CHECKS);
console.log(failed.length === 0 ? '✓ check passed' : `✗ check failed: ${failed.join(', ')}`);
process.exitCode = failed.length === 0 ? 0 : 1;
