// Lets a few expensive things run at once and a bounded number wait; the rest is refused at once, while refusing is cheap.
import { accountErrors } from './accounts.errors.contract.ts';

export class Gate {
  readonly #atOnce: number;
  readonly #mayWait: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(atOnce: number, mayWait: number) {
    this.#atOnce = atOnce;
    this.#mayWait = mayWait;
  }

  /** Runs `work` in its turn. Throws SIGN_IN_BUSY with `retryAfter` in seconds when too many wait already. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    await this.#enter();
    try {
      return await work();
    } finally {
      this.#leave();
    }
  }

  #enter(): Promise<void> | undefined {
    if (this.#running < this.#atOnce) {
      this.#running++;
      return undefined;
    }
    if (this.#waiting.length >= this.#mayWait) throw accountErrors('SIGN_IN_BUSY', undefined, { retryAfter: 2 });
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** The place goes to the next in line, so nobody overtakes. */
  #leave(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#running--;
  }
}
