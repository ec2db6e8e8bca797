// The folder of a running shop: who owns it, and what a later command needs to find it again.
// Ownership is an operating system lock on `data/lock`, which a killed process loses by itself, so no lock is ever stale.
import { existsSync, mkdirSync, readFileSync, renameSync, unlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { reasonOf, StartFailure } from './failure.ts';

/** What `data/souk.json` says about the launcher that runs, or ran last. */
export interface RunRecord {
  readonly pid: number;
  readonly nodeID: string;
  readonly natsUrl: string;
  readonly httpUrl?: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** Present when it stopped by itself; the rest then tells the next run which port to prefer. */
  readonly stoppedAt?: number;
}

const RECORD = 'souk.json';

/** The absolute data folder, made when it is not there. @throws StartFailure naming SOUK_DATA when it cannot be written */
export function openDataFolder(env: NodeJS.ProcessEnv): string {
  const folder = resolve(env.SOUK_DATA || 'data');
  const probe = join(folder, `.write-test-${process.pid}`);
  try {
    makeFolder(folder);
    writeFileSync(probe, '');
    unlinkSync(probe);
  } catch (error) {
    throw new StartFailure(`SOUK_DATA: the data folder ${folder} cannot be written (${reasonOf(error)})`, error);
  }
  return folder;
}

/** Node's own recursive way never returns below a folder such as /proc, which is there but takes no entries. */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  mkdirSync(path);
}

/** Takes the folder for this process. @throws StartFailure when a live process has it */
export function lockDataFolder(folder: string): { release(): void } {
  const database = new DatabaseSync(join(folder, 'lock'), { timeout: 0 });
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if (!/locked/.test(reasonOf(error))) throw error;
    const owner = readRecord(folder);
    const who = owner ? `process ${owner.pid}${owner.httpUrl ? ` at ${owner.httpUrl}` : ''}` : 'another process';
    throw new StartFailure(
      `Souk already runs on ${folder} (${who}): stop it first, or choose another folder with SOUK_DATA`,
      error,
    );
  }
  return { release: () => database.close() };
}

/** The record of the launcher on this folder; undefined when there is none, or none that can be read. */
export function readRecord(folder: string): RunRecord | undefined {
  try {
    const record: unknown = JSON.parse(readFileSync(join(folder, RECORD), 'utf8'));
    return isRecord(record) ? record : undefined;
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is RunRecord {
  return (
    typeof value === 'object' &&
    value !== null &&
    'pid' in value &&
    Number.isInteger(value.pid) &&
    Number(value.pid) > 0 &&
    'natsUrl' in value &&
    typeof value.natsUrl === 'string'
  );
}

/** Replaces the record in one step, so that a reader never sees half of it. */
export function writeRecord(folder: string, record: RunRecord): void {
  const file = join(folder, RECORD);
  // NATS_URL may carry a password.
  writeFileSync(`${file}.new`, `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}
