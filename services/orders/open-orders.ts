// This node's list of orders that are not settled and when their time is up, kept from the log: what the sweeper looks at.
import type { LogMessage } from '../../mixins/log/message.ts';
import { isOpen, type OrderState } from './order.ts';

/** An order that stands still this long without waiting for its customer is driven again. */
const STUCK_MS = 20_000;

export class OpenOrders {
  readonly #due = new Map<string, number>();

  apply(message: LogMessage): void {
    const state = message.body.state as OrderState;
    if (!isOpen(state)) this.#due.delete(state.id);
    else this.#due.set(state.id, state.status === 'awaiting_payment' ? state.expiresAt : Date.now() + STUCK_MS);
  }

  /** Orders to look at now. Each comes again later as long as it stays open. */
  dueAt(now: number): string[] {
    const due = [...this.#due].filter(([, at]) => at <= now).map(([id]) => id);
    for (const id of due) this.#due.set(id, now + STUCK_MS);
    return due;
  }
}
