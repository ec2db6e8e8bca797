import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { isAlive, waitGone } from '../../scripts/engines/processes.ts';
import { guard } from './guard.ts';

const sleeper = (): number => spawn('sleep', ['60'], { stdio: 'ignore', detached: true }).pid ?? 0;

describe('the guard of a server', () => {
  it('ends the server when the test run was killed', async () => {
    const server = sleeper();
    const file = join(process.cwd(), 'test/support/guard.ts');
    const code = `import { guard } from ${JSON.stringify(file)}; guard(${server}, 'KILL'); setTimeout(() => process.kill(process.pid, 'SIGKILL'), 100);
      setInterval(() => {}, 1000);`;
    const run = spawn('node', ['--input-type=module', '-e', code], { stdio: 'ignore' });
    await new Promise((resolve) => run.once('exit', resolve));
    expect(await waitGone(server, 5_000)).toBe(true);
  });

  it('leaves it alone when it was called off', async () => {
    const server = sleeper();
    guard(server, 'KILL')();
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(isAlive(server)).toBe(true);
    process.kill(server, 'SIGKILL');
  });
});
