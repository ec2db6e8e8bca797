// Finds the running shop that a node, the REPL or a tool shall join.
import { resolve } from 'node:path';
import { isAlive } from '../engines/processes.ts';
import { readRecord } from './data-folder.ts';
import { StartFailure } from './failure.ts';

/** NATS_URL, or the server of the `npm start` on the same data folder. @throws StartFailure when there is neither */
export function requireNatsUrl(env: NodeJS.ProcessEnv): string {
  if (env.NATS_URL) return env.NATS_URL;
  const record = readRecord(resolve(env.SOUK_DATA || 'data'));
  if (record && record.stoppedAt === undefined && isAlive(record.pid)) return record.natsUrl;
  throw new StartFailure('No running Souk found: start one with npm start, or set NATS_URL');
}
