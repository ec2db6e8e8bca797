// This node's copy of every SKU's figures, kept from the log: for checks and lists, never for deciding on a sale.
// It also knows which SKUs have holds that will run out, so that the sweeper asks only those.
import type { LogMessage } from '../../mixins/log/message.ts';
import type { StockEvent, StockLevel } from './stock.contract.ts';

interface Hold {
  readonly sku: string;
  readonly expiresAt: number;
}

const UNKNOWN = '?';

export class Levels {
  readonly #levels = new Map<string, StockLevel>();
  /** Open holds by `sku/order`, in the order in which they were made. */
  readonly #holds = new Map<string, Hold>();

  apply(message: LogMessage): void {
    const level = message.body.summary as StockLevel;
    for (const event of message.body.events) this.#note(event as unknown as StockEvent);
    const known = this.#levels.has(message.id);
    this.#levels.set(message.id, level);
    // The first message seen of a SKU stands for earlier ones, whose holds it does not name: the sweeper asks the actor.
    if (!known && level.reserved > 0) this.#hold(message.id, UNKNOWN, 0);
  }

  /** Takes over what the SKU's actor says of its holds. */
  learn(sku: string, holds: Readonly<Record<string, readonly [number, number]>>): void {
    this.#holds.delete(`${sku}/${UNKNOWN}`);
    for (const [orderId, [, expiresAt]] of Object.entries(holds)) this.#hold(sku, orderId, expiresAt);
  }

  get(sku: string): StockLevel {
    return this.#levels.get(sku) ?? { sku, onHand: 0, reserved: 0, sold: 0, received: 0, available: 0 };
  }

  /** SKUs with at least one hold that had run out at `now`. */
  expiredBy(now: number): Set<string> {
    const skus = new Set<string>();
    for (const { sku, expiresAt } of this.#holds.values()) if (expiresAt <= now) skus.add(sku);
    return skus;
  }

  #hold(sku: string, orderId: string, expiresAt: number): void {
    this.#holds.set(`${sku}/${orderId}`, { sku, expiresAt });
  }

  #note({ type, data }: StockEvent): void {
    if (type === 'stock.reserved') this.#hold(data.sku, data.orderId, data.expiresAt);
    if (type === 'stock.committed' || type === 'stock.released' || type === 'stock.expired')
      this.#holds.delete(`${data.sku}/${data.orderId}`);
  }
}
