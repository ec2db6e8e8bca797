// The rules of one cart, in sentences.
import { type DecideContext, replay } from '../../mixins/actor/definition.ts';
import { newId } from '../../mixins/ids.ts';
import type { CartLine, Contact } from './cart.contract.ts';
import { type CheckoutData, cartActor, cartIdOf } from './cart.ts';
import type { CartEvent } from './carts.contract.ts';

const owner = { kind: 'guest', id: 'gst_1' } as const;
const context: DecideContext = { now: 7, by: 'gst_1', version: 1, newId: (prefix) => newId(prefix, 7) };
const { decide } = cartActor;

const line = (sku: string, quantity = 1, unitPrice = 500): CartLine => ({
  key: sku,
  sku,
  productId: 'prd_1',
  sellerId: 'acc_1',
  title: sku,
  variant: '',
  quantity,
  unitPrice,
  tracksStock: true,
});
const contact: Contact = {
  email: 'ada@example.com',
  name: 'Ada',
  address: { line1: '12 St James’s Square', city: 'London', postcode: 'SW1Y 4JH', country: 'GB' },
};
const checkout = { contact, delivery: 'standard', paymentMethod: 'pm_card_visa' } as const;
const opened: CartEvent = { type: 'cart.opened', data: { owner } };
const added = (...lines: CartLine[]): CartEvent[] => lines.map((one) => ({ type: 'cart.lineAdded', data: { line: one } }));
const totals = { items: 500, delivery: 395, total: 895, currency: 'GBP' } as const;
const checkedOut = (orderId: string): CartEvent => {
  const data: CheckoutData = {
    orderId,
    owner,
    totals,
    delivery: 'standard',
    country: 'GB',
    paymentMethod: 'pm_card_visa',
    contact,
    at: 7,
  };
  return { type: 'cart.checkedOut', data };
};
const given = (...events: CartEvent[]) => replay(cartActor, 'crt_gst_1', events);
const refusal = (type: string, data: object = {}) => expect.objectContaining({ type, data: expect.objectContaining(data) });
const types = (events: readonly CartEvent[]) => events.map(({ type }) => type);

describe('filling a cart', () => {
  it('given nothing, when something is added, then the cart is opened for its visitor', () => {
    expect(decide.add(given(), { line: line('MUG'), owner })).toEqual([opened, ...added(line('MUG'))]);
  });

  it('given a line, when the same SKU is added, then it is one line with the newest price', () => {
    const state = given(opened, ...added(line('MUG', 2, 500), line('CUP'), line('MUG', 3, 450)));
    expect(state.lines).toEqual([line('MUG', 5, 450), line('CUP')]);
  });

  it('given 200 different things, when another comes, then the cart is full; more of the same still fit', () => {
    const full = given(opened, ...added(...Array.from({ length: 200 }, (_, i) => line(`S${i}`))));
    expect(() => decide.add(full, { line: line('ONE-MORE'), owner })).toThrow(refusal('CART_FULL', { limit: 200 }));
    expect(types(decide.add(full, { line: line('S7'), owner }))).toEqual(['cart.lineAdded']);
    expect(() => decide.add(full, { line: line('S7', 1_000_000), owner })).toThrow(refusal('CART_FULL'));
  });

  it('given a line, when its quantity is set, then it has it; 0 removes it; the same changes nothing', () => {
    const state = given(opened, ...added(line('MUG', 2)));
    expect(decide.change(state, { sku: 'MUG', quantity: 5 })).toEqual([
      { type: 'cart.lineChanged', data: { key: 'MUG', quantity: 5 } },
    ]);
    expect(decide.change(state, { sku: 'MUG', quantity: 0 })).toEqual([{ type: 'cart.lineRemoved', data: { key: 'MUG' } }]);
    expect(decide.change(state, { sku: 'MUG', quantity: 2 })).toEqual([]);
    expect(decide.change(state, { sku: 'CUP', quantity: 0 })).toEqual([]);
    expect(() => decide.change(state, { sku: 'CUP', quantity: 1 })).toThrow(refusal('NOT_IN_CART', { sku: 'CUP' }));
  });

  it('given two lines, when one or all are removed, then they are gone', () => {
    const state = given(opened, ...added(line('MUG'), line('CUP')));
    expect(decide.remove(state, { sku: 'CUP' })).toEqual([{ type: 'cart.lineRemoved', data: { key: 'CUP' } }]);
    expect(decide.remove(state, {}).reduce(cartActor.evolve, state).lines).toEqual([]);
    expect(decide.remove(given(), {})).toEqual([]);
  });

  it('given prices that changed, when they are accepted, then the lines have them', () => {
    const state = given(opened, ...added(line('MUG', 1, 500), line('CUP', 1, 300)));
    const events = decide.reprice(state, { prices: { MUG: 450, CUP: 300 } });
    expect(events).toEqual([{ type: 'cart.repriced', data: { prices: { MUG: 450 } } }]);
    expect(events.reduce(cartActor.evolve, state).lines.map(({ unitPrice }) => unitPrice)).toEqual([450, 300]);
    expect(decide.reprice(state, { prices: { MUG: 500 } })).toEqual([]);
  });
});

describe('a guest who signs in', () => {
  it('given lines, when the cart is handed over, then it is empty and says to whom; again, nothing happens', () => {
    const state = given(opened, ...added(line('MUG')));
    const events = decide.handOver(state, { into: 'crt_acc_1' });
    const after = events.reduce(cartActor.evolve, state);
    expect(after).toMatchObject({ lines: [], adoptedBy: 'crt_acc_1' });
    expect(decide.handOver(after, { into: 'crt_acc_1' })).toEqual([]);
  });

  it('given an account’s lines, when a guest’s are merged, then equal ones add up and what does not fit stays out', () => {
    const account = given(opened, ...added(line('MUG', 1), ...Array.from({ length: 198 }, (_, i) => line(`S${i}`))));
    const events = decide.merge(account, { from: 'crt_gst_1', lines: [line('A'), line('B'), line('MUG', 2)], owner });
    const { lines } = events.reduce(cartActor.evolve, account);
    expect(lines).toHaveLength(200);
    expect(lines.find(({ sku }) => sku === 'MUG')?.quantity).toBe(3);
    expect(lines.some(({ sku }) => sku === 'A')).toBe(true);
  });
});

describe('checking out', () => {
  it('given lines, when it is checked out, then it is frozen with an order id, totals and contact', () => {
    const [event] = decide.checkout(given(opened, ...added(line('MUG'))), checkout, context);
    expect(event).toMatchObject({
      type: 'cart.checkedOut',
      data: { orderId: expect.stringMatching(/^ord_/), owner, totals, country: 'GB', contact, at: 7 },
    });
  });

  it('given a frozen cart, when it is checked out again, then nothing happens: it has one order', () => {
    const frozen = given(opened, ...added(line('MUG')), checkedOut('ord_1'));
    expect(decide.checkout(frozen, checkout, context)).toEqual([]);
    expect(frozen).toMatchObject({ status: 'frozen', orderId: 'ord_1', contacts: { ord_1: contact } });
  });

  it('given a frozen cart, when anything is changed, then it is refused and names the order', () => {
    const frozen = given(opened, ...added(line('MUG')), checkedOut('ord_1'));
    const changes = [
      () => decide.add(frozen, { line: line('CUP'), owner }),
      () => decide.change(frozen, { sku: 'MUG', quantity: 2 }),
      () => decide.remove(frozen, {}),
      () => decide.reprice(frozen, { prices: {} }),
      () => decide.merge(frozen, { from: 'x', lines: [line('CUP')], owner }),
      () => decide.handOver(frozen, { into: 'x' }),
    ];
    for (const change of changes) expect(change).toThrow(refusal('CART_FROZEN', { orderId: 'ord_1' }));
  });

  it('given something added after the total was checked, then the checkout is refused and shown again', () => {
    const cart = given(opened, ...added(line('MUG')), ...added(line('BOWL')));
    const checked = { ...checkout, checked: 1 };
    expect(() => decide.checkout(cart, checked, { ...context, version: 2 })).toThrow(refusal('CART_CHANGED'));
    expect(decide.checkout(cart, checked, { ...context, version: 1 })).toHaveLength(1);
  });

  it('given nothing in it, when it is checked out, then it is empty, or was ordered before', () => {
    expect(() => decide.checkout(given(), checkout, context)).toThrow(refusal('CART_EMPTY'));
    const bought = given(opened, ...added(line('MUG')), checkedOut('ord_1'), {
      type: 'cart.ordered',
      data: { orderId: 'ord_1' },
    });
    expect(() => decide.checkout(bought, checkout, context)).toThrow(refusal('CART_ALREADY_ORDERED', { orderId: 'ord_1' }));
  });

  it('given an order that came about, then the cart is empty; given one that did not, then it is as it was', () => {
    const frozen = given(opened, ...added(line('MUG')), checkedOut('ord_1'));
    const ended = (outcome: 'bought' | 'reopened') =>
      decide.settle(frozen, { orderId: 'ord_1', outcome }).reduce(cartActor.evolve, frozen);
    expect(ended('bought')).toMatchObject({ status: 'open', lines: [], lastOrderId: 'ord_1' });
    expect(ended('reopened')).toMatchObject({ status: 'open', lines: [line('MUG')] });
    expect(decide.settle(frozen, { orderId: 'ord_0', outcome: 'bought' })).toEqual([]);
    expect(decide.settle(ended('reopened'), { orderId: 'ord_1', outcome: 'bought' })).toEqual([]);
  });

  it('given a cart that was opened again, when it is checked out, then it is another order', () => {
    const again = given(opened, ...added(line('MUG')), checkedOut('ord_1'), {
      type: 'cart.reopened',
      data: { orderId: 'ord_1' },
    });
    const [event] = decide.checkout(again, checkout, context);
    expect(event?.data).not.toMatchObject({ orderId: 'ord_1' });
  });

  it('keeps the contacts of the last 50 orders', () => {
    let state = given(opened);
    for (let i = 0; i < 60; i++) {
      const orderId = `ord_${i}`;
      const events: CartEvent[] = [...added(line('MUG')), checkedOut(orderId), { type: 'cart.ordered', data: { orderId } }];
      state = events.reduce(cartActor.evolve, state);
    }
    expect(Object.keys(state.contacts)).toHaveLength(50);
    expect(state.contacts.ord_59).toEqual(contact);
  });
});

test('an import fills a cart once', () => {
  const events = decide.fill(given(), { lines: [line('A'), line('B')], owner });
  expect(types(events)).toEqual(['cart.opened', 'cart.lineAdded', 'cart.lineAdded']);
  expect(decide.fill(events.reduce(cartActor.evolve, given()), { lines: [line('A')], owner })).toEqual([]);
});

test('every visitor has one cart', () => {
  expect(cartIdOf({ id: 'gst_1' })).toBe('crt_gst_1');
});
