// An order that stalls while a SKU sells more than it remembers: the SKU says so instead of guessing.
import { replay } from '../../mixins/actor/definition.ts';
import { after } from './recall.ts';
import { type Fate, SETTLED_KEPT, skuActor } from './sku.ts';
import type { StockEvent } from './stock.contract.ts';

const context = { now: 9_000_000, by: 'system', version: 1, newId: (prefix: string) => prefix };
const sku = 'MUG';
const sale = (orderId: string, at: number): StockEvent[] => [
  { type: 'stock.reserved', data: { sku, orderId, quantity: 1, expiresAt: at + 900_000 } },
  { type: 'stock.committed', data: { sku, orderId, quantity: 1, at } },
];

/** The SKU after an order was sold at time 1,000 and twice as many others as it remembers after that. */
function busySku() {
  const others = Array.from({ length: 2 * SETTLED_KEPT }, (_, i) => sale(`ord_other${i}`, 2_000 + i)).flat();
  return replay(skuActor, sku, [
    { type: 'stock.received', data: { sku, quantity: 100_000 } } satisfies StockEvent,
    ...sale('ord_stalled', 1_000),
    ...others,
  ]);
}

const stalled = { orderId: 'ord_stalled', since: 500 };
const { decide } = skuActor;

describe('an order that the SKU may have forgotten', () => {
  it('is refused with FATE_UNKNOWN at every step instead of being guessed', () => {
    const state = busySku();
    const unknown = expect.objectContaining({ type: 'FATE_UNKNOWN' });
    expect(() => decide.reserve(state, { ...stalled, quantity: 1, expiresAt: 9_900_000 }, context)).toThrow(unknown);
    expect(() => decide.commit(state, stalled, context)).toThrow(unknown);
    expect(() => decide.undo(state, stalled, context)).toThrow(unknown);
    expect(() => decide.restock(state, { ...stalled, quantity: 1 }, context)).toThrow(unknown);
  });

  it('given its fate from the log, is treated as if it were remembered', () => {
    const state = busySku();
    const sold = { ...stalled, fate: ['sold', 1] as Fate };
    expect(() => decide.reserve(state, { ...sold, quantity: 1, expiresAt: 9_900_000 }, context)).toThrow(
      expect.objectContaining({ type: 'RESERVATION_CLOSED' }),
    );
    expect(decide.commit(state, sold, context)).toEqual([]);
    expect(decide.undo(state, sold, context)).toMatchObject([{ type: 'stock.restocked', data: { quantity: 1 } }]);
    expect(decide.restock(state, { ...stalled, quantity: 1, fate: ['restocked', 1] }, context)).toEqual([]);
  });

  it('given that the log knows nothing of it, may hold units', () => {
    const step = { ...stalled, fate: 'none' as const, quantity: 1, expiresAt: 9_900_000 };
    expect(decide.reserve(busySku(), step, context)).toMatchObject([{ type: 'stock.reserved' }]);
  });

  it('is no question for an order that was placed after everything that is forgotten', () => {
    const fresh = { orderId: 'ord_new', since: 8_000_000, quantity: 1, expiresAt: 9_900_000 };
    expect(decide.reserve(busySku(), fresh, context)).toMatchObject([{ type: 'stock.reserved' }]);
  });
});

describe('the fate of an order in the log', () => {
  const told = (...events: StockEvent[]) => events.reduce((fate, event) => after(fate, event, 'ord_a'), 'none' as Fate | 'none');

  it('is what happened last', () => {
    const back: StockEvent = { type: 'stock.restocked', data: { sku, orderId: 'ord_a', quantity: 1, at: 2 } };
    expect(told(...sale('ord_a', 1))).toEqual(['sold', 1]);
    expect(told(...sale('ord_a', 1), back)).toEqual(['restocked', 1]);
  });

  it('is nothing for others’ steps, and for a hold that was only given back', () => {
    const given: StockEvent = { type: 'stock.released', data: { sku, orderId: 'ord_a', quantity: 1, final: false, at: 1 } };
    expect(told(...sale('ord_b', 1), given)).toBe('none');
    expect(told({ ...given, data: { ...given.data, final: true } })).toEqual(['released', 1]);
  });
});
