// Waits for something that happens elsewhere: polls, and fails with what it was waiting for.

/** Resolves with the first truthy value of `look`; rejects after `timeout` milliseconds. */
export async function until<T>(
  what: string,
  look: () => T | Promise<T>,
  timeout = 10_000,
): Promise<Exclude<T, false | null | undefined>> {
  for (const deadline = Date.now() + timeout; ; ) {
    const seen = await look();
    if (seen) return seen as Exclude<T, false | null | undefined>;
    if (Date.now() > deadline) throw new Error(`It did not happen in time: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
