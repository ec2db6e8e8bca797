import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { graceOf } from './drain.ts';

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** A process that drains by `stop` (an expression of a promise) and lives on otherwise. */
async function draining(stop: string, graceMs = 30_000): Promise<{ child: ChildProcess; ended: Promise<string> }> {
  const file = join(process.cwd(), 'scripts/runtime/drain.ts');
  const code = `import { onStopSignal } from ${JSON.stringify(file)};
    onStopSignal(${graceMs}, () => ${stop}); setInterval(() => {}, 1000); console.log('up');`;
  const child = spawn('node', ['--input-type=module', '-e', code], { stdio: 'pipe' });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (chunk) => (text += chunk));
  const ended = new Promise<string>((resolve) => child.once('close', (status) => resolve(`${status} ${text}`)));
  while (!text.includes('up')) await sleep(10);
  return { child, ended };
}

describe('a signal to stop', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('%s ends the process with code 0 when everything is drained', async (signal) => {
    const { child, ended } = await draining('Promise.resolve()');
    child.kill(signal);
    expect(await ended).toMatch(/^0 up\n/);
  });

  it('that npm and the terminal both deliver does not cut the drain short', async () => {
    const { child, ended } = await draining('new Promise((done) => setTimeout(done, 500))');
    child.kill('SIGINT');
    await sleep(50);
    child.kill('SIGINT');
    expect(await ended).toMatch(/^0 /);
  });

  it('given a drain that hangs, then the watchdog ends it with code 1 before the grace period is over', async () => {
    const { child, ended } = await draining('new Promise(() => {})', 2_000);
    const start = Date.now();
    child.kill('SIGTERM');
    expect(await ended).toMatch(/^1 [\s\S]*✗ Did not drain in time\./);
    expect(Date.now() - start).toBeLessThan(2_000);
  });

  it('given a drain that fails, then the reason is said and the code is 1', async () => {
    const { child, ended } = await draining(`Promise.reject(new Error('the disk is full'))`);
    child.kill('SIGTERM');
    expect(await ended).toMatch(/^1 [\s\S]*✗ Stopping failed: the disk is full/);
  });

  it('given a second one a while later, then somebody is impatient and it ends at once', async () => {
    const { child, ended } = await draining('new Promise(() => {})');
    child.kill('SIGINT');
    await sleep(1_100);
    child.kill('SIGINT');
    expect(await ended).toMatch(/^1 [\s\S]*✗ Stopped without waiting\./);
  });
});

describe('the grace period', () => {
  it('is 30 seconds unless SOUK_GRACE_MS says otherwise', () => {
    expect(graceOf({})).toBe(30_000);
    expect(graceOf({ SOUK_GRACE_MS: '5000' })).toBe(5_000);
  });
});
