// The rules of one cart. A checkout freezes it and mints the order id: a frozen cart has exactly one order.
// When that order ends, the cart is emptied (bought) or open again (anything else); its next checkout is another order.
import { type DecideContext, defineActor } from '../../mixins/actor/definition.ts';
import type { CartLine, Contact, Delivery, Owner, Totals } from './cart.contract.ts';
import { type CartEvent, cartErrors } from './carts.contract.ts';
import { totalsOf } from './pricing.ts';

const MAX_LINES = 200;
const MAX_UNITS = 1_000_000;
const CONTACTS_KEPT = 50;
const OPERATIONS_KEPT = 20;

export interface CartState {
  readonly id: string;
  readonly owner: Owner | undefined;
  readonly status: 'open' | 'frozen';
  readonly lines: readonly CartLine[];
  /** The order of the running or last checkout. */
  readonly orderId: string | undefined;
  readonly lastOrderId: string | undefined;
  /** Personal data by order, kept here only: this stream can be purged. */
  readonly contacts: Readonly<Record<string, Contact>>;
  readonly checkout: CheckoutData | undefined;
  /** The account's cart that took over this guest's things. */
  readonly adoptedBy: string | undefined;
  /** The request that checked out last, and its order: repeated, it gets that order. */
  readonly lastCheckout?: { readonly operation: string; readonly orderId: string };
  /** Requests lately handled that would add again if they were repeated. */
  readonly operations?: readonly string[];
}

/** What an order is placed with, besides the cart's lines. */
export type CheckoutData = Extract<CartEvent, { type: 'cart.checkedOut' }>['data'];

export interface Add {
  readonly line: CartLine;
  readonly owner: Owner;
  /** Identity of the request; repeated, it adds nothing. */
  readonly operation?: string | undefined;
}

export interface Checkout {
  readonly contact: Contact;
  readonly delivery: Delivery;
  readonly paymentMethod: string;
  readonly orderId?: string | undefined;
  /** Identity of the request; repeated, it gets the same order. */
  readonly operation?: string | undefined;
  /** Version of the cart whose prices and total were checked; what was added since is not ordered unseen. */
  readonly checked?: number | undefined;
  /** Import only: totals as they were. */
  readonly totals?: Totals | undefined;
}

function mustBeOpen(state: CartState): void {
  if (state.status === 'frozen') throw cartErrors('CART_FROZEN', undefined, { orderId: state.orderId });
}

const opening = (state: CartState, owner: Owner): CartEvent[] => (state.owner ? [] : [{ type: 'cart.opened', data: { owner } }]);

const decide = {
  add(state: CartState, { line, owner, operation }: Add): CartEvent[] {
    if (operation !== undefined && state.operations?.includes(operation)) return [];
    mustBeOpen(state);
    const existing = state.lines.find(({ key }) => key === line.key);
    if (!existing && state.lines.length >= MAX_LINES) throw cartErrors('CART_FULL', undefined, { limit: MAX_LINES });
    if ((existing?.quantity ?? 0) + line.quantity > MAX_UNITS) throw cartErrors('CART_FULL', undefined, { limit: MAX_UNITS });
    return [...opening(state, owner), { type: 'cart.lineAdded', data: { line, ...(operation ? { operation } : {}) } }];
  },

  change(state: CartState, { sku, quantity }: { sku: string; quantity: number }): CartEvent[] {
    mustBeOpen(state);
    const line = state.lines.find((one) => one.sku === sku);
    if (!line && quantity === 0) return [];
    if (!line) throw cartErrors('NOT_IN_CART', undefined, { sku });
    if (line.quantity === quantity) return [];
    const { key } = line;
    return quantity === 0
      ? [{ type: 'cart.lineRemoved', data: { key } }]
      : [{ type: 'cart.lineChanged', data: { key, quantity } }];
  },

  remove(state: CartState, { sku }: { sku?: string | undefined }): CartEvent[] {
    mustBeOpen(state);
    const lines = sku === undefined ? state.lines : state.lines.filter((line) => line.sku === sku);
    return lines.map(({ key }) => ({ type: 'cart.lineRemoved', data: { key } }));
  },

  /** Accepts what things cost now; `prices` by line key. */
  reprice(state: CartState, { prices }: { prices: Record<string, number> }): CartEvent[] {
    mustBeOpen(state);
    const changed = state.lines.filter(({ key, unitPrice }) => prices[key] !== undefined && prices[key] !== unitPrice);
    if (changed.length === 0) return [];
    return [
      { type: 'cart.repriced', data: { prices: Object.fromEntries(changed.map(({ key }) => [key, prices[key] as number])) } },
    ];
  },

  /** Import: all lines at once; a cart that has any was filled before. */
  fill(state: CartState, { lines, owner }: { lines: readonly CartLine[]; owner: Owner }): CartEvent[] {
    if (state.owner) return [];
    return [...opening(state, owner), ...lines.map((line): CartEvent => ({ type: 'cart.lineAdded', data: { line } }))];
  },

  /** Takes over a guest's lines; repeated for the same guest cart it takes nothing. */
  merge(state: CartState, { from, lines, owner }: { from: string; lines: readonly CartLine[]; owner: Owner }): CartEvent[] {
    mustBeOpen(state);
    const room = MAX_LINES - state.lines.length;
    const known = new Set(state.lines.map(({ key }) => key));
    const kept = lines.filter(({ key }) => known.has(key)).concat(lines.filter(({ key }) => !known.has(key)).slice(0, room));
    return kept.length === 0 ? [] : [...opening(state, owner), { type: 'cart.merged', data: { from, lines: kept } }];
  },

  handOver(state: CartState, { into }: { into: string }): CartEvent[] {
    if (state.lines.length === 0) return [];
    mustBeOpen(state);
    return [{ type: 'cart.adopted', data: { into } }];
  },

  checkout(state: CartState, input: Checkout, { now, newId, version }: DecideContext): CartEvent[] {
    if (state.status === 'frozen' || (input.orderId !== undefined && input.orderId === state.lastOrderId)) return [];
    const { owner, lines } = state;
    if (lines.length === 0 || !owner) {
      if (state.lastOrderId) throw cartErrors('CART_ALREADY_ORDERED', undefined, { orderId: state.lastOrderId });
      throw cartErrors('CART_EMPTY');
    }
    if (input.checked !== undefined && input.checked !== version) throw cartErrors('CART_CHANGED', undefined, { version });
    const { contact, delivery, paymentMethod, operation } = input;
    const orderId = input.orderId ?? newId('ord');
    const totals = input.totals ?? totalsOf(lines, delivery);
    const { country } = contact.address;
    const same = { orderId, owner, totals, delivery, country, paymentMethod, contact, at: now };
    return [{ type: 'cart.checkedOut', data: { ...same, ...(operation ? { operation } : {}) } }];
  },

  settle(state: CartState, { orderId, outcome }: { orderId: string; outcome: 'bought' | 'reopened' }): CartEvent[] {
    if (state.status !== 'frozen' || state.orderId !== orderId) return [];
    return [{ type: outcome === 'bought' ? 'cart.ordered' : 'cart.reopened', data: { orderId } }];
  },
};

function withAdded(lines: readonly CartLine[], added: CartLine): CartLine[] {
  const at = lines.findIndex(({ key }) => key === added.key);
  const existing = lines[at];
  if (!existing) return [...lines, added];
  // The newest price is what the customer has just seen.
  return lines.with(at, { ...added, quantity: existing.quantity + added.quantity });
}

function keepContact(contacts: CartState['contacts'], orderId: string, contact: Contact): CartState['contacts'] {
  return Object.fromEntries([...Object.entries(contacts), [orderId, contact] as const].slice(-CONTACTS_KEPT));
}

function remembered({ operations = [] }: CartState, operation: string | undefined): Pick<CartState, 'operations'> {
  return operation === undefined ? {} : { operations: [...operations, operation].slice(-OPERATIONS_KEPT) };
}

function evolve(state: CartState, event: CartEvent): CartState {
  switch (event.type) {
    case 'cart.opened':
      return { ...state, owner: event.data.owner };
    case 'cart.lineAdded': {
      const { line, operation } = event.data;
      return { ...state, lines: withAdded(state.lines, line), ...remembered(state, operation) };
    }
    case 'cart.lineChanged': {
      const { key, quantity } = event.data;
      return { ...state, lines: state.lines.map((line) => (line.key === key ? { ...line, quantity } : line)) };
    }
    case 'cart.lineRemoved':
      return { ...state, lines: state.lines.filter(({ key }) => key !== event.data.key) };
    case 'cart.repriced': {
      const { prices } = event.data;
      return { ...state, lines: state.lines.map((line) => ({ ...line, unitPrice: prices[line.key] ?? line.unitPrice })) };
    }
    case 'cart.merged':
      return { ...state, lines: event.data.lines.reduce(withAdded, [...state.lines]) };
    case 'cart.adopted':
      return { ...state, lines: [], adoptedBy: event.data.into };
    case 'cart.checkedOut': {
      const { orderId, contact, operation } = event.data;
      const contacts = keepContact(state.contacts, orderId, contact);
      const lastCheckout = operation ? { lastCheckout: { operation, orderId } } : {};
      return { ...state, status: 'frozen', orderId, checkout: event.data, contacts, ...lastCheckout };
    }
    case 'cart.ordered':
      return { ...state, status: 'open', lines: [], orderId: undefined, checkout: undefined, lastOrderId: event.data.orderId };
    case 'cart.reopened':
      return { ...state, status: 'open', orderId: undefined, checkout: undefined };
    default:
      return event satisfies never;
  }
}

export const cartActor = defineActor({
  stream: 'CARTS',
  initial: (id): CartState => ({
    id,
    owner: undefined,
    status: 'open',
    lines: [],
    orderId: undefined,
    lastOrderId: undefined,
    contacts: {},
    checkout: undefined,
    adoptedBy: undefined,
  }),
  decide,
  evolve,
});

/** The cart of a visitor: one actor per guest or account. */
export const cartIdOf = (owner: Pick<Owner, 'id'>): string => `crt_${owner.id}`;
