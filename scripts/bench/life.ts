// Starting, and the year of a real retailer: how long until ready, how long the import takes, what a node needs afterwards.
import { readFileSync } from 'node:fs';
import { Instance } from '../prove/drive/instance.ts';
import { NodeProcess } from '../prove/drive/node-process.ts';
import { pause } from '../prove/scenario.ts';
import type { Measurement } from './row.ts';

const IMPORT_LIMIT_S = 360;
const SETTLE_MS = 5_000;

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

/** Imports the file into a running shop, then stops it and starts it again on the whole year. */
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
      const instance = await Instance.start({ env: { SOUK_DEMO: 'off' } });
      try {
        const startedAt = performance.now();
        const importing = await NodeProcess.start({
          entry: 'scripts/import.ts',
          arguments: [file],
          ready: 'Differences: 0',
          readyMs: 2 * IMPORT_LIMIT_S * 1_000,
          env: { SOUK_DATA: instance.dataFolder },
          logFile: `${instance.dataFolder}/import.log`,
        });
        const importS = (performance.now() - startedAt) / 1_000;
        await importing.stop();
        await pause(SETTLE_MS);
        const memory = memoryOf(instance.nodePid);
        await instance.stopNode();
        const coldS = (await instance.startNode()) / 1_000;
        return [importS, memory, coldS, memoryOf(instance.nodePid)];
      } finally {
        await instance.stop();
      }
    },
  };
}
