// Webhooks as a real provider sends them: signed over the raw bytes with a time, delivered at least once, retried when refused.
// The fault switches make them come twice, late, out of order or never.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { paymentErrors } from '../payments.contract.ts';
import type { Faults } from '../payments.schema.contract.ts';

/** Older signatures are refused, so a recorded webhook cannot be played back. */
const TOLERANCE_MS = 300_000;
const RETRIES = 4;

export interface WebhookEvent {
  readonly id: string;
  readonly type: string;
  readonly intentId: string;
}

const mac = (secret: string, time: number, rawBody: string): Buffer =>
  createHmac('sha256', secret).update(`${time}.${rawBody}`).digest();

/** `t=<milliseconds>,v1=<hex>`. */
export function sign(secret: string, rawBody: string, now: number): string {
  return `t=${now},v1=${mac(secret, now, rawBody).toString('hex')}`;
}

/** @throws WEBHOOK_REFUSED when the signature is missing, wrong or old, or the body is not one of our events */
export function verify(secret: string, rawBody: string, signature: string | undefined, now: number): WebhookEvent {
  const [, time = '', hex = ''] = /^t=(\d{1,15}),v1=([0-9a-f]{64})$/.exec(signature ?? '') ?? [];
  const expected = mac(secret, Number(time), rawBody);
  const given = Buffer.from(hex, 'hex');
  const genuine = given.length === expected.length && timingSafeEqual(given, expected);
  if (!genuine || Math.abs(now - Number(time)) > TOLERANCE_MS) throw paymentErrors('WEBHOOK_REFUSED');
  return parse(rawBody);
}

function parse(rawBody: string): WebhookEvent {
  try {
    const { id, type, intentId } = JSON.parse(rawBody) as Record<string, unknown>;
    if (typeof id === 'string' && typeof type === 'string' && typeof intentId === 'string') return { id, type, intentId };
  } catch {
    throw paymentErrors('WEBHOOK_REFUSED', 'The body is not JSON');
  }
  throw paymentErrors('WEBHOOK_REFUSED', 'The body is not an event');
}

export interface SenderOptions {
  readonly secret: string;
  readonly faults: () => Faults;
  /** Hands a webhook to the receiver; rejects when it was not accepted. */
  readonly deliver: (rawBody: string, signature: string) => Promise<void>;
  readonly onGivenUp: (event: WebhookEvent, error: unknown) => void;
  readonly retryMs?: number;
}

export class WebhookSender {
  readonly #options: SenderOptions;
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #sending = new Set<Promise<void>>();
  #sent = 0;
  #stopped = false;

  constructor(options: SenderOptions) {
    this.#options = options;
  }

  /** Sends the event as often, as late or as never as the switches say. */
  send(event: WebhookEvent): void {
    const { duplicateWebhooks, delayMs, loseEvery } = this.#options.faults();
    this.#sent++;
    if (loseEvery > 0 && this.#sent % loseEvery === 0) return;
    for (let copy = 0; copy <= duplicateWebhooks; copy++) this.after(Math.random() * delayMs, () => this.#post(event, 0));
  }

  /** Does something later unless the provider is stopped before. */
  after(ms: number, work: () => Promise<void>): void {
    if (this.#stopped) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      const sending = work().finally(() => this.#sending.delete(sending));
      this.#sending.add(sending);
    }, ms);
    timer.unref();
    this.#timers.add(timer);
  }

  /** Drops what is waiting, as a dying provider node would, and waits for what is under way. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    await Promise.all(this.#sending);
  }

  async #post(event: WebhookEvent, attempt: number): Promise<void> {
    const { secret, deliver, onGivenUp, retryMs = 500 } = this.#options;
    const rawBody = JSON.stringify(event);
    try {
      await deliver(rawBody, sign(secret, rawBody, Date.now()));
    } catch (error) {
      if (attempt >= RETRIES) onGivenUp(event, error);
      else this.after(retryMs * 2 ** attempt, () => this.#post(event, attempt + 1));
    }
  }
}
