// The rules of one SKU: what is on hand, what is held for orders and until when, what is sold.
// Conservation, checked by the auditor: onHand + sold = received + adjusted + restocked, and reserved = sum of the holds ≤ onHand.
import { type DecideContext, defineActor } from '../../mixins/actor/definition.ts';
import { type StockEvent, type StockLevel, stockErrors } from './stock.contract.ts';

export const MAX_HOLDS = 10_000;
/** Settled orders that a SKU remembers at least, so that a late repetition of a step is recognised. */
export const SETTLED_KEPT = 4_096;
/** So many are forgotten at once: finding the oldest means listing all of them. */
const SETTLED_DROPPED = 512;
/** Nodes' clocks may be apart by so much. */
const CLOCKS_DIFFER_MS = 2_000;
const LOW_STOCK = 5;
const REFERENCES_KEPT = 64;

export type Settlement = 'sold' | 'released' | 'restocked';

/** `holds` and `settled` are changed in place: copying 10,000 holds per reservation would cost more than everything else. */
export interface SkuState {
  readonly sku: string;
  readonly onHand: number;
  readonly reserved: number;
  readonly sold: number;
  readonly received: number;
  /** Units per order and when the hold ends. */
  readonly holds: Record<string, [quantity: number, expiresAt: number]>;
  readonly holdCount: number;
  /** Orders settled lately, oldest first. */
  readonly settled: Record<string, [how: Settlement, quantity: number, at: number]>;
  readonly settledCount: number;
  /** When the youngest order was settled that is forgotten by now; 0 when none is. */
  readonly forgotten: number;
  /** References of deliveries and adjustments taken lately. */
  readonly references: readonly string[];
}

/** What became of an order at this SKU, and with how many units. */
export type Fate = readonly [how: Settlement, quantity: number];

/** A step of an order's saga. */
export interface OrderStep {
  readonly orderId: string;
  /** When the order was placed: it cannot have been settled before. */
  readonly since?: number | undefined;
  /** Read from the SKU's log after FATE_UNKNOWN. */
  readonly fate?: Fate | 'none' | undefined;
}

export interface Reserve extends OrderStep {
  readonly quantity: number;
  readonly expiresAt: number;
}

export interface Adjust {
  readonly change: number;
  readonly reason: string;
  readonly note?: string | undefined;
  readonly reference?: string | undefined;
}

export const available = (state: Pick<SkuState, 'onHand' | 'reserved'>): number => state.onHand - state.reserved;

export function levelOf({ sku, onHand, reserved, sold, received }: SkuState): StockLevel {
  return { sku, onHand, reserved, sold, received, available: onHand - reserved };
}

/** Adds the low-stock event when this step crosses the mark. */
function noticing(state: SkuState, taken: number, events: StockEvent[]): StockEvent[] {
  const before = available(state);
  const after = before - taken;
  if (before > LOW_STOCK && after <= LOW_STOCK) events.push({ type: 'stock.ranLow', data: { sku: state.sku, available: after } });
  return events;
}

/**
 * What became of an order here. Whatever was settled lately is remembered; about an order that is as old as those forgotten, only
 * the log knows. @throws FATE_UNKNOWN
 */
function fateOf(state: SkuState, { orderId, since, fate }: OrderStep): Fate | undefined {
  const settled = state.settled[orderId];
  if (settled) return [settled[0], settled[1]];
  if (fate !== undefined) return fate === 'none' ? undefined : fate;
  const mayBeForgotten = state.forgotten > 0 && since !== undefined && since <= state.forgotten + CLOCKS_DIFFER_MS;
  if (mayBeForgotten && !state.holds[orderId]) throw stockErrors('FATE_UNKNOWN', undefined, { sku: state.sku, orderId });
  return undefined;
}

function released(state: SkuState, orderId: string, final: boolean, now: number): StockEvent[] {
  const hold = state.holds[orderId];
  if (!hold) return [];
  return [{ type: 'stock.released', data: { sku: state.sku, orderId, quantity: hold[0], final, at: now } }];
}

const decide = {
  receive(state: SkuState, { quantity, reference }: { quantity: number; reference: string }): StockEvent[] {
    if (state.references.includes(reference)) return [];
    return [{ type: 'stock.received', data: { sku: state.sku, quantity, reference } }];
  },

  adjust(state: SkuState, { change, reason, note, reference }: Adjust): StockEvent[] {
    if (reference !== undefined && state.references.includes(reference)) return [];
    const common = { sku: state.sku, ...(reference ? { reference } : {}) };
    if (reason === 'received' && change > 0) return [{ type: 'stock.received', data: { ...common, quantity: change } }];
    if (change < 0 && available(state) + change < 0) {
      throw stockErrors('STOCK_NOT_ENOUGH_TO_REMOVE', undefined, { sku: state.sku, available: available(state) });
    }
    return noticing(state, -change, [{ type: 'stock.adjusted', data: { ...common, change, reason, ...(note ? { note } : {}) } }]);
  },

  reserve(state: SkuState, input: Reserve, { now }: DecideContext): StockEvent[] {
    const { orderId, quantity, expiresAt } = input;
    const { sku } = state;
    const hold = state.holds[orderId];
    if (hold && hold[1] > now) {
      if (hold[0] !== quantity) throw stockErrors('RESERVATION_CLOSED', 'This order holds another quantity', { sku, orderId });
      return [];
    }
    const fate = fateOf(state, input);
    if (fate) throw stockErrors('RESERVATION_CLOSED', undefined, { sku, orderId, was: fate[0] });
    // An own hold that has run out counts as free again: it is replaced in the same step.
    const own = hold ? hold[0] : 0;
    if (available(state) + own < quantity) {
      throw stockErrors('OUT_OF_STOCK', undefined, { sku, requested: quantity, available: Math.max(0, available(state) + own) });
    }
    if (state.holdCount >= MAX_HOLDS) throw stockErrors('TOO_MANY_HOLDS', undefined, { sku, retryAfter: 5 });
    const expired: StockEvent[] = hold ? [{ type: 'stock.expired', data: { sku, orderId, quantity: own } }] : [];
    return noticing(state, quantity - own, [...expired, { type: 'stock.reserved', data: { sku, orderId, quantity, expiresAt } }]);
  },

  /** A hold that has run out but was not swept yet still belongs to its order: nobody else has got it. */
  commit(state: SkuState, input: OrderStep, { now }: DecideContext): StockEvent[] {
    if (fateOf(state, input)?.[0] === 'sold') return [];
    const { orderId } = input;
    const hold = state.holds[orderId];
    if (!hold) throw stockErrors('RESERVATION_GONE', undefined, { sku: state.sku, orderId });
    return [{ type: 'stock.committed', data: { sku: state.sku, orderId, quantity: hold[0], at: now } }];
  },

  release(state: SkuState, { orderId }: { orderId: string }, { now }: DecideContext): StockEvent[] {
    return released(state, orderId, false, now);
  },

  /** For an order that did not come about: gives back its hold, or its sale when it had got that far, and closes the SKU for it. */
  undo(state: SkuState, input: OrderStep, { now }: DecideContext): StockEvent[] {
    const { sku } = state;
    const { orderId } = input;
    const [how, quantity = 0] = fateOf(state, input) ?? [];
    if (how === 'sold') return [{ type: 'stock.restocked', data: { sku, orderId, quantity, at: now } }];
    return released(state, orderId, true, now);
  },

  restock(state: SkuState, input: OrderStep & { readonly quantity: number }, { now }: DecideContext): StockEvent[] {
    if (fateOf(state, input)?.[0] === 'restocked') return [];
    const { orderId, quantity } = input;
    return [{ type: 'stock.restocked', data: { sku: state.sku, orderId, quantity, at: now } }];
  },

  /** Gives back every hold that has run out, at most 500 in one step. */
  expire(state: SkuState, _input: Record<string, never>, { now }: DecideContext): StockEvent[] {
    const events: StockEvent[] = [];
    for (const [orderId, [quantity, expiresAt]] of Object.entries(state.holds)) {
      if (expiresAt <= now) events.push({ type: 'stock.expired', data: { sku: state.sku, orderId, quantity } });
      if (events.length === 500) break;
    }
    return events;
  },
};

function dropHold(state: SkuState, orderId: string): Pick<SkuState, 'reserved' | 'holdCount'> {
  const hold = state.holds[orderId];
  if (!hold) return state;
  delete state.holds[orderId];
  return { reserved: state.reserved - hold[0], holdCount: state.holdCount - 1 };
}

type Settled = Pick<SkuState, 'settledCount' | 'forgotten'>;

function settle(state: SkuState, data: { orderId: string; quantity: number; at: number }, how: Settlement): Settled {
  const known = data.orderId in state.settled;
  state.settled[data.orderId] = [how, data.quantity, data.at];
  const { settledCount, forgotten } = state;
  if (known) return { settledCount, forgotten };
  if (settledCount < SETTLED_KEPT + SETTLED_DROPPED) return { settledCount: settledCount + 1, forgotten };
  const oldest = Object.entries(state.settled).slice(0, SETTLED_DROPPED);
  for (const [orderId] of oldest) delete state.settled[orderId];
  const youngest = Math.max(forgotten, ...oldest.map(([, [, , at]]) => at));
  return { settledCount: settledCount + 1 - oldest.length, forgotten: youngest };
}

const remember = (references: readonly string[], reference: string | undefined): readonly string[] =>
  reference === undefined ? references : [...references, reference].slice(-REFERENCES_KEPT);

function evolve(state: SkuState, event: StockEvent): SkuState {
  switch (event.type) {
    case 'stock.received': {
      const { quantity, reference } = event.data;
      const references = remember(state.references, reference);
      return { ...state, onHand: state.onHand + quantity, received: state.received + quantity, references };
    }
    case 'stock.adjusted':
      return { ...state, onHand: state.onHand + event.data.change, references: remember(state.references, event.data.reference) };
    case 'stock.reserved': {
      const { orderId, quantity, expiresAt } = event.data;
      state.holds[orderId] = [quantity, expiresAt];
      return { ...state, reserved: state.reserved + quantity, holdCount: state.holdCount + 1 };
    }
    case 'stock.committed': {
      const { orderId, quantity } = event.data;
      const settled = settle(state, event.data, 'sold');
      return {
        ...state,
        ...figures(dropHold(state, orderId)),
        onHand: state.onHand - quantity,
        sold: state.sold + quantity,
        ...settled,
      };
    }
    case 'stock.released': {
      const settled = event.data.final ? settle(state, event.data, 'released') : {};
      return { ...state, ...figures(dropHold(state, event.data.orderId)), ...settled };
    }
    case 'stock.expired':
      return { ...state, ...figures(dropHold(state, event.data.orderId)) };
    case 'stock.restocked': {
      const { quantity } = event.data;
      const settled = settle(state, event.data, 'restocked');
      return { ...state, onHand: state.onHand + quantity, sold: state.sold - quantity, ...settled };
    }
    case 'stock.ranLow':
      return state;
    default:
      return event satisfies never;
  }
}

const figures = ({ reserved, holdCount }: Pick<SkuState, 'reserved' | 'holdCount'>) => ({ reserved, holdCount });

export const skuActor = defineActor({
  stream: 'STOCK',
  initial: (sku): SkuState => ({
    sku,
    onHand: 0,
    reserved: 0,
    sold: 0,
    received: 0,
    holds: {},
    holdCount: 0,
    settled: {},
    settledCount: 0,
    forgotten: 0,
    references: [],
  }),
  decide,
  evolve,
  snapshotEvery: 64,
  summary: levelOf,
});
