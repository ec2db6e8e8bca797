// The whole purchase through the real services and a real nats-server.
import { money } from '../../mixins/money.ts';
import { until } from '../support/until.ts';
import { ADMIN, aCustomer, aGuest, buy, CONTACT, type Market, refusal, sellerOf, startMarket } from './customer.ts';

let market: Market;
beforeAll(async () => {
  market = await startMarket();
});
afterAll(() => market.stop());

const level = (sku: string) => market.call('stock.get', { sku });
const payment = async (orderId: string) => (await market.call('payments.state', { orderId })).payment;

describe('a purchase', () => {
  it('confirms, takes the money once and sells the units', async () => {
    const [mug, bowl] = [await market.sell(1450, 10), await market.sell(3600, 5)];
    const who = aGuest();
    const order = await buy(market, who, { [mug]: 2, [bowl]: 1 });
    expect(order).toMatchObject({ status: 'confirmed', totals: { items: money(6500), delivery: money(0), total: money(6500) } });
    expect(await level(mug)).toMatchObject({ onHand: 8, reserved: 0, sold: 2, available: 8 });
    expect(await level(bowl)).toMatchObject({ onHand: 4, reserved: 0, sold: 1 });
    expect(await payment(order.id)).toMatchObject({ status: 'captured', amount: money(6500) });
  });

  it('empties the cart at its next use, and the next checkout is another order', async () => {
    const sku = await market.sell(500, 10);
    const who = aCustomer();
    const first = await buy(market, who, { [sku]: 1 });
    expect(await market.call('carts.get', {}, { principal: who })).toMatchObject({ status: 'open', lines: [] });
    const second = await buy(market, who, { [sku]: 1 });
    expect(second.id).not.toBe(first.id);
    expect(await level(sku)).toMatchObject({ sold: 2 });
  });

  it('makes one order of two checkouts at once', async () => {
    const sku = await market.sell(500, 10);
    const who = aGuest();
    await market.call('carts.add', { sku, quantity: 1 }, { principal: who });
    const checkout = () => market.call('carts.checkout', { contact: CONTACT, paymentMethod: 'pm_card_visa' }, { principal: who });
    const [one, other] = await Promise.all([checkout(), checkout()]);
    expect(one.id).toBe(other.id);
    expect(await level(sku)).toMatchObject({ sold: 1, reserved: 0 });
  });

  it('gives a repeated request its order again, also when its first answer was never kept', async () => {
    const sku = await market.sell(500, 10);
    const who = aGuest();
    const meta = { principal: who, operation: 'req_the-same' };
    await market.call('carts.add', { sku, quantity: 1 }, { principal: who });
    const checkout = () => market.call('carts.checkout', { contact: CONTACT, paymentMethod: 'pm_card_visa' }, { ...meta });
    const first = await checkout();
    expect((await checkout()).id).toBe(first.id);
    await market.call('carts.get', {}, { principal: who });
    expect(await checkout()).toMatchObject({ id: first.id, status: 'confirmed' });
    expect(await level(sku)).toMatchObject({ sold: 1 });
  });

  it('tells its customer what happened, who did it and where it goes', async () => {
    const sku = await market.sell(500, 10);
    const who = aGuest();
    const { id } = await buy(market, who, { [sku]: 1 });
    const order = await market.call('orders.get', { id }, { principal: who });
    expect(order.contact).toEqual(CONTACT);
    const by = who.kind === 'guest' ? who.id : '';
    expect(order.timeline).toMatchObject([
      { what: 'order.placed', by },
      { what: 'order.confirmed', by },
    ]);
    expect(await refusal(market.call('orders.get', { id }, { principal: aGuest() }))).toMatchObject({ type: 'ORDER_NOT_FOUND' });
  });

  it('needs no payment when nothing is to pay', async () => {
    const sku = await market.sell(0, 3);
    const who = aGuest();
    await market.call('carts.add', { sku, quantity: 1 }, { principal: who });
    const params = { contact: CONTACT, paymentMethod: 'pm_card_visa', delivery: 'pickup' as const };
    const order = await market.call('carts.checkout', params, { principal: who });
    expect(order).toMatchObject({ status: 'confirmed', totals: { total: money(0) } });
    expect(await payment(order.id)).toBeUndefined();
  });

  it('answers at once and settles later when the client prefers that', async () => {
    const sku = await market.sell(500, 3);
    const who = aGuest();
    await market.call('carts.add', { sku, quantity: 1 }, { principal: who });
    const params = { contact: CONTACT, paymentMethod: 'pm_card_visa' };
    const { id } = await market.call('carts.checkout', params, { principal: who, respondAsync: true });
    await until('it is confirmed', async () => (await market.call('orders.access', { orderId: id })).status === 'confirmed');
  });
});

describe('a cart that cannot be bought as it is', () => {
  const checkout = (who: ReturnType<typeof aGuest>) =>
    market.call('carts.checkout', { contact: CONTACT, paymentMethod: 'pm_card_visa' }, { principal: who });

  it('is refused when it is empty, and again when it was ordered', async () => {
    const who = aGuest();
    expect(await refusal(checkout(who))).toMatchObject({ type: 'CART_EMPTY' });
    const { id } = await buy(market, who, { [await market.sell(500, 1)]: 1 });
    expect(await refusal(checkout(who))).toMatchObject({ type: 'CART_ALREADY_ORDERED', data: { orderId: id } });
  });

  it('says which lines are short and how many are left, and stays open', async () => {
    const sku = await market.sell(500, 2);
    const who = aGuest();
    await market.call('carts.add', { sku, quantity: 3 }, { principal: who });
    expect(await refusal(checkout(who))).toMatchObject({ type: 'OUT_OF_STOCK', data: { lines: [{ sku, available: 2 }] } });
    expect(await market.call('carts.get', {}, { principal: who })).toMatchObject({
      status: 'open',
      problems: [{ code: 'NOT_ENOUGH', sku, available: 2 }],
    });
  });

  it('shows a price that changed and charges it only once it is accepted', async () => {
    const sku = await market.sell(500, 2);
    const who = aGuest();
    await market.call('carts.add', { sku, quantity: 1 }, { principal: who });
    const { items } = { items: (await market.call('catalog.offers', { skus: [sku] })).offers };
    const id = items[0]?.productId ?? '';
    await market.call('catalog.update', { id, variants: [{ sku, price: money(700) }] }, { principal: ADMIN });
    await until(
      'the price is known',
      async () => (await market.call('catalog.offers', { skus: [sku] })).offers[0]?.price.amount === 700,
    );
    expect(await refusal(checkout(who))).toMatchObject({
      type: 'CART_CHANGED',
      data: { problems: [{ code: 'PRICE_CHANGED', was: money(500), now: money(700) }] },
    });
    await market.call('carts.accept', {}, { principal: who });
    expect(await checkout(who)).toMatchObject({ status: 'confirmed', totals: { items: money(700) } });
  });

  it('is refused when the customer saw another total', async () => {
    const who = aGuest();
    await market.call('carts.add', { sku: await market.sell(500, 2), quantity: 1 }, { principal: who });
    const params = { contact: CONTACT, paymentMethod: 'pm_card_visa', expectedTotal: money(1) };
    expect(await refusal(market.call('carts.checkout', params, { principal: who }))).toMatchObject({ type: 'CART_CHANGED' });
  });
});

describe('a payment that does not come at once', () => {
  it('keeps the hold after a decline and takes another card', async () => {
    const sku = await market.sell(500, 2);
    const who = aGuest();
    const order = await buy(market, who, { [sku]: 1 }, 'pm_card_chargeDeclinedInsufficientFunds');
    expect(order).toMatchObject({ status: 'awaiting_payment', waiting: { reason: 'declined', code: 'insufficient_funds' } });
    expect(await level(sku)).toMatchObject({ reserved: 1, sold: 0 });
    const meta = { principal: who, operation: 'req_pay' };
    const pay = () => market.call('orders.pay', { orderId: order.id, method: 'pm_card_visa' }, { ...meta });
    expect(await pay()).toMatchObject({ status: 'confirmed', attempt: 2 });
    expect(await pay()).toMatchObject({ status: 'confirmed', attempt: 2 });
    expect(await level(sku)).toMatchObject({ reserved: 0, sold: 1 });
  });

  it('gives everything back when the customer cancels instead, and the cart is open again', async () => {
    const sku = await market.sell(500, 2);
    const who = aGuest();
    const { id } = await buy(market, who, { [sku]: 1 }, 'pm_card_chargeDeclined');
    expect(await market.call('orders.cancel', { id }, { principal: who })).toMatchObject({ status: 'cancelled' });
    expect(await level(sku)).toMatchObject({ reserved: 0, sold: 0, available: 2 });
    expect(await market.call('carts.get', {}, { principal: who })).toMatchObject({ status: 'open', count: 1 });
  });

  it('ends after five attempts', async () => {
    const who = aGuest();
    const { id } = await buy(market, who, { [await market.sell(500, 2)]: 1 }, 'pm_card_chargeDeclined');
    const again = () => market.call('orders.pay', { orderId: id, method: 'pm_card_chargeDeclined' }, { principal: who });
    for (let attempt = 2; attempt <= 5; attempt++) expect(await again()).toMatchObject({ attempt, status: 'awaiting_payment' });
    expect(await refusal(again())).toMatchObject({ type: 'TOO_MANY_ATTEMPTS' });
  });

  it('confirms by itself once the cardholder has passed 3-D Secure', async () => {
    const sku = await market.sell(500, 2);
    const who = aGuest();
    const order = await buy(market, who, { [sku]: 1 }, 'pm_card_threeDSecure2Required');
    expect(order).toMatchObject({ status: 'awaiting_payment', waiting: { reason: 'action_required' } });
    await market.call('payments.challenge', { id: `pay_${order.id}`, outcome: 'succeed' }, { principal: who });
    await until(
      'it is confirmed',
      async () => (await market.call('orders.access', { orderId: order.id })).status === 'confirmed',
    );
    expect(await level(sku)).toMatchObject({ sold: 1 });
  });
});

describe('after a purchase', () => {
  it('a cancellation refunds all of it and puts the units back', async () => {
    const sku = await market.sell(500, 2);
    const who = aCustomer();
    const { id } = await buy(market, who, { [sku]: 2 });
    expect(await market.call('orders.cancel', { id, reason: 'changed my mind' }, { principal: who })).toMatchObject({
      status: 'cancelled',
      reason: 'changed my mind',
    });
    expect(await payment(id)).toMatchObject({ status: 'refunded', closed: true });
    expect(await level(sku)).toMatchObject({ onHand: 2, sold: 0, available: 2 });
  });

  it('each seller sends an own parcel; the order is as far as its slowest', async () => {
    const [sam, mia] = ['acc_sam', 'acc_mia'];
    const goods = { [await market.sell(500, 5, sam)]: 1, [await market.sell(700, 5, mia)]: 1 };
    const who = aCustomer();
    const { id } = await buy(market, who, goods);
    const send = (seller: string, status: 'packed' | 'shipped' | 'delivered', tracking?: string) =>
      market.call(
        'orders.update',
        { id, status, ...(tracking ? { carrier: 'Post', tracking } : {}) },
        { principal: sellerOf(seller) },
      );
    const seen = await send(sam, 'shipped', 'T1');
    expect(seen.lines).toHaveLength(1);
    expect((await market.call('orders.access', { orderId: id })).status).toBe('confirmed');
    await send(mia, 'packed');
    expect((await market.call('orders.access', { orderId: id })).status).toBe('packed');
    expect(await refusal(market.call('orders.cancel', { id }, { principal: who }))).toMatchObject({
      type: 'ORDER_NOT_CANCELLABLE',
    });
    await send(mia, 'shipped', 'T2');
    for (const seller of [sam, mia]) await send(seller, 'delivered');
    const order = await market.call('orders.get', { id }, { principal: who });
    expect(order.status).toBe('delivered');
    expect(order.timeline?.map(({ what, note }) => [what, note])).toContainEqual(['order.shipped', 'Post T1']);
    expect(await refusal(send('acc_stranger', 'packed'))).toMatchObject({ type: 'ORDER_NOT_FOUND' });
  });

  it('lists one’s own orders, and for a seller those with own lines', async () => {
    const sku = await market.sell(500, 50, 'acc_lister');
    const who = aCustomer();
    const ids: string[] = [];
    for (let i = 0; i < 3; i++) ids.unshift((await buy(market, who, { [sku]: 1 })).id);
    await until(
      'the orders are listed',
      async () => (await market.call('orders.list', {}, { principal: who })).items.length === 3,
    );
    const first = await market.call('orders.list', { limit: 2 }, { principal: who });
    const rest = await market.call('orders.list', { limit: 2, cursor: first.next }, { principal: who });
    expect([...first.items, ...rest.items].map(({ id }) => id)).toEqual(ids);
    const sold = await market.call('orders.listAll', {}, { principal: sellerOf('acc_lister') });
    expect(sold.items.map(({ id }) => id)).toEqual(ids);
    const wrong = market.call('orders.list', { cursor: 'bm90aGluZw' }, { principal: who });
    expect(await refusal(wrong)).toMatchObject({ type: 'INVALID_INPUT' });
  });
});

describe('the last unit', () => {
  it('goes to exactly one of fifty buyers', async () => {
    const sku = await market.sell(500, 1);
    const results = await Promise.allSettled(Array.from({ length: 50 }, () => buy(market, aGuest(), { [sku]: 1 })));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    await until('nothing is held', async () => (await level(sku)).reserved === 0);
    expect(await level(sku)).toMatchObject({ onHand: 0, sold: 1, available: 0 });
  });
});
