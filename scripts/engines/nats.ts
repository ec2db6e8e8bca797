// The log's server for a launcher: the one of NATS_URL, or our own child, restarted when it dies and stopped with us.
import { join } from 'node:path';
import { reasonOf } from '../runtime/failure.ts';
import { portProblem } from '../runtime/ports.ts';
import { findNatsServer } from './nats-binary.ts';
import { findOrphan, type NatsChild, type NatsChildOptions, startNatsChild, stopOrphan } from './nats-child.ts';
import { checkNats, natsConnection } from './nats-url.ts';

const USUAL_PORT = 4222;
const RESTART_MS = 500;

export interface NatsEngine {
  readonly url: string;
  /** In words, for the person at the terminal. */
  readonly description: string;
  stop(): Promise<void>;
}

export interface NatsEngineOptions {
  readonly env: NodeJS.ProcessEnv;
  /** The project's folder. */
  readonly root: string;
  readonly dataFolder: string;
  /** The port of the run before, so that nodes and REPLs that still look for it find it. */
  readonly formerUrl: string | undefined;
  readonly say: (line: string) => void;
}

/** @throws StartFailure in one line when no server can be reached or started */
export async function provideNats(options: NatsEngineOptions): Promise<NatsEngine> {
  const { env, say } = options;
  if (env.NATS_URL) {
    await checkNats(natsConnection(env.NATS_URL, env.SOUK_NATS_CREDS));
    return { url: env.NATS_URL, description: 'the server of NATS_URL', stop: async () => {} };
  }
  const dir = join(options.dataFolder, 'nats');
  const orphan = findOrphan(dir);
  if (orphan !== undefined) {
    say(`The run before was killed and left nats-server ${orphan} behind: stopping it.`);
    await stopOrphan(orphan);
  }
  const { path, version } = await findNatsServer(options);
  const child = await startOnFreePort({ binary: path, version, dir }, options.formerUrl);
  const stop = supervise(child, { binary: path, version, dir, port: child.port }, say);
  return { url: child.url, description: `nats-server ${version}, data in ${dir}`, stop };
}

/** The former port, the usual one, or any. Somebody else may take a port between our look and the server's start. */
async function startOnFreePort(options: NatsChildOptions, formerUrl: string | undefined): Promise<NatsChild> {
  const former = Number(/^nats:\/\/127\.0\.0\.1:(\d+)$/.exec(formerUrl ?? '')?.[1]);
  for (const port of [former, USUAL_PORT].filter((wish) => wish > 0)) {
    if ((await portProblem(port, '127.0.0.1')) !== undefined) continue;
    try {
      return await startNatsChild({ ...options, port });
    } catch (error) {
      if (!reasonOf(error).includes('address already in use')) throw error;
    }
  }
  return startNatsChild(options);
}

/** Starts the child again on its port and store when it dies unasked; clients reconnect by themselves. */
function supervise(first: NatsChild, options: NatsChildOptions, say: (line: string) => void): () => Promise<void> {
  let child = first;
  let stopping = false;
  let restarting: Promise<void> = Promise.resolve();
  const restart = async (how: string): Promise<void> => {
    say(`nats-server ended unasked (${how}): starting it again.`);
    while (!stopping) {
      try {
        child = await startNatsChild(options);
        return watch();
      } catch (error) {
        say(`  ${reasonOf(error)}`);
        await new Promise((resolve) => setTimeout(resolve, RESTART_MS));
      }
    }
  };
  const watch = (): void => {
    void child.exited.then((how) => {
      if (!stopping) restarting = restart(how);
    });
  };
  watch();
  return async () => {
    stopping = true;
    await restarting;
    await child.stop();
  };
}
