// The rules of one order, in sentences: which step may follow which.
import { type DecideContext, replay } from '../../mixins/actor/definition.ts';
import { newId } from '../../mixins/ids.ts';
import { hasEnded, isOpen, isUnpaid, MAX_ATTEMPTS, orderActor } from './order.ts';
import type { OrderEvent } from './orders.contract.ts';

const orderId = 'ord_1';
const NOW = 1_000;
const at = NOW;
const context = (version = 1): DecideContext => ({ now: NOW, by: 'gst_1', version, newId });
const { decide } = orderActor;

const line = (sellerId: string, sku = 'MUG') => ({
  sku,
  productId: 'prd_1',
  sellerId,
  title: sku,
  variant: '',
  quantity: 1,
  unitPrice: 500,
  tracksStock: true,
});
type Placed = Extract<OrderEvent, { type: 'order.placed' }>['data'];
const input: Omit<Placed, 'at'> = {
  orderId,
  cartId: 'crt_gst_1',
  owner: { kind: 'guest', id: 'gst_1' },
  lines: [line('acc_a'), line('acc_b', 'CUP'), line('acc_a', 'JAR')],
  totals: { items: 1_500, delivery: 0, total: 1_500, currency: 'GBP' },
  delivery: 'pickup',
  country: 'GB',
  paymentMethod: 'pm_card_visa',
  expiresAt: NOW + 900_000,
};
const placed: OrderEvent = { type: 'order.placed', data: { ...input, at } };
const declined = (attempt = 1): OrderEvent => ({
  type: 'order.awaitingPayment',
  data: { orderId, attempt, reason: 'declined', code: 'card_declined', at },
});
const chosen = (attempt: number): OrderEvent => ({
  type: 'order.paymentChosen',
  data: { orderId, attempt, paymentMethod: 'pm_other', at },
});
const confirmed: OrderEvent = { type: 'order.confirmed', data: { orderId, amount: 1_500, currency: 'GBP', at } };
const rejected: OrderEvent = {
  type: 'order.rejected',
  data: { orderId, reason: 'out_of_stock', shortages: [{ sku: 'MUG', requested: 1, available: 0 }], at },
};
const expired: OrderEvent = { type: 'order.expired', data: { orderId, at } };
const cancelling: OrderEvent = { type: 'order.cancelRequested', data: { orderId, at } };
const cancelled: OrderEvent = { type: 'order.cancelled', data: { orderId, at } };
const moved = (how: 'packed' | 'shipped' | 'delivered', sellerId: string): OrderEvent => ({
  type: `order.${how}`,
  data: { orderId, sellerId, at },
});

const given = (...events: OrderEvent[]) => replay(orderActor, orderId, events);
const refusal = (type: string, data: object = {}) => expect.objectContaining({ type, data: expect.objectContaining(data) });
const choose = (...events: OrderEvent[]) => decide.choosePayment(given(...events), { method: 'pm_other' }, context());

describe('placing', () => {
  it('given nothing, when it is placed, then it is placed; again, nothing happens', () => {
    expect(decide.place(given(), input, context(0))).toEqual([placed]);
    expect(decide.place(given(placed), input, context(1))).toEqual([]);
  });

  it('has one parcel per seller', () => {
    expect(given(placed).parcels).toEqual([
      { sellerId: 'acc_a', status: 'open' },
      { sellerId: 'acc_b', status: 'open' },
    ]);
  });
});

describe('paying', () => {
  it('given a declined card, then the order waits and says why; the same news again changes nothing', () => {
    const news = { attempt: 1, reason: 'declined' as const, code: 'card_declined' };
    expect(decide.awaitPayment(given(placed), news, context())).toEqual([declined()]);
    expect(decide.awaitPayment(given(placed, declined()), news, context())).toEqual([]);
    expect(given(placed, declined())).toMatchObject({ status: 'awaiting_payment', waiting: { reason: 'declined' } });
  });

  it('given a later attempt, when news of an earlier one arrives, then it is ignored', () => {
    expect(decide.awaitPayment(given(placed, declined(), chosen(2)), { attempt: 1, reason: 'pending' }, context())).toEqual([]);
  });

  it('given a declined card, when another is chosen, then it is the next attempt', () => {
    expect(choose(placed, declined())).toEqual([chosen(2)]);
    expect(given(placed, declined(), chosen(2))).toMatchObject({ status: 'placed', attempt: 2, paymentMethod: 'pm_other' });
  });

  it('given a choice, when its request is repeated, then nothing happens', () => {
    const state = given(placed, declined(), { ...chosen(2), data: { ...chosen(2).data, operation: 'req_1' } } as OrderEvent);
    expect(decide.choosePayment(state, { method: 'pm_other', operation: 'req_1' }, context())).toEqual([]);
  });

  it('given that the last attempt may still succeed, when another card is chosen, then it is refused', () => {
    const pending: OrderEvent = { type: 'order.awaitingPayment', data: { orderId, attempt: 1, reason: 'action_required', at } };
    expect(() => choose(placed, pending)).toThrow(refusal('ORDER_WRONG_STATUS'));
    expect(() => choose(placed)).toThrow(refusal('ORDER_WRONG_STATUS'));
  });

  it('given five attempts, when a sixth is wanted, then it is refused', () => {
    const events = [placed, declined(1)];
    for (let attempt = 2; attempt <= MAX_ATTEMPTS; attempt++) events.push(chosen(attempt), declined(attempt));
    expect(() => choose(...events)).toThrow(refusal('TOO_MANY_ATTEMPTS', { attempts: MAX_ATTEMPTS }));
  });

  it('given a paid, ended or unknown order, when a card is chosen, then it says which', () => {
    expect(() => choose(placed, confirmed)).toThrow(refusal('ORDER_ALREADY_PAID'));
    expect(() => choose(placed, expired)).toThrow(refusal('ORDER_CLOSED', { status: 'expired' }));
    expect(() => decide.choosePayment(given(), { method: 'x' }, context(0))).toThrow(refusal('ORDER_NOT_FOUND'));
  });
});

describe('endings', () => {
  const endings = [confirmed, rejected, expired, cancelled];

  it('given an unpaid order, then it is confirmed, rejected or expired', () => {
    for (const events of [[placed], [placed, declined()]]) {
      const state = given(...events);
      expect(decide.confirm(state, { amount: 1_500 }, context())).toEqual([confirmed]);
      expect(decide.expire(state, {}, context())).toEqual([expired]);
      expect(decide.reject(state, { reason: 'payment_failed', shortages: [] }, context())).toMatchObject([
        { type: 'order.rejected' },
      ]);
    }
  });

  it('given any ending, then no other one follows', () => {
    for (const ending of endings) {
      const state = given(placed, ending);
      expect(decide.confirm(state, { amount: 1_500 }, context())).toEqual([]);
      expect(decide.expire(state, {}, context())).toEqual([]);
      expect(decide.reject(state, { reason: 'out_of_stock', shortages: [] }, context())).toEqual([]);
      expect(decide.awaitPayment(state, { attempt: 1, reason: 'pending' }, context())).toEqual([]);
      expect(isUnpaid(state)).toBe(false);
    }
  });

  it('a rejected order says what was short', () => {
    expect(given(placed, rejected)).toMatchObject({ reason: 'out_of_stock', shortages: [{ sku: 'MUG', available: 0 }] });
  });

  it('tells open from ended', () => {
    expect([given(placed), given(placed, declined()), given(placed, cancelling)].map(isOpen)).toEqual([true, true, true]);
    expect(endings.map((ending) => isOpen(given(placed, ending)))).toEqual([false, false, false, false]);
    expect(hasEnded(given(placed, rejected))).toBe(true);
    expect(hasEnded(given(placed, confirmed))).toBe(false);
  });
});

describe('cancelling', () => {
  const cancel = (staff: boolean, ...events: OrderEvent[]) =>
    decide.requestCancel(given(...events), { staff, reason: 'changed my mind' }, context());

  it('given an order on which nothing was done, then its customer may cancel it', () => {
    const requested = [{ type: 'order.cancelRequested', data: { orderId, reason: 'changed my mind', at } }];
    for (const events of [[placed], [placed, declined()], [placed, confirmed]])
      expect(cancel(false, ...events)).toEqual(requested);
  });

  it('given a packed parcel, then staff may and the customer may not; given a shipped one, nobody', () => {
    const packed = [placed, confirmed, moved('packed', 'acc_a')];
    expect(() => cancel(false, ...packed)).toThrow(refusal('ORDER_NOT_CANCELLABLE'));
    expect(cancel(true, ...packed)).toHaveLength(1);
    expect(() => cancel(true, ...packed, moved('shipped', 'acc_a'))).toThrow(refusal('ORDER_NOT_CANCELLABLE'));
  });

  it('given a cancellation, when it is asked for again, then nothing happens; given another ending, it is refused', () => {
    expect(cancel(false, placed, cancelling)).toEqual([]);
    expect(cancel(false, placed, cancelling, cancelled)).toEqual([]);
    expect(() => cancel(false, placed, rejected)).toThrow(refusal('ORDER_NOT_CANCELLABLE', { status: 'rejected' }));
    expect(() => decide.requestCancel(given(), { staff: true }, context(0))).toThrow(refusal('ORDER_NOT_FOUND'));
  });

  it('ends only what was asked for', () => {
    expect(decide.cancelled(given(placed, cancelling), {}, context())).toEqual([cancelled]);
    expect(decide.cancelled(given(placed, confirmed), {}, context())).toEqual([]);
  });
});

describe('sending', () => {
  const send = (change: Parameters<typeof decide.send>[1], ...events: OrderEvent[]) =>
    decide.send(given(placed, confirmed, ...events), change, context(2));

  it('moves one seller’s parcel, and the order is as far as its slowest parcel', () => {
    expect(send({ status: 'packed', sellerId: 'acc_a' })).toEqual([moved('packed', 'acc_a')]);
    expect(given(placed, confirmed, moved('packed', 'acc_a')).status).toBe('confirmed');
    expect(given(placed, confirmed, moved('packed', 'acc_a'), moved('packed', 'acc_b')).status).toBe('packed');
    expect(given(placed, confirmed, moved('shipped', 'acc_a'), moved('packed', 'acc_b')).status).toBe('packed');
  });

  it('may ship without packing, with carrier and tracking', () => {
    const data = { orderId, sellerId: 'acc_a', carrier: 'DHL', tracking: 'T1', at };
    expect(send({ status: 'shipped', sellerId: 'acc_a', carrier: 'DHL', tracking: 'T1' })).toEqual([
      { type: 'order.shipped', data },
    ]);
  });

  it('delivers only what was shipped, and is never repeated', () => {
    expect(() => send({ status: 'delivered' })).toThrow(refusal('ORDER_WRONG_STATUS'));
    const shipped = [moved('shipped', 'acc_a'), moved('shipped', 'acc_b')];
    expect(send({ status: 'delivered' }, ...shipped)).toEqual([moved('delivered', 'acc_a'), moved('delivered', 'acc_b')]);
    expect(send({ status: 'shipped' }, ...shipped)).toEqual([]);
  });

  it('refuses another version, another seller and an order that is not paid', () => {
    expect(() => send({ status: 'packed', ifMatch: 1 })).toThrow(refusal('VERSION_MISMATCH', { version: 2 }));
    expect(send({ status: 'packed', ifMatch: 2 })).toHaveLength(2);
    expect(() => send({ status: 'packed', sellerId: 'acc_other' })).toThrow(refusal('ORDER_WRONG_STATUS'));
    expect(() => decide.send(given(placed), { status: 'packed' }, context())).toThrow(
      refusal('ORDER_WRONG_STATUS', { status: 'placed' }),
    );
    expect(() => decide.send(given(), { status: 'packed' }, context(0))).toThrow(refusal('ORDER_NOT_FOUND'));
  });
});
