// Works through a list in order with a window of items in flight; the first failure stops everything.

export interface Window {
  readonly window: number;
  /** Aborted: what runs is finished, nothing more is started, and the reason is thrown. */
  readonly signal: AbortSignal;
}

/** Runs `work` over the items, started in the list's order. Rejects with the first failure, when all that runs has ended. */
export async function inWindow<T>(
  items: Iterable<T>,
  { window, signal }: Window,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const queue = items[Symbol.iterator]();
  let failed = false;
  const worker = async (): Promise<void> => {
    for (let next = queue.next(); !failed && !signal.aborted && !next.done; next = queue.next()) {
      try {
        await work(next.value);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  const ended = await Promise.allSettled(Array.from({ length: window }, worker));
  const failure = ended.find((one) => one.status === 'rejected');
  if (failure) throw failure.reason;
  signal.throwIfAborted();
}

/** A list in pieces of at most `size`. */
export function* piecesOf<T>(items: readonly T[], size: number): Generator<readonly T[]> {
  for (let from = 0; from < items.length; from += size) yield items.slice(from, from + size);
}
