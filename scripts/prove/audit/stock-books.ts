// Stock counted again from the events alone, without the domain's own arithmetic: what came in, is held, went out and came back.
import type { StockEvent, StockLevel } from '../../../services/stock/stock.contract.ts';
import { eventsOf, type Histories, type Violation } from './evidence.ts';

/** What one order did to one SKU. */
export interface Units {
  held: number;
  committed: number;
  /** How often it was committed. */
  commits: number;
  restocked: number;
}

export interface StockBooks {
  /** By order, then SKU. */
  readonly byOrder: ReadonlyMap<string, ReadonlyMap<string, Units>>;
  readonly levels: ReadonlyMap<string, StockLevel>;
  readonly violations: readonly Violation[];
}

class Sku {
  readonly violations: Violation[] = [];
  readonly orders = new Map<string, Units>();
  readonly #sku: string;
  #received = 0;
  #adjusted = 0;
  #reserved = 0;
  #committed = 0;
  #restocked = 0;

  constructor(sku: string) {
    this.#sku = sku;
  }

  get level(): StockLevel {
    const onHand = this.#received + this.#adjusted + this.#restocked - this.#committed;
    const sold = this.#committed - this.#restocked;
    return {
      sku: this.#sku,
      onHand,
      reserved: this.#reserved,
      sold,
      received: this.#received,
      available: onHand - this.#reserved,
    };
  }

  apply({ type, data }: StockEvent): void {
    if (type === 'stock.received') this.#received += data.quantity;
    else if (type === 'stock.adjusted') this.#adjusted += data.change;
    else if (type === 'stock.reserved') this.#hold(data.orderId, data.quantity);
    else if (type === 'stock.committed') this.#commit(data.orderId, data.quantity);
    else if (type === 'stock.released' || type === 'stock.expired') this.#giveBack(data.orderId, data.quantity, type);
    else if (type === 'stock.restocked') this.#restock(data.orderId, data.quantity);
    this.#check();
  }

  #of(orderId: string): Units {
    const known = this.orders.get(orderId);
    if (known) return known;
    const units: Units = { held: 0, committed: 0, commits: 0, restocked: 0 };
    this.orders.set(orderId, units);
    return units;
  }

  #hold(orderId: string, quantity: number): void {
    const units = this.#of(orderId);
    if (units.held > 0) this.#report('holds', `${orderId} holds ${units.held} and got ${quantity} more`);
    units.held += quantity;
    this.#reserved += quantity;
  }

  #commit(orderId: string, quantity: number): void {
    const units = this.#of(orderId);
    this.#giveBack(orderId, quantity, 'stock.committed');
    units.committed += quantity;
    units.commits++;
    this.#committed += quantity;
  }

  #giveBack(orderId: string, quantity: number, why: string): void {
    const units = this.#of(orderId);
    if (units.held !== quantity) this.#report('holds', `${why} of ${quantity} for ${orderId}, which holds ${units.held}`);
    units.held -= quantity;
    this.#reserved -= quantity;
  }

  #restock(orderId: string, quantity: number): void {
    const units = this.#of(orderId);
    units.restocked += quantity;
    this.#restocked += quantity;
    if (units.restocked > units.committed)
      this.#report('stock conservation', `${orderId} gave back ${units.restocked} of ${units.committed} bought`);
  }

  /** Said once per SKU: one wrong step makes all later ones wrong. */
  #check(): void {
    if (this.violations.some(({ rule }) => rule === 'never oversold')) return;
    const { onHand, reserved, sold, available } = this.level;
    if (onHand < 0 || reserved < 0 || available < 0 || sold > this.#received + this.#adjusted)
      this.#report('never oversold', `on hand ${onHand}, reserved ${reserved}, sold ${sold} of ${this.#received} received`);
  }

  #report(rule: string, detail: string): void {
    this.violations.push({ rule, about: this.#sku, detail });
  }
}

export function stockBooks(histories: Histories): StockBooks {
  const byOrder = new Map<string, Map<string, Units>>();
  const levels = new Map<string, StockLevel>();
  const violations: Violation[] = [];
  for (const [id, steps] of histories) {
    const sku = new Sku(id);
    for (const event of eventsOf<StockEvent>(steps)) sku.apply(event);
    violations.push(...sku.violations, ...differences(sku.level, steps.at(-1)?.body.summary as StockLevel | undefined));
    levels.set(id, sku.level);
    for (const [orderId, units] of sku.orders) {
      const skus = byOrder.get(orderId) ?? new Map<string, Units>();
      byOrder.set(orderId, skus.set(id, units));
    }
  }
  return { byOrder, levels, violations };
}

/** Conservation as the SKU itself writes it down. */
function differences(counted: StockLevel, written: StockLevel | undefined): Violation[] {
  const fields = ['onHand', 'reserved', 'sold', 'received', 'available'] as const;
  return fields
    .filter((field) => counted[field] !== written?.[field])
    .map((field) => ({
      rule: 'stock conservation',
      about: counted.sku,
      detail: `${field} is ${written?.[field]}, counted from the events ${counted[field]}`,
    }));
}
