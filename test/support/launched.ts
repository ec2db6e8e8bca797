// A launcher as a real process, as somebody at a terminal would start it: its output, its exit code, its signals.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findOrphan, stopOrphan } from '../../scripts/engines/nats-child.ts';
import { guard } from './guard.ts';
import { freePort } from './ports.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface Launched {
  readonly pid: number;
  /** Everything it has printed so far. */
  output(): string;
  /** Waits until it has printed this; fails when it ends before. */
  printed(pattern: RegExp): Promise<RegExpExecArray>;
  signal(signal: NodeJS.Signals): void;
  /** Its exit code, or the signal that ended it. */
  readonly exit: Promise<number | NodeJS.Signals>;
}

const SETTINGS = /^(SOUK_|NATS_URL|MONGO_URL|REDIS_URL|CLICKHOUSE_URL|PORT$|SERVICES$|NODE_ENV$)/;

/** Starts `command` with an environment that has no settings but these; `input` is what is piped into it. */
export function launch(command: readonly [string, ...string[]], env: Environment, input?: string): Launched {
  const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !SETTINGS.test(name)));
  const [program, ...args] = command;
  const child = spawn(program, args, { env: { ...inherited, ...env } as NodeJS.ProcessEnv, stdio: 'pipe', detached: true });
  child.stdin.end(input);
  const pid = pidOf(child);
  const callOff = guard(pid, 'TERM');
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (chunk) => (text += chunk));
  const exit = new Promise<number | NodeJS.Signals>((resolve) =>
    child.once('close', (code, signal) => resolve(code ?? signal ?? -1)),
  );
  void exit.then(callOff);
  return {
    pid,
    output: () => text,
    printed: (pattern) => printed(pattern, () => text, exit),
    signal: (name) => void child.kill(name),
    exit,
  };
}

function pidOf({ pid }: ChildProcess): number {
  if (pid === undefined) throw new Error('The process could not be started');
  return pid;
}

async function printed(pattern: RegExp, text: () => string, exit: Promise<unknown>): Promise<RegExpExecArray> {
  let ended = false;
  void exit.then(() => {
    ended = true;
  });
  for (const deadline = Date.now() + 25_000; ; ) {
    const match = pattern.exec(text());
    if (match) return match;
    if (ended || Date.now() > deadline) throw new Error(`${ended ? 'Ended' : 'Waited'} without printing ${pattern}:\n${text()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** A data folder and port of their own for the launchers of one test; ends what they leave behind. */
export class Place {
  readonly folder = mkdtempSync(join(tmpdir(), 'souk-launch-'));
  readonly #launched: Launched[] = [];
  port = 0;

  static async make(): Promise<Place> {
    const place = new Place();
    place.port = await freePort();
    return place;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  start(env: Environment = {}, command: readonly [string, ...string[]] = ['node', 'scripts/start.ts'], input?: string): Launched {
    const own = { SOUK_DATA: this.folder, SOUK_DEMO: 'off', SOUK_HOST: '127.0.0.1', PORT: String(this.port) };
    const launched = launch(command, { ...own, ...env }, input);
    this.#launched.push(launched);
    return launched;
  }

  /** Starts it and waits until it is open. */
  async open(env: Environment = {}): Promise<Launched> {
    const launched = this.start(env);
    await launched.printed(/Ready after/);
    return launched;
  }

  natsPid(): number | undefined {
    return findOrphan(join(this.folder, 'nats'));
  }

  async clear(): Promise<void> {
    for (const launched of this.#launched) {
      launched.signal('SIGKILL');
      await launched.exit;
    }
    const orphan = this.natsPid();
    if (orphan !== undefined) await stopOrphan(orphan);
    rmSync(this.folder, { recursive: true, force: true });
  }
}
