// Webhooks get lost. The sweep asks the provider about payments that have waited long enough, so that none stays undecided and
// no closed one keeps money. Any node may run it: recording the same answer twice changes nothing.
import { LRUCache } from 'lru-cache';
import type { Where } from '../../mixins/view/definition.ts';
import type { View } from '../../mixins/view/view.ts';
import type { PaymentDesk } from './payments.desk.ts';
import type { PaymentDoc } from './payments.view.ts';

/** Webhooks usually come faster than this. */
const GRACE_MS = 15_000;
/** How often somebody who does not answer is asked about again. */
const AGAIN_MS = 60_000;
/** Until when a settled payment is worth a second look. */
const RECENT_MS = 3_600_000;
const PAGE = 200;

export interface Swept {
  readonly looked: number;
  readonly changed: number;
}

export class Sweep {
  readonly #view: View<PaymentDoc>;
  readonly #desk: PaymentDesk;
  readonly #onError: (orderId: string, error: unknown) => void;
  readonly #seen = new LRUCache<string, { readonly version: number; readonly at: number }>({ max: 20_000 });

  constructor(view: View<PaymentDoc>, desk: PaymentDesk, onError: (orderId: string, error: unknown) => void) {
    this.#view = view;
    this.#desk = desk;
    this.#onError = onError;
  }

  /** Looks at what is due; with `olderThanMs` at everything that has not changed for so long, also when it was looked at before. */
  async run(now: number, olderThanMs?: number): Promise<Swept> {
    let looked = 0;
    let changed = 0;
    for await (const doc of this.#waiting(now - (olderThanMs ?? GRACE_MS), now)) {
      if (olderThanMs === undefined && !this.#due(doc, now)) continue;
      looked++;
      if (await this.#look(doc, now)) changed++;
    }
    return { looked, changed };
  }

  /** One query per kind, so that the view's index finds the few among many. */
  async *#waiting(until: number, now: number): AsyncGenerator<PaymentDoc> {
    yield* this.#all({ watch: 'open', updatedAt: { $lte: until } });
    yield* this.#all({ watch: 'recent', updatedAt: { $lte: until, $gte: now - RECENT_MS } });
  }

  async *#all(where: Where): AsyncGenerator<PaymentDoc> {
    for (let after: string | undefined; ; ) {
      const page = await this.#view.find({ where, limit: PAGE, ...(after === undefined ? {} : { after }) });
      yield* page.items;
      if (page.next === undefined) return;
      after = page.next;
    }
  }

  #due({ id, version, watch }: PaymentDoc, now: number): boolean {
    const seen = this.#seen.get(id);
    return seen?.version !== version || (watch === 'open' && now - seen.at >= AGAIN_MS);
  }

  async #look({ id, orderId, version }: PaymentDoc, now: number): Promise<boolean> {
    try {
      const payment = await this.#desk.refresh(orderId, { meta: {} });
      this.#seen.set(id, { version: payment.version, at: now });
      return payment.version !== version;
    } catch (error) {
      this.#onError(orderId, error);
      return false;
    }
  }
}
