// Runs the steps of a command one after another, shows each as it ends, and says at the end how it went.
import { spawn } from 'node:child_process';

export interface Step {
  readonly name: string;
  /** Resolves with a short result to show; rejects with what is wrong. */
  run(): Promise<string>;
}

/** Runs every step, also after a failed one. Returns the names of those that failed. */
export async function runSteps(steps: readonly Step[]): Promise<string[]> {
  const failed: string[] = [];
  for (const step of steps) {
    const start = performance.now();
    const took = (): string => `${((performance.now() - start) / 1000).toFixed(1)} s`;
    try {
      const result = await step.run();
      console.log(`✓ ${step.name}${result === '' ? '' : `: ${result}`} (${took()})`);
    } catch (error) {
      failed.push(step.name);
      console.error(`${error instanceof Error ? error.message : error}\n✗ ${step.name} (${took()})`);
    }
  }
  return failed;
}

export interface CommandOptions {
  /** Shows the output as it comes instead of only when it fails. */
  readonly live?: boolean;
  readonly timeoutMs?: number;
}

/** Runs a program of the project. @throws an error with its output when it fails or takes too long */
export function command(
  program: string,
  args: readonly string[],
  { live = false, timeoutMs = 600_000 }: CommandOptions = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: live ? 'inherit' : 'pipe', timeout: timeoutMs, killSignal: 'SIGKILL' });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', (chunk) => (output += chunk));
    child.once('error', reject);
    child.once('close', (code, signal) => {
      if (code === 0) resolve(output);
      else
        reject(new Error(signal === 'SIGKILL' ? `${output}${program} was ended after ${timeoutMs / 1000} s` : output.trimEnd()));
    });
  });
}
