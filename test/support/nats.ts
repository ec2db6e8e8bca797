// A real nats-server for one test file: its own free port and its own store, started by the launcher's code.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findNatsServer, type NatsBinary } from '../../scripts/engines/nats-binary.ts';
import { type NatsChild, startNatsChild } from '../../scripts/engines/nats-child.ts';
import { isAlive } from '../../scripts/engines/processes.ts';
import { guard } from './guard.ts';

export interface TestNats {
  /** Stays the same over `kill` and `restart`. */
  readonly url: string;
  readonly port: number;
  /** The folder with the store and `nats-server.log`. */
  readonly dir: string;
  readonly version: string;
  pid(): number;
  /** SIGKILL, as a crash would be. */
  kill(): Promise<void>;
  /** Starts it again on the same port and store; stops it first when it runs. */
  restart(): Promise<void>;
  /** Stops it for good, makes sure that it is gone and removes its store. */
  stop(): Promise<void>;
}

/** Starts a nats-server of the machine (or the given binary). Call it in `beforeAll` and `stop()` in `afterAll`. */
export async function startNats(binary?: NatsBinary): Promise<TestNats> {
  const server = binary ?? (await findNatsServer({ root: process.cwd(), env: process.env, say: () => {} }));
  const dir = mkdtempSync(join(tmpdir(), 'souk-nats-'));
  const options = { binary: server.path, version: server.version, dir };
  let callOff = (): void => {};
  const start = async (port = 0): Promise<NatsChild> => {
    const started = await startNatsChild({ ...options, port });
    callOff = guard(started.pid, 'KILL');
    return started;
  };
  const end = async (how: 'stop' | 'kill'): Promise<void> => {
    callOff();
    await child[how]();
  };
  let child = await start();
  const { port, url } = child;
  return {
    url,
    port,
    dir,
    version: server.version,
    pid: () => child.pid,
    kill: () => end('kill'),
    async restart() {
      await end('stop');
      child = await start(port);
    },
    async stop() {
      await end('stop');
      if (isAlive(child.pid)) throw new Error(`nats-server ${child.pid} did not stop`);
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
