// Starting, and the year of a real retailer: how long until ready, how long the import takes, what a node needs afterwards.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Instance } from '../prove/drive/instance.ts';
import { NodeProcess } from '../prove/drive/node-process.ts';
import type { Measurement } from './row.ts';

const IMPORT_LIMIT_S = 360;

export function firstStartMeasurement(runs: number): Measurement {
  return {
    what: 'npm start with an empty data folder and nats-server present, until ready and seeded',
    bars: [{ unit: 's', atMost: 8 }],
    runs,
    async measure() {
      const startedAt = performance.now();
      const instance = await Instance.start();
      const seconds = (performance.now() - startedAt) / 1_000;
      await instance.stop();
      return [seconds];
    },
  };
}

/** Resident megabytes of a process. Linux only, as is /proc. */
function memoryOf(pid: number): number {
  const [, kilobytes] = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) / 1_024;
}

/** Imports the file into an empty shop, then starts it on the whole year. */
export function importMeasurement(file: string): Measurement {
  return {
    what: 'import of the real year, then a cold start on it',
    bars: [
      { unit: 's import, differences 0', atMost: IMPORT_LIMIT_S },
      { unit: 'MB of the node after the import', atMost: 1_024 },
      { unit: 's cold start until ready', atMost: 15 },
      { unit: 'MB of the node after the cold start', atMost: 1_024 },
    ],
    runs: 1,
    async measure() {
      const instance = await Instance.prepare({ env: { SOUK_DEMO: 'off' } });
      try {
        const imported = await importInto(instance, file);
        const coldS = (await instance.startNode()) / 1_000;
        return [...imported, coldS, memoryOf(instance.nodePid)];
      } finally {
        await instance.stop();
      }
    },
  };
}

/** The import runs a node of its own, stopped in the end. @throws when a single unit or penny differs */
async function importInto({ dataFolder }: Instance, file: string): Promise<readonly [seconds: number, megabytes: number]> {
  const logFile = join(dataFolder, 'import.log');
  const startedAt = performance.now();
  const importing = await NodeProcess.start({
    entry: 'scripts/import.ts',
    arguments: [file],
    ready: 'Differences: 0',
    readyMs: 2 * IMPORT_LIMIT_S * 1_000,
    env: { SOUK_DATA: dataFolder },
    logFile,
  });
  const seconds = (performance.now() - startedAt) / 1_000;
  await importing.ended;
  const [, megabytes = ''] = /this node has ([\d,]+) MB/.exec(readFileSync(logFile, 'utf8')) ?? [];
  return [seconds, Number(megabytes.replaceAll(',', ''))];
}
