// CPU seconds that processes have used so far. Linux only, as is /proc; elsewhere they are unknown.
import { existsSync, readFileSync } from 'node:fs';

/** Kernel ticks per second, the same on every Linux. */
const TICKS = 100;

/** User and system time of a process in seconds; NaN when the system does not tell. */
export function cpuSeconds(pid: number): number {
  const file = `/proc/${pid}/stat`;
  if (!existsSync(file)) return Number.NaN;
  // The name stands in parentheses and may contain spaces.
  const fields = readFileSync(file, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}
