// Publishes to JetStream and waits for the PubAck. The client's own `js.publish` builds an error, a timer and a promise race per
// message and writes each message to the socket by itself; this one shares a timer and sends everything of one turn of the event
// loop in one write. Measured with `node test/bench/append.ts`.
import { createInbox, type Msg, type MsgHdrs, type NatsConnection, type Subscription } from 'nats';

/** What JetStream answered: a sequence, or why it refused. */
export interface PublishAnswer {
  readonly seq: number;
  readonly duplicate: boolean;
}

/** JetStream refused the message: nothing was written. */
export class PublishRefused extends Error {
  readonly code: number;
  readonly errCode: number;
  constructor(code: number, errCode: number, description: string) {
    super(description);
    this.code = code;
    this.errCode = errCode;
  }
}

/** No answer: the message may or may not have been written. */
export class PublishUnknown extends Error {}

interface Waiting {
  readonly deadline: number;
  resolve(answer: PublishAnswer): void;
  reject(error: Error): void;
}

interface Outgoing {
  readonly subject: string;
  readonly data: Uint8Array;
  readonly headers: MsgHdrs;
  readonly token: string;
}

interface RawAck {
  readonly seq?: number;
  readonly duplicate?: boolean;
  readonly error?: { readonly code: number; readonly err_code: number; readonly description: string };
}

const SWEEP_MS = 250;
const decoder = new TextDecoder();

export class Publisher {
  readonly #nats: NatsConnection;
  readonly #timeout: number;
  readonly #inbox = createInbox();
  readonly #subscription: Subscription;
  readonly #waiting = new Map<string, Waiting>();
  readonly #sweep: NodeJS.Timeout;
  #outgoing: Outgoing[] = [];
  #count = 0;

  constructor(nats: NatsConnection, timeout: number) {
    this.#nats = nats;
    this.#timeout = timeout;
    this.#subscription = nats.subscribe(`${this.#inbox}.*`, { callback: (_error, message) => this.#answered(message) });
    this.#sweep = setInterval(() => this.#giveUp(), SWEEP_MS);
    this.#sweep.unref();
  }

  /**
   * @throws PublishRefused when JetStream said no, PublishUnknown when it said nothing in time
   */
  publish(subject: string, data: Uint8Array, headers: MsgHdrs): Promise<PublishAnswer> {
    return new Promise((resolve, reject) => {
      const token = (this.#count++).toString(36);
      this.#waiting.set(token, { deadline: Date.now() + this.#timeout, resolve, reject });
      this.#outgoing.push({ subject, data, headers, token });
      if (this.#outgoing.length === 1) setImmediate(() => this.#flush());
    });
  }

  /** The answers to everything sent so far are lost with the connection. */
  disconnected(): void {
    const unsent = new Set(this.#outgoing.map(({ token }) => token));
    for (const token of [...this.#waiting.keys()]) if (!unsent.has(token)) this.#unknown(token, 'the connection was lost');
  }

  close(): void {
    clearInterval(this.#sweep);
    this.#subscription.unsubscribe();
    for (const token of [...this.#waiting.keys()]) this.#unknown(token, 'the connection is closing');
  }

  #flush(): void {
    const batch = this.#outgoing;
    this.#outgoing = [];
    for (const { subject, data, headers, token } of batch) {
      try {
        this.#nats.publish(subject, data, { headers, reply: `${this.#inbox}.${token}` });
      } catch (error) {
        this.#unknown(token, String(error));
      }
    }
  }

  #answered(message: Msg): void {
    const token = message.subject.slice(this.#inbox.length + 1);
    const waiting = this.#waiting.get(token);
    if (!waiting) return;
    this.#waiting.delete(token);
    // No payload: the server says that nobody listens, such as a JetStream that is still starting. Like no answer.
    const text = message.data.length === 0 ? '{}' : decoder.decode(message.data);
    const { seq, duplicate, error } = JSON.parse(text) as RawAck;
    if (error) waiting.reject(new PublishRefused(error.code, error.err_code, error.description));
    else if (seq) waiting.resolve({ seq, duplicate: duplicate === true });
    else waiting.reject(new PublishUnknown('an answer without a sequence'));
  }

  #giveUp(): void {
    const now = Date.now();
    for (const [token, { deadline }] of this.#waiting) if (deadline <= now) this.#unknown(token, 'no answer in time');
  }

  #unknown(token: string, why: string): void {
    this.#waiting.get(token)?.reject(new PublishUnknown(why));
    this.#waiting.delete(token);
  }
}
