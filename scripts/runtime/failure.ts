// A reason not to start that the person at the terminal can act on: one line, no stack, exit code 1.

export class StartFailure extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'StartFailure';
  }
}

/** The text of anything thrown, in one line. */
export function reasonOf(error: unknown): string {
  const text = typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error);
  return text.split('\n')[0] ?? text;
}

/** The system's code of a failed call, such as `EADDRINUSE`. */
export function systemCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** Runs an entry file's work: a `StartFailure` becomes one line, anything else keeps its stack for the bug report. */
export async function runEntry(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    console.error(error instanceof StartFailure ? `✗ ${error.message}` : error);
    process.exit(1);
  }
}
