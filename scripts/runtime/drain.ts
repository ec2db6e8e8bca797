// Ctrl-C and SIGTERM: drain, then exit 0. A watchdog ends a drain that hangs shortly before the platform would kill us.
import { reasonOf } from './failure.ts';
import { wholeNumber } from './settings.ts';

/** A terminal and npm both deliver one Ctrl-C, so a repetition within this time is not impatience. */
const SAME_SIGNAL_MS = 1_000;
const WATCHDOG_MARGIN_MS = 2_000;

/** Milliseconds between SIGTERM and SIGKILL, as the platform grants them. @throws StartFailure when SOUK_GRACE_MS is no number */
export const graceOf = (env: NodeJS.ProcessEnv): number => wholeNumber(env, 'SOUK_GRACE_MS', 30_000, 100);

/** Calls `stop` once at the first signal and ends the process; a later, deliberate second signal ends it at once. */
export function onStopSignal(graceMs: number, stop: () => Promise<void>): void {
  let since: number | undefined;
  const receive = (signal: NodeJS.Signals): void => {
    if (since !== undefined) {
      if (Date.now() - since > SAME_SIGNAL_MS) exitNow('Stopped without waiting.');
      return;
    }
    since = Date.now();
    console.error(`${signal}: finishing what is in flight …`);
    setTimeout(() => exitNow('Did not drain in time.'), Math.max(graceMs - WATCHDOG_MARGIN_MS, graceMs / 2)).unref();
    void stop().then(
      () => {
        console.error('Stopped.');
        process.exit(0);
      },
      (error: unknown) => exitNow(`Stopping failed: ${reasonOf(error)}`),
    );
  };
  process.on('SIGINT', receive);
  process.on('SIGTERM', receive);
}

function exitNow(why: string): never {
  console.error(`✗ ${why}`);
  process.exit(1);
}
