// Whether this node lives and whether it should get traffic. Liveness asks nobody; readiness asks the log, at most once a second.
import type { ServiceBroker } from 'moleculer';
import { nodeOf } from '../mixins/node.ts';

export interface Readiness {
  readonly ready: boolean;
  /** What is missing, in words for operators. */
  readonly reasons: readonly string[];
}

const ANSWER_MS = 1_000;
const KEEP_MS = 1_000;

/** True when the promise is kept in time. */
function inTime(promise: Promise<unknown>): Promise<boolean> {
  const late = new Promise<false>((resolve) => setTimeout(resolve, ANSWER_MS, false).unref());
  const kept = promise.then(
    () => true,
    () => false,
  );
  return Promise.race([kept, late]);
}

export class Health {
  readonly #broker: ServiceBroker;
  readonly #isDraining: () => boolean;
  #answers: { at: number; answer: Promise<boolean> } | undefined;
  #caughtUp = false;

  constructor(broker: ServiceBroker, isDraining: () => boolean) {
    this.#broker = broker;
    this.#isDraining = isDraining;
  }

  async readiness(now = Date.now()): Promise<Readiness> {
    if (this.#isDraining()) return { ready: false, reasons: ['draining'] };
    if (!this.#broker.started) return { ready: false, reasons: [this.#broker.stopping ? 'stopping' : 'services are starting'] };
    const reasons: string[] = [];
    const node = nodeOf(this.#broker);
    this.#caughtUp ||= await inTime(node.caughtUp());
    if (!this.#caughtUp) reasons.push('views are catching up with the log');
    if (!(await this.#logAnswers(now))) reasons.push('the log does not answer');
    return { ready: reasons.length === 0, reasons };
  }

  async #logAnswers(now: number): Promise<boolean> {
    const { nats } = nodeOf(this.#broker).log;
    if (nats.isClosed()) return false;
    if (!this.#answers || now - this.#answers.at > KEEP_MS) this.#answers = { at: now, answer: inTime(nats.rtt()) };
    return this.#answers.answer;
  }
}
