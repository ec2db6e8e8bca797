// One Souk process that can be killed like a real one: an entry file of scripts/, started, awaited, ended.
import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { endProcess } from '../../engines/processes.ts';

const READY_MS = 60_000;
const STOP_MS = 20_000;
/** Variables that would point the process at somebody else's engines. */
const FOREIGN = [
  'NATS_URL',
  'REDIS_URL',
  'MONGO_URL',
  'CLICKHOUSE_URL',
  'STRIPE_SECRET_KEY',
  'SERVICES',
  'NODE_ENV',
  'SOUK_PORT',
];

export interface ProcessOptions {
  /** Such as `scripts/start.ts`, below the working directory. */
  readonly entry: string;
  readonly arguments?: readonly string[];
  /** What the process prints when it is ready, and how long that may take. */
  readonly ready: string;
  readonly readyMs?: number;
  readonly env: Readonly<Record<string, string>>;
  /** Where its output goes. */
  readonly logFile: string;
  /** Arguments for node itself, such as `--cpu-prof`. */
  readonly nodeArguments?: readonly string[];
}

export class NodeProcess {
  readonly #options: ProcessOptions;
  readonly #child: ChildProcess;
  /** Resolves when the process is gone. */
  readonly ended: Promise<void>;

  private constructor(options: ProcessOptions) {
    const { entry, env, logFile, nodeArguments = [] } = options;
    const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !FOREIGN.includes(name)));
    this.#options = options;
    this.#child = spawn(process.execPath, [...nodeArguments, join(process.cwd(), entry), ...(options.arguments ?? [])], {
      env: { ...inherited, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.ended = new Promise((resolve) => this.#child.once('exit', () => resolve()));
    const output = createWriteStream(logFile, { flags: 'a' });
    this.#child.stdout?.pipe(output, { end: false });
    this.#child.stderr?.pipe(output, { end: false });
  }

  /** Starts it and resolves when it is ready. @throws with its last lines when it is not */
  static async start(options: ProcessOptions): Promise<NodeProcess> {
    const started = new NodeProcess(options);
    await started.#ready();
    return started;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** SIGKILL, as a crash would be. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.ended;
  }

  /** SIGTERM; resolves when it is drained and gone. */
  async stop(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) await endProcess(this.pid, STOP_MS);
    await this.ended;
  }

  async #ready(): Promise<void> {
    const said = new Promise<boolean>((resolve) => {
      this.#child.stdout?.on('data', (text: Buffer) => {
        if (text.includes(this.#options.ready)) resolve(true);
      });
      setTimeout(resolve, this.#options.readyMs ?? READY_MS, false).unref();
    });
    if (await Promise.race([said, this.ended.then(() => false)])) return;
    await this.kill();
    throw new Error(`${this.#options.entry} did not start:\n${lastLines(this.#options.logFile)}`);
  }
}

export function lastLines(file: string, lines = 20): string {
  return readFileSync(file, 'utf8').trim().split('\n').slice(-lines).join('\n');
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
