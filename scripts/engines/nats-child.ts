// Runs nats-server as a child process on a folder: started, watched, stopped, and recognised again by a later start.
// The launcher and the tests use the same code.
import { type ChildProcess, spawn } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { StartFailure } from '../runtime/failure.ts';
import { natsConfig } from './nats-config.ts';
import { commandOf, endProcess, isAlive } from './processes.ts';

/** Recovery of a large store happens before the server listens. */
const READY_MS = 120_000;
const STOP_MS = 15_000;

export interface NatsChildOptions {
  readonly binary: string;
  readonly version: string;
  /** Absolute path of the folder that holds the store. */
  readonly dir: string;
  /** 0 (the default) lets the server choose. */
  readonly port?: number;
}

export interface NatsChild {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Settles when the process has ended, with its exit code or signal in words. */
  readonly exited: Promise<string>;
  /** Asks it to stop and waits until it is gone. */
  stop(): Promise<void>;
  /** SIGKILL, and waits until it is gone. */
  kill(): Promise<void>;
}

/** Starts nats-server on `dir` and resolves when it accepts connections. */
export async function startNatsChild(options: NatsChildOptions): Promise<NatsChild> {
  const child = launch(options);
  const pid = child.pid;
  const exited = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`));
  });
  if (pid === undefined) throw new StartFailure(`nats-server could not be started: ${await exited}`);
  const emergency = (): void => void child.kill('SIGTERM');
  process.once('exit', emergency);
  void exited.then(() => process.removeListener('exit', emergency));
  const port = await readyPort(options.dir, pid, exited);
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (signal === 'SIGKILL') child.kill('SIGKILL');
    else await endProcess(pid, STOP_MS);
    await exited;
  };
  return { url: `nats://127.0.0.1:${port}`, port, pid, exited, stop: () => end('SIGTERM'), kill: () => end('SIGKILL') };
}

/** The child has its own process group, so Ctrl-C at the terminal reaches the launcher alone, which drains first. */
function launch({ binary, version, dir, port = 0 }: NatsChildOptions): ChildProcess {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  rmSync(join(dir, 'ports'), { recursive: true, force: true });
  mkdirSync(join(dir, 'ports'));
  const config = configPath(dir);
  writeFileSync(config, natsConfig({ port, dir, version }));
  const log = join(dir, 'nats-server.log');
  if (existsSync(log)) renameSync(log, `${log}.1`);
  const output = openSync(log, 'w');
  try {
    return spawn(binary, ['-c', config], { detached: true, stdio: ['ignore', output, output] });
  } finally {
    closeSync(output);
  }
}

async function readyPort(dir: string, pid: number, exited: Promise<string>): Promise<number> {
  let ended: string | undefined;
  void exited.then((how) => {
    ended = how;
  });
  for (const deadline = Date.now() + READY_MS; ended === undefined; ) {
    const port = writtenPort(dir, pid);
    if (port !== undefined) return port;
    if (Date.now() > deadline) {
      await endProcess(pid, STOP_MS);
      break;
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new StartFailure(`nats-server did not start (${ended ?? 'no answer'}): ${lastError(dir)}`);
}

/** The server writes `<name>_<pid>.ports` as soon as it listens. */
function writtenPort(dir: string, pid: number): number | undefined {
  const file = readdirSync(join(dir, 'ports')).find((name) => name.endsWith(`_${pid}.ports`));
  const match = file === undefined ? null : /nats:\/\/[^"]*:(\d+)"/.exec(readFileSync(join(dir, 'ports', file), 'utf8'));
  return match ? Number(match[1]) : undefined;
}

function lastError(dir: string): string {
  const lines = readFileSync(join(dir, 'nats-server.log'), 'utf8').trim().split('\n');
  const fatal = lines.findLast((line) => /\[(FTL|ERR)\]/.test(line)) ?? lines.at(-1) ?? '';
  return fatal.replace(/^.*\[(FTL|ERR)\]\s*/, '') || 'it wrote nothing';
}

const configPath = (dir: string): string => join(dir, 'nats-server.conf');

/** The pid of a nats-server that still runs on `dir`, left behind by a launcher that was killed. */
export function findOrphan(dir: string): number | undefined {
  const file = join(dir, 'nats-server.pid');
  if (!existsSync(file)) return undefined;
  const pid = Number(readFileSync(file, 'utf8'));
  if (!Number.isInteger(pid) || pid <= 1 || !isAlive(pid)) return undefined;
  return commandOf(pid).includes(configPath(dir)) ? pid : undefined;
}

/** Stops an orphan and waits until it is gone; two servers must never share one store. */
export async function stopOrphan(pid: number): Promise<void> {
  await endProcess(pid, STOP_MS);
}
