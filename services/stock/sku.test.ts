// The rules of one SKU, in sentences: given what happened, when a command comes, then these events or this refusal.
import type { DecideContext } from '../../mixins/actor/definition.ts';
import { replay } from '../../mixins/actor/definition.ts';
import { newId } from '../../mixins/ids.ts';
import { available, levelOf, MAX_HOLDS, SETTLED_KEPT, skuActor } from './sku.ts';
import type { StockEvent } from './stock.contract.ts';

const sku = 'MUG';
const NOW = 1_000;
const LATER = 2_000;
const context: DecideContext = { now: NOW, by: 'test', version: 1, newId };
const { decide } = skuActor;

const received = (quantity: number, reference = 'first'): StockEvent => ({
  type: 'stock.received',
  data: { sku, quantity, reference },
});
const reserved = (orderId: string, quantity = 1, expiresAt = LATER): StockEvent => ({
  type: 'stock.reserved',
  data: { sku, orderId, quantity, expiresAt },
});
const committed = (orderId: string, quantity = 1): StockEvent => ({
  type: 'stock.committed',
  data: { sku, orderId, quantity, at: NOW },
});
const released = (orderId: string, quantity = 1, final = false): StockEvent => ({
  type: 'stock.released',
  data: { sku, orderId, quantity, final, at: NOW },
});
const expired = (orderId: string, quantity = 1): StockEvent => ({ type: 'stock.expired', data: { sku, orderId, quantity } });
const restocked = (orderId: string, quantity = 1): StockEvent => ({
  type: 'stock.restocked',
  data: { sku, orderId, quantity, at: NOW },
});

const given = (...events: StockEvent[]) => replay(skuActor, sku, events);
const refusal = (type: string, data: object = {}) => expect.objectContaining({ type, data: expect.objectContaining(data) });
const reserve = (state: ReturnType<typeof given>, orderId: string, quantity = 1) =>
  decide.reserve(state, { orderId, quantity, expiresAt: LATER }, context);

describe('receiving and adjusting', () => {
  it('given nothing, when goods come in, then they are on hand', () => {
    expect(decide.receive(given(), { quantity: 10, reference: 'r' })).toEqual([received(10, 'r')]);
    expect(levelOf(given(received(10)))).toEqual({ sku, onHand: 10, reserved: 0, sold: 0, received: 10, available: 10 });
  });

  it('given a delivery, when it is booked again under its reference, then nothing happens', () => {
    expect(decide.receive(given(received(10, 'r')), { quantity: 10, reference: 'r' })).toEqual([]);
    expect(decide.adjust(given(received(10, 'r')), { change: -3, reason: 'lost', reference: 'r' })).toEqual([]);
  });

  it('given 10 with 4 held, when more than 6 are counted away, then it is refused with what is available', () => {
    const state = given(received(10), reserved('o1', 4));
    expect(() => decide.adjust(state, { change: -7, reason: 'lost' })).toThrow(
      refusal('STOCK_NOT_ENOUGH_TO_REMOVE', { available: 6 }),
    );
    expect(decide.adjust(state, { change: -6, reason: 'lost', note: 'roof' })).toMatchObject([
      { type: 'stock.adjusted', data: { change: -6, reason: 'lost', note: 'roof' } },
      { type: 'stock.ranLow', data: { available: 0 } },
    ]);
  });

  it('given goods that came in by hand, then they count as received', () => {
    expect(decide.adjust(given(), { change: 5, reason: 'received' })).toEqual([
      { type: 'stock.received', data: { sku, quantity: 5 } },
    ]);
  });
});

describe('reserving', () => {
  it('given 10, when 3 are reserved, then they are held and 7 are available', () => {
    expect(reserve(given(received(10)), 'o1', 3)).toEqual([reserved('o1', 3)]);
    expect(available(given(received(10), reserved('o1', 3)))).toBe(7);
  });

  it('given the last unit held, when another wants it, then it is out of stock with what is left', () => {
    expect(() => reserve(given(received(1), reserved('o1')), 'o2')).toThrow(
      refusal('OUT_OF_STOCK', { requested: 1, available: 0 }),
    );
    expect(() => reserve(given(), 'o1', 2)).toThrow(refusal('OUT_OF_STOCK', { requested: 2, available: 0 }));
  });

  it('given its own hold, when an order reserves again, then nothing happens; another quantity is refused', () => {
    const state = given(received(10), reserved('o1', 3));
    expect(reserve(state, 'o1', 3)).toEqual([]);
    expect(() => reserve(state, 'o1', 4)).toThrow(refusal('RESERVATION_CLOSED'));
  });

  it('given its own hold that has run out, when an order reserves again, then it is replaced in one step', () => {
    const state = given(received(3), reserved('o1', 3, NOW - 1));
    expect(reserve(state, 'o1', 3)).toEqual([expired('o1', 3), reserved('o1', 3)]);
  });

  it('given a hold of another that has run out but was not swept, when it is wanted, then it is not there', () => {
    expect(() => reserve(given(received(1), reserved('o1', 1, NOW - 1)), 'o2')).toThrow(refusal('OUT_OF_STOCK'));
  });

  it('given an order that was settled here, when it reserves again, then it is refused and told how it ended', () => {
    expect(() => reserve(given(received(5), reserved('o1'), committed('o1')), 'o1')).toThrow(
      refusal('RESERVATION_CLOSED', { was: 'sold' }),
    );
    expect(() => reserve(given(received(5), reserved('o1'), released('o1', 1, true)), 'o1')).toThrow(
      refusal('RESERVATION_CLOSED', { was: 'released' }),
    );
  });

  it('given a hold that was released for now, when the order reserves again, then it may', () => {
    expect(reserve(given(received(5), reserved('o1'), released('o1')), 'o1')).toEqual([reserved('o1')]);
  });

  it('given as many holds as there may be, when one more comes, then it is asked to try again', () => {
    const state = given(received(20_000), ...Array.from({ length: MAX_HOLDS }, (_, i) => reserved(`o${i}`)));
    expect(() => reserve(state, 'one-more')).toThrow(refusal('TOO_MANY_HOLDS', { retryAfter: 5 }));
    expect(reserve(state, 'o7')).toEqual([]);
  });

  it('given 6 available, when the mark of 5 is crossed, then it is said once', () => {
    const types = (events: readonly StockEvent[]) => events.map(({ type }) => type);
    expect(types(reserve(given(received(6)), 'o1'))).toEqual(['stock.reserved', 'stock.ranLow']);
    expect(types(reserve(given(received(6), reserved('o1')), 'o2'))).toEqual(['stock.reserved']);
  });
});

describe('selling and giving back', () => {
  it('given a hold, when it is committed, then it is sold; again, nothing happens', () => {
    const state = given(received(10), reserved('o1', 3));
    expect(decide.commit(state, { orderId: 'o1' }, context)).toEqual([committed('o1', 3)]);
    const sold = given(received(10), reserved('o1', 3), committed('o1', 3));
    expect(decide.commit(sold, { orderId: 'o1' }, context)).toEqual([]);
    expect(levelOf(sold)).toEqual({ sku, onHand: 7, reserved: 0, sold: 3, received: 10, available: 7 });
  });

  it('given a hold that has run out but was not swept, when it is committed, then it is sold: nobody else has got it', () => {
    expect(decide.commit(given(received(1), reserved('o1', 1, NOW - 1)), { orderId: 'o1' }, context)).toEqual([committed('o1')]);
  });

  it('given no hold, when it is committed, then it is gone', () => {
    expect(() => decide.commit(given(received(1), reserved('o1'), expired('o1')), { orderId: 'o1' }, context)).toThrow(
      refusal('RESERVATION_GONE'),
    );
  });

  it('given a hold, when it is released, then it is free; without one nothing happens', () => {
    expect(decide.release(given(received(1), reserved('o1')), { orderId: 'o1' }, context)).toEqual([released('o1')]);
    expect(decide.release(given(received(1)), { orderId: 'o1' }, context)).toEqual([]);
    expect(available(given(received(1), reserved('o1'), released('o1')))).toBe(1);
  });

  it('given a hold or a sale, when the order is undone, then it is back and the order can buy here no more', () => {
    expect(decide.undo(given(received(1), reserved('o1')), { orderId: 'o1' }, context)).toEqual([released('o1', 1, true)]);
    const sold = given(received(1), reserved('o1'), committed('o1'));
    expect(decide.undo(sold, { orderId: 'o1' }, context)).toEqual([restocked('o1')]);
    const undone = given(received(1), reserved('o1'), committed('o1'), restocked('o1'));
    expect(decide.undo(undone, { orderId: 'o1' }, context)).toEqual([]);
    expect(levelOf(undone)).toMatchObject({ onHand: 1, sold: 0, available: 1 });
    expect(() => reserve(undone, 'o1')).toThrow(refusal('RESERVATION_CLOSED'));
  });

  it('given a sale, when it is restocked twice, then it comes back once', () => {
    const input = { orderId: 'o1', quantity: 1 };
    expect(decide.restock(given(received(1), reserved('o1'), committed('o1')), input, context)).toEqual([restocked('o1')]);
    expect(decide.restock(given(received(1), reserved('o1'), committed('o1'), restocked('o1')), input, context)).toEqual([]);
  });

  it('given holds that have run out, when they are swept, then they and no others are free, 500 in a step', () => {
    const state = given(received(10), reserved('o1', 2, NOW), reserved('o2', 3, NOW + 1));
    expect(decide.expire(state, {}, context)).toEqual([expired('o1', 2)]);
    const many = given(received(1_000), ...Array.from({ length: 600 }, (_, i) => reserved(`o${i}`, 1, NOW - 1)));
    expect(decide.expire(many, {}, context)).toHaveLength(500);
  });

  it('remembers the latest settled orders, at least as many as promised and not without bound', () => {
    const orders = Array.from({ length: 2 * SETTLED_KEPT }, (_, i) => `o${i}`);
    const state = given(received(100_000), ...orders.flatMap((id) => [reserved(id), committed(id)]));
    const known = Object.keys(state.settled);
    expect(known.length).toBeGreaterThanOrEqual(SETTLED_KEPT);
    expect(known.length).toBeLessThan(SETTLED_KEPT * 1.2);
    expect(state.settledCount).toBe(known.length);
    expect(known).toEqual(orders.slice(-known.length));
  });
});

describe('whatever happens', () => {
  it('nothing is oversold and every unit is accounted for', () => {
    let seed = 7;
    const random = (below: number) => {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff;
      return Math.floor((seed / 0x80000000) * below);
    };
    let state = given(received(40));
    let adjusted = 0;
    for (let step = 0; step < 5_000; step++) {
      const orderId = `o${random(60)}`;
      const at = { ...context, now: step };
      const commands = [
        () => decide.reserve(state, { orderId, quantity: 1 + random(3), expiresAt: step + random(40) }, at),
        () => decide.commit(state, { orderId }, at),
        () => decide.release(state, { orderId }, at),
        () => decide.undo(state, { orderId }, at),
        () => decide.expire(state, {}, at),
        () => decide.receive(state, { quantity: 1, reference: `r${step}` }),
        () => decide.adjust(state, { change: -1 - random(3), reason: 'lost' }),
      ];
      let events: readonly StockEvent[] = [];
      try {
        events = commands[random(commands.length)]?.() ?? [];
      } catch (error) {
        expect(error).toHaveProperty('type');
      }
      for (const event of events) if (event.type === 'stock.adjusted') adjusted += event.data.change;
      state = events.reduce(skuActor.evolve, state);
      const held = Object.values(state.holds).reduce((sum, [quantity]) => sum + quantity, 0);
      expect(state.reserved).toBe(held);
      expect(state.holdCount).toBe(Object.keys(state.holds).length);
      expect(available(state)).toBeGreaterThanOrEqual(0);
      expect(state.onHand + state.sold).toBe(state.received + adjusted);
    }
  });

  it('a state that went through JSON is the same state', () => {
    const state = given(received(10), reserved('o1', 3), committed('o1', 3), reserved('o2'));
    expect(JSON.parse(JSON.stringify(state))).toEqual(state);
  });

  it('a SKU with as many holds and settled orders as it can have fits into one message with a whole group of commands', () => {
    const id = () => newId('ord');
    const orders = Array.from({ length: 2 * SETTLED_KEPT }, id);
    const settled = orders.flatMap((orderId) => [reserved(orderId), committed(orderId), restocked(orderId)]);
    const state = given(
      received(1_000_000),
      ...settled,
      ...Array.from({ length: MAX_HOLDS }, () => reserved(id(), 999, 1_800_000_000_000)),
    );
    const events = Array.from({ length: 256 }, () => ({
      ...reserved(id()),
      by: id(),
      cause: { request: id(), trace: 'x'.repeat(55) },
    }));
    expect(JSON.stringify({ state, events }).length).toBeLessThan(1_000_000);
  });
});
