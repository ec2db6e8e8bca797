// Pulls one durable consumer. It never asks for more than it can start at once: the server's ack clock runs from delivery,
// so a message that waits in a buffer would be delivered twice. Survives a lost server and a deleted consumer.
import type { Consumer, ConsumerMessages, JsMsg } from 'nats';

const PULL_MS = 2_000;
const HEARTBEAT_MS = 4_000;
const RETRY_MS = 1_000;
/** A message that is not due yet is held up to this long, all in all, before it uses up a delivery. */
const HOLD_MS = 60_000;

export interface PumpOptions {
  /** Messages in work at once. */
  readonly limit: number;
  /** The consumer, created or updated. */
  open(): Promise<Consumer>;
  /** Handles one message and answers it; returns milliseconds when it is not due yet and was not answered. Never throws. */
  work(raw: JsMsg): Promise<number | undefined>;
  onError(error: unknown): void;
}

export class Pump {
  readonly #options: PumpOptions;
  /** Everything delivered and not answered. */
  readonly #inHand = new Map<JsMsg, Promise<void>>();
  readonly #heartbeat: NodeJS.Timeout;
  readonly #loop: Promise<void>;
  #consumer: Consumer | undefined;
  #pulling: ConsumerMessages | undefined;
  #active = 0;
  #stopping = false;
  #wake: () => void = () => {};
  #endWaits: () => void = () => {};
  readonly #ending = new Promise<void>((resolve) => {
    this.#endWaits = resolve;
  });

  private constructor(options: PumpOptions, consumer: Consumer | undefined) {
    this.#options = options;
    this.#consumer = consumer;
    this.#heartbeat = setInterval(() => this.#beat(), HEARTBEAT_MS);
    this.#loop = this.#run();
  }

  /** Starts pulling; when the consumer cannot be opened now, it is tried again behind. */
  static async start(options: PumpOptions): Promise<Pump> {
    const consumer = await options.open().catch((error: unknown) => {
      options.onError(error);
      return undefined;
    });
    return new Pump(options, consumer);
  }

  get opened(): boolean {
    return this.#consumer !== undefined;
  }

  /** Pulls no more, gives back what was not begun, and waits for what is in work. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#endWaits();
    this.#wake();
    await this.#pulling?.close();
    await this.#loop;
    await Promise.all(this.#inHand.values());
    clearInterval(this.#heartbeat);
  }

  async #run(): Promise<void> {
    while (!this.#stopping) {
      try {
        this.#consumer ??= await this.#options.open();
        await this.#room();
        if (!this.#stopping) await this.#pull(this.#consumer);
      } catch (error) {
        // What went wrong is found out by opening it again: the server was away, or somebody deleted the consumer.
        this.#consumer = undefined;
        this.#options.onError(error);
        await this.#pause(RETRY_MS);
      }
    }
  }

  /** Waits until a good part of the places is free, so that a busy reaction pulls in batches. */
  async #room(): Promise<void> {
    const enough = Math.ceil(this.#options.limit / 2);
    while (!this.#stopping && this.#options.limit - this.#active < enough) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async #pull(consumer: Consumer): Promise<void> {
    this.#pulling = await consumer.fetch({ max_messages: this.#options.limit - this.#active, expires: PULL_MS });
    for await (const raw of this.#pulling) {
      if (this.#stopping) raw.nak(100);
      else this.#inHand.set(raw, this.#take(raw));
    }
  }

  async #take(raw: JsMsg): Promise<void> {
    let later = await this.#work(raw);
    for (let held = 0; later !== undefined; later = await this.#work(raw)) {
      held += later;
      if (held <= HOLD_MS) await this.#pause(later);
      if (held <= HOLD_MS && !this.#stopping) continue;
      raw.nak(held <= HOLD_MS ? 100 : later);
      break;
    }
    this.#inHand.delete(raw);
  }

  async #work(raw: JsMsg): Promise<number | undefined> {
    this.#active++;
    try {
      return await this.#options.work(raw);
    } catch (error) {
      this.#options.onError(error);
      return undefined;
    } finally {
      this.#active--;
      this.#wake();
    }
  }

  #beat(): void {
    for (const raw of this.#inHand.keys()) raw.working();
  }

  async #pause(ms: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const wait = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, ms);
    });
    await Promise.race([wait, this.#ending]);
    clearTimeout(timer);
  }
}
