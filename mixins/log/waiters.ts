// Waits until a position has been reached, or a time has passed.

interface Waiter {
  readonly seq: number;
  resolve(): void;
}

export class Waiters {
  readonly #waiting = new Set<Waiter>();

  /** True when `reached` was told this sequence or a later one, false after `timeout` milliseconds. */
  wait(seq: number, timeout: number): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(waiter);
        resolve(false);
      }, timeout);
      const waiter: Waiter = {
        seq,
        resolve: () => {
          clearTimeout(timer);
          resolve(true);
        },
      };
      this.#waiting.add(waiter);
    });
  }

  reached(position: number): void {
    for (const waiter of this.#waiting) {
      if (position < waiter.seq) continue;
      this.#waiting.delete(waiter);
      waiter.resolve();
    }
  }
}
