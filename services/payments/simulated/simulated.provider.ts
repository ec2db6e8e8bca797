// The simulated payment provider: no network, but an outside system all the same, with its own books, its own idea of time and
// webhooks. Two processes of it agree through compare-and-set on the books.
import { failure } from '../../../mixins/errors.ts';
import { Faults } from '../payments.schema.contract.ts';
import type { AuthoriseRequest, Effect, Intent, PaymentProvider, RefundRequest, Timing } from '../provider.ts';
import type { Books, Entry } from './books.ts';
import {
  answer,
  capture,
  intentIdOf,
  nextDue,
  open,
  refund,
  type SimulatedIntent,
  type Step,
  settle,
  voidIntent,
} from './intent.ts';
import { methodOf } from './tokens.ts';
import { verify, type WebhookEvent, WebhookSender } from './webhooks.ts';

const MAX_CONFLICTS = 20;

export interface SimulatedOptions {
  readonly books: Books;
  /** Shared by every process that receives these webhooks. */
  readonly secret: string;
  readonly deliver: (rawBody: string, signature: string) => Promise<void>;
  readonly onError: (what: string, error: unknown) => void;
  /** Milliseconds until a late authorisation is decided. */
  readonly lateMs?: number;
  /** Milliseconds until slow refunds settle and failing ones come back. */
  readonly refundMs?: number;
}

export class SimulatedProvider implements PaymentProvider {
  readonly name = 'simulated';
  readonly #books: Books;
  readonly #secret: string;
  readonly #sender: WebhookSender;
  readonly #onError: (what: string, error: unknown) => void;
  readonly #lateMs: number;
  readonly #refundMs: number;
  #faults: Faults = Faults.parse({});

  constructor(options: SimulatedOptions) {
    const { books, secret, deliver, onError, lateMs = 2_000, refundMs = 2_000 } = options;
    this.#books = books;
    this.#secret = secret;
    this.#onError = onError;
    this.#lateMs = lateMs;
    this.#refundMs = refundMs;
    this.#sender = new WebhookSender({
      secret,
      deliver,
      faults: () => this.#faults,
      onGivenUp: (event, error) => onError(`webhook ${event.id} was never accepted`, error),
    });
  }

  get faults(): Faults {
    return this.#faults;
  }

  set faults(faults: Faults) {
    this.#faults = faults;
  }

  async authorise(request: AuthoriseRequest, timing: Timing = {}): Promise<Effect> {
    const { at = Date.now() } = timing;
    const decline = this.#unlucky(request.orderId);
    const { intent, effect } = open(request, methodOf(request.methodToken), { now: at, lateMs: this.#lateMs, decline });
    const entry = await this.#books.write(undefined, intent, effect, at);
    if (!entry) return { intent: publicPart(await this.#current(intent.id)) };
    this.#tell(entry, effect.type, false);
    return { intent: publicPart(entry) };
  }

  capture(intentId: string, timing?: Timing): Promise<Effect> {
    return this.#act(intentId, capture, timing);
  }

  void(intentId: string, timing?: Timing): Promise<Effect> {
    return this.#act(intentId, voidIntent, timing);
  }

  refund(request: RefundRequest, timing?: Timing): Promise<Effect> {
    return this.#act(request.intentId, (intent, now) => refund(intent, request, now, this.#refundMs), timing);
  }

  /** The cardholder answers the bank's question; we learn of it by webhook or by asking. */
  answer(intentId: string, outcome: 'succeed' | 'fail'): Promise<Effect> {
    return this.#act(intentId, (intent) => answer(intent, outcome), {}, true);
  }

  async retrieve(intentId: string): Promise<Intent> {
    return publicPart(await this.#current(intentId));
  }

  async find(orderId: string, attempt: number): Promise<Intent | undefined> {
    const entry = await this.#books.load(intentIdOf(orderId, attempt));
    return entry && publicPart(await this.#settled(entry));
  }

  verify(rawBody: string, signature: string | undefined): { readonly eventId: string; readonly intentId: string } {
    const { id, intentId } = verify(this.#secret, rawBody, signature, Date.now());
    return { eventId: id, intentId };
  }

  /** Ends its timers and waits for webhooks under way; what was due is done by whoever asks next. */
  async stop(): Promise<void> {
    await this.#sender.stop();
    this.#books.close();
  }

  /** Tries a step on the current record until it is written, was written before, or is refused by an up-to-date record. */
  async #act(
    intentId: string,
    step: (intent: SimulatedIntent, now: number) => Step,
    timing: Timing = {},
    tell = false,
  ): Promise<Effect> {
    const { at = Date.now() } = timing;
    let entry = this.#books.recent(intentId);
    for (let conflicts = 0; conflicts < MAX_CONFLICTS; conflicts++) {
      const fresh = entry === undefined;
      const settled = await this.#settled(entry ?? (await this.#load(intentId)));
      const { intent, effect, refused } = step(settled.intent, at);
      if (!effect && fresh) return { intent: publicPart(settled), ...(refused ? { refused } : {}) };
      const written = effect && (await this.#books.write(settled, intent, effect, at));
      if (written) {
        this.#tell(written, effect.type, tell);
        return { intent: publicPart(written) };
      }
      entry = undefined;
    }
    throw failure('CONTENTION', undefined, { retryAfter: 1 });
  }

  async #load(intentId: string): Promise<Entry> {
    const entry = await this.#books.load(intentId);
    if (!entry) throw failure('NOT_FOUND', 'The provider has no such intent', { intentId });
    return entry;
  }

  async #current(intentId: string): Promise<Entry> {
    return this.#settled(await this.#load(intentId));
  }

  /** Time passes for the provider whether or not one of its processes was up: what is due is done before anything else. */
  async #settled(entry: Entry): Promise<Entry> {
    const now = Date.now();
    let current = entry;
    for (let due = settle(current.intent, now); due; due = settle(current.intent, now)) {
      const written = await this.#books.write(current, due.intent, due.effect, now);
      if (written) this.#tell(written, due.effect.type, true);
      current = written ?? (await this.#load(entry.intent.id));
    }
    return current;
  }

  /** Sends a webhook for what nobody was told yet, and wakes up for what becomes due. */
  #tell(entry: Entry, type: string, news: boolean): void {
    const { intent, v } = entry;
    const event: WebhookEvent = { id: `evt_${intent.id}_${v}`, type, intentId: intent.id };
    if (news || this.#faults.echo) this.#sender.send(event);
    const due = nextDue(intent);
    if (due !== undefined) this.#sender.after(Math.max(0, due - Date.now()) + 5, () => this.#wake(intent.id));
  }

  async #wake(intentId: string): Promise<void> {
    try {
      await this.#current(intentId);
    } catch (error) {
      this.#onError(`intent ${intentId} could not be settled`, error);
    }
  }

  /** The same orders are always declined, so that a repeated run can be compared. */
  #unlucky(orderId: string): boolean {
    const { declinePercent } = this.#faults;
    if (declinePercent === 0) return false;
    let hash = 0;
    for (let i = 0; i < orderId.length; i++) hash = (Math.imul(hash, 31) + orderId.charCodeAt(i)) >>> 0;
    return (hash % 10_000) / 100 < declinePercent;
  }
}

function publicPart({ intent }: Entry): Intent {
  const { behaviour: _hidden, createdAt: _when, dueAt: _due, refundsDue: _refundsDue, ...shown } = intent;
  return shown;
}
