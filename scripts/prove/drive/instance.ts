// A shop of our own for proofs and benchmarks: the launcher as a real process on a free port and a temporary data folder.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readRecord } from '../../runtime/data-folder.ts';
import { freePort, lastLines, NodeProcess } from './node-process.ts';

export interface InstanceOptions {
  /** More environment for the node. */
  readonly env?: Readonly<Record<string, string>>;
  /** Arguments for node itself, such as `--cpu-prof`. */
  readonly nodeArguments?: readonly string[];
}

export class Instance {
  readonly url: string;
  readonly dataFolder = mkdtempSync(join(tmpdir(), 'souk-prove-'));
  readonly #options: InstanceOptions;
  readonly #port: number;
  #node: NodeProcess | undefined;

  private constructor(port: number, options: InstanceOptions) {
    this.#port = port;
    this.#options = options;
    this.url = `http://127.0.0.1:${port}`;
  }

  /** Starts a shop and resolves when it is ready. */
  static async start(options: InstanceOptions = {}): Promise<Instance> {
    const instance = await Instance.prepare(options);
    await instance.startNode();
    return instance;
  }

  /** The folder and the address of a shop that `startNode` opens later. */
  static async prepare(options: InstanceOptions = {}): Promise<Instance> {
    return new Instance(await freePort(), options);
  }

  get natsUrl(): string {
    const record = readRecord(this.dataFolder);
    if (!record) throw new Error('The instance has not started');
    return record.natsUrl;
  }

  get nodePid(): number {
    return this.#node?.pid ?? 0;
  }

  /** Starts the node on what is on disk, until the launcher says that everything is up. Returns the milliseconds that took. */
  async startNode(): Promise<number> {
    const startedAt = performance.now();
    const { env, nodeArguments = [] } = this.#options;
    const own = { PORT: String(this.#port), SOUK_HOST: '127.0.0.1', SOUK_DATA: this.dataFolder };
    const quiet = { SOUK_RATE_LIMIT: 'off', SOUK_ACCESS_LOG: 'errors', SOUK_DEMO: 'on' };
    this.#node = await NodeProcess.start({
      entry: 'scripts/start.ts',
      ready: 'Ready after',
      env: { ...own, ...quiet, ...env },
      logFile: this.#logFile,
      nodeArguments,
    });
    return performance.now() - startedAt;
  }

  async killNode(): Promise<void> {
    await this.#node?.kill();
  }

  get natsPid(): number {
    return Number(readFileSync(join(this.dataFolder, 'nats', 'nats-server.pid'), 'utf8'));
  }

  /** SIGKILL of the nats-server; the launcher starts it again by itself. */
  killNats(): void {
    process.kill(this.natsPid, 'SIGKILL');
  }

  /** Ends the node with SIGTERM and waits until it is drained. */
  async stopNode(): Promise<void> {
    await this.#node?.stop();
  }

  /** Ends everything and removes the data. */
  async stop(): Promise<void> {
    await this.stopNode();
    rmSync(this.dataFolder, { recursive: true, force: true });
  }

  /** The last lines that the node wrote. */
  lastWords(): string {
    return lastLines(this.#logFile);
  }

  get #logFile(): string {
    return join(this.dataFolder, 'node.log');
  }
}
