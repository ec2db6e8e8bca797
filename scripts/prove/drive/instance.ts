// A shop of our own for proofs and benchmarks: the launcher as a real process on a free port and a temporary data folder,
// so that it can be killed like a real one.
import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endProcess } from '../../engines/processes.ts';
import { readRecord } from '../../runtime/data-folder.ts';

const ROOT = join(import.meta.dirname, '../../..');
const READY_MS = 60_000;
const STOP_MS = 20_000;
/** Variables that would point the instance at somebody else's engines. */
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

export interface InstanceOptions {
  /** More environment for the node. */
  readonly env?: Readonly<Record<string, string>>;
  /** Arguments for node itself, such as `--cpu-prof`. */
  readonly nodeArguments?: readonly string[];
}

export class Instance {
  readonly url: string;
  readonly dataFolder: string;
  readonly #options: InstanceOptions;
  readonly #port: number;
  #node: ChildProcess | undefined;
  #ended: Promise<unknown> = Promise.resolve();

  private constructor(port: number, options: InstanceOptions) {
    this.#port = port;
    this.#options = options;
    this.url = `http://127.0.0.1:${port}`;
    this.dataFolder = mkdtempSync(join(tmpdir(), 'souk-prove-'));
  }

  /** Starts a shop and resolves when it is ready. */
  static async start(options: InstanceOptions = {}): Promise<Instance> {
    const instance = new Instance(await freePort(), options);
    await instance.startNode();
    return instance;
  }

  get natsUrl(): string {
    const record = readRecord(this.dataFolder);
    if (!record) throw new Error('The instance has not started');
    return record.natsUrl;
  }

  get nodePid(): number {
    const pid = this.#node?.pid;
    if (pid === undefined) throw new Error('The node does not run');
    return pid;
  }

  /** Starts the node on what is on disk; resolves when it is ready. Returns the milliseconds that took. */
  async startNode(): Promise<number> {
    const startedAt = performance.now();
    const { nodeArguments = [] } = this.#options;
    const child = spawn(process.execPath, [...nodeArguments, join(ROOT, 'scripts/start.ts')], {
      cwd: ROOT,
      env: this.#environment(),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#node = child;
    this.#ended = new Promise((resolve) => child.once('exit', resolve));
    const output = createWriteStream(join(this.dataFolder, 'node.log'), { flags: 'a' });
    child.stdout?.pipe(output, { end: false });
    child.stderr?.pipe(output, { end: false });
    await this.#opened(child);
    return performance.now() - startedAt;
  }

  async killNode(): Promise<void> {
    this.#node?.kill('SIGKILL');
    await this.#ended;
  }

  /** SIGKILL of the nats-server; the launcher starts it again by itself. */
  killNats(): void {
    process.kill(Number(readFileSync(join(this.dataFolder, 'nats', 'nats-server.pid'), 'utf8')), 'SIGKILL');
  }

  /** Ends with SIGTERM and waits until it is drained. */
  async stopNode(): Promise<void> {
    if (this.#node?.pid !== undefined && this.#node.exitCode === null) await endProcess(this.#node.pid, STOP_MS);
    await this.#ended;
  }

  /** Ends everything and removes the data. */
  async stop(): Promise<void> {
    await this.stopNode();
    rmSync(this.dataFolder, { recursive: true, force: true });
  }

  /** The last lines that the node wrote. */
  lastWords(lines = 20): string {
    return readFileSync(join(this.dataFolder, 'node.log'), 'utf8').trim().split('\n').slice(-lines).join('\n');
  }

  #environment(): NodeJS.ProcessEnv {
    const own = Object.fromEntries(Object.entries(process.env).filter(([name]) => !FOREIGN.includes(name)));
    return {
      ...own,
      PORT: String(this.#port),
      SOUK_HOST: '127.0.0.1',
      SOUK_DATA: this.dataFolder,
      SOUK_RATE_LIMIT: 'off',
      SOUK_ACCESS_LOG: 'errors',
      SOUK_DEMO: 'on',
      ...this.#options.env,
    };
  }

  /** Until the launcher says that everything is up, demo logins included. */
  async #opened(child: ChildProcess): Promise<void> {
    const opened = new Promise<boolean>((resolve) => {
      child.stdout?.on('data', (text: Buffer) => {
        if (text.includes('Ready after')) resolve(true);
      });
      setTimeout(resolve, READY_MS, false).unref();
    });
    if (!(await Promise.race([opened, this.#ended.then(() => false)]))) {
      await this.killNode();
      throw new Error(`The shop did not start:\n${this.lastWords()}`);
    }
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
