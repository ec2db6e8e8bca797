// The purchase as a conversation: what the saga asks of stock, payments and carts, in which order, and what it does with the answers.
import { FakeActors } from '../../test/support/fake-actors.ts';
import { orderActor } from './order.ts';
import { drive, type Saga, unitsBySku } from './orders.saga.ts';

type Answer = object | Error;
const ORDER = 'ord_1';
const refusal = (type: string, data: object = {}): Error => Object.assign(new Error(type), { type, code: 409, data });
const payment = (status: string, more: object = {}) => ({ status, closed: false, ...more });

/** Answers each action with its next scripted answer, and from then on with the last one. */
class Conversation {
  readonly orders = new FakeActors(orderActor);
  readonly asked: string[] = [];
  readonly #answers = new Map<string, Answer[]>([
    ['stock.reserve', [{}]],
    ['stock.commit', [{}]],
    ['stock.undo', [{}]],
    ['stock.restock', [{}]],
    ['payments.state', [{}]],
    ['payments.authorise', [payment('authorised')]],
    ['payments.capture', [payment('captured')]],
    ['payments.cancel', [payment('voided', { closed: true })]],
    ['carts.settle', [{ status: 'open' }]],
  ]);

  readonly saga: Saga = {
    orders: this.orders as unknown as Saga['orders'],
    now: () => this.orders.now,
    call: (async (action: string, params: Record<string, unknown>) => {
      const { sku, quantity, outcome, attempt, method } = params;
      this.asked.push([action, sku, quantity, outcome, method, attempt].filter((part) => part !== undefined).join(' '));
      const answers = this.#answers.get(action) ?? [];
      const answer = answers.length > 1 ? answers.shift() : answers[0];
      if (answer instanceof Error) throw answer;
      return answer;
    }) as Saga['call'],
  };

  answers(action: string, ...answers: Answer[]): this {
    this.#answers.set(action, answers);
    return this;
  }

  async place(
    lines: { sku: string; quantity: number; tracksStock?: boolean }[] = [{ sku: 'MUG', quantity: 2 }],
    total = 1_000,
  ): Promise<this> {
    const common = { productId: 'prd_1', sellerId: 'acc_1', title: 'T', variant: '', unitPrice: 500 };
    await this.orders.send(ORDER, 'place', {
      orderId: ORDER,
      cartId: 'crt_gst_1',
      owner: { kind: 'guest', id: 'gst_1' },
      lines: lines.map((line) => ({ ...common, tracksStock: true, ...line })),
      totals: { items: total, delivery: 0, total, currency: 'GBP' },
      delivery: 'pickup',
      country: 'GB',
      paymentMethod: 'pm_card_visa',
      expiresAt: this.orders.now + 900_000,
    });
    return this;
  }

  /** Drives it; returns how it stands and what was asked since the last drive. */
  async drive(): Promise<{ status: string; asked: string[] }> {
    this.asked.length = 0;
    const { status } = await drive(this.saga, ORDER, { meta: {} });
    return { status, asked: [...this.asked] };
  }

  async choose(method: string): Promise<void> {
    await this.orders.send(ORDER, 'choosePayment', { method });
  }

  async cancel(): Promise<void> {
    await this.orders.send(ORDER, 'requestCancel', { staff: false });
  }
}

const started = (...lines: { sku: string; quantity: number; tracksStock?: boolean }[]) =>
  new Conversation().place(lines.length > 0 ? lines : undefined);
const PURCHASE = ['stock.reserve MUG 2', 'payments.authorise pm_card_visa 1', 'stock.commit MUG', 'payments.capture'];

describe('a purchase', () => {
  it('holds, authorises, sells, captures: money is taken only when the goods are sold', async () => {
    expect(await (await started()).drive()).toEqual({ status: 'confirmed', asked: PURCHASE });
  });

  it('of several lines asks once per SKU with all its units, and not for what has no stock', async () => {
    const talk = await started(
      { sku: 'MUG', quantity: 2 },
      { sku: 'CUP', quantity: 1 },
      { sku: 'MUG', quantity: 3 },
      { sku: 'POST', quantity: 1, tracksStock: false },
    );
    const { asked } = await talk.drive();
    expect(asked.filter((one) => one.startsWith('stock.reserve'))).toEqual(['stock.reserve MUG 5', 'stock.reserve CUP 1']);
    expect(asked.filter((one) => one.startsWith('stock.commit'))).toEqual(['stock.commit MUG', 'stock.commit CUP']);
  });

  it('that costs nothing asks for no payment', async () => {
    const talk = await new Conversation().place(undefined, 0);
    expect(await talk.drive()).toEqual({ status: 'confirmed', asked: ['stock.reserve MUG 2', 'stock.commit MUG'] });
  });

  it('that is confirmed asks nothing more, however often it is driven', async () => {
    const talk = await started();
    await talk.drive();
    expect(await talk.drive()).toEqual({ status: 'confirmed', asked: [] });
  });

  it('of an order that nobody placed does nothing', async () => {
    expect((await new Conversation().drive()).asked).toEqual([]);
  });
});

describe('a short line', () => {
  it('ends the order without a payment, gives the other lines back and opens the cart', async () => {
    const talk = await started({ sku: 'MUG', quantity: 2 }, { sku: 'CUP', quantity: 4 });
    talk.answers('stock.reserve', {}, refusal('OUT_OF_STOCK', { available: 3 }));
    const { status, asked } = await talk.drive();
    expect(status).toBe('rejected');
    expect(asked.filter((one) => !one.startsWith('stock.reserve'))).toEqual([
      'payments.state',
      'payments.state',
      'stock.undo MUG',
      'stock.undo CUP',
      'carts.settle reopened',
    ]);
    expect((await talk.orders.read(ORDER)).state.shortages).toEqual([{ sku: 'CUP', requested: 4, available: 3 }]);
  });

  it('found when a hold had run out between payment and sale: the payment is closed first', async () => {
    const talk = await started();
    talk
      .answers('stock.reserve', {}, refusal('OUT_OF_STOCK', { available: 0 }))
      .answers('stock.commit', refusal('RESERVATION_GONE'));
    talk.answers('payments.state', { payment: payment('authorised') }, { payment: payment('voided', { closed: true }) });
    const { status, asked } = await talk.drive();
    expect(status).toBe('rejected');
    expect(asked.indexOf('payments.cancel')).toBeLessThan(asked.indexOf('stock.undo MUG'));
    expect(asked).not.toContain('payments.capture');
  });

  it('trouble that is not a refusal is thrown, and the next drive goes on', async () => {
    const talk = await started();
    talk.answers('stock.commit', refusal('TIMED_OUT'), {});
    await expect(talk.drive()).rejects.toThrow('TIMED_OUT');
    expect(await talk.drive()).toEqual({ status: 'confirmed', asked: PURCHASE });
  });
});

describe('a payment that does not come at once', () => {
  it('declined: the order waits with the reason and keeps its hold', async () => {
    const talk = await started();
    talk.answers('payments.authorise', payment('declined', { decline: { code: 'insufficient_funds', message: 'No funds' } }));
    talk.answers('payments.state', {
      payment: payment('declined', { decline: { code: 'insufficient_funds', message: 'No funds' } }),
    });
    const { status, asked } = await talk.drive();
    expect(status).toBe('awaiting_payment');
    expect(asked.some((one) => one.startsWith('stock.undo') || one === 'payments.cancel')).toBe(false);
    expect((await talk.orders.read(ORDER)).state.waiting).toEqual({
      reason: 'declined',
      code: 'insufficient_funds',
      message: 'No funds',
    });
    expect((await talk.drive()).asked).toEqual(['payments.state']);
  });

  it('declined, then another card: the next attempt uses it', async () => {
    const talk = await started();
    talk
      .answers('payments.authorise', payment('declined'), payment('authorised'))
      .answers('payments.state', { payment: payment('declined') });
    await talk.drive();
    await talk.choose('pm_card_mastercard');
    const { status, asked } = await talk.drive();
    expect(status).toBe('confirmed');
    expect(asked).toContain('payments.authorise pm_card_mastercard 2');
  });

  it('3-D Secure: waits for the cardholder, and goes on when it was answered', async () => {
    const talk = await started();
    const waiting = payment('requires_action', { action: { url: 'https://bank.example/1' } });
    talk.answers('payments.authorise', waiting, payment('authorised')).answers('payments.state', { payment: waiting });
    expect((await talk.drive()).status).toBe('awaiting_payment');
    expect((await talk.orders.read(ORDER)).state.waiting).toEqual({
      reason: 'action_required',
      action: { url: 'https://bank.example/1' },
    });
    talk.answers('payments.state', { payment: payment('authorised') });
    expect((await talk.drive()).status).toBe('confirmed');
  });
});

describe('time', () => {
  async function late(status: string | undefined): Promise<Conversation> {
    const talk = await started();
    talk.answers('payments.authorise', payment('pending')).answers('payments.state', { payment: payment('pending') });
    await talk.drive();
    talk.orders.now += 1_000_000;
    if (status) talk.answers('payments.authorise', payment(status)).answers('payments.state', { payment: payment(status) });
    return talk;
  }

  it('runs out before the payment: the payment is closed, then the goods go back, then the cart opens', async () => {
    const { status, asked } = await (await late(undefined)).drive();
    expect(status).toBe('expired');
    const order = ['payments.cancel', 'stock.undo MUG', 'carts.settle reopened'].map((one) => asked.indexOf(one));
    expect(order).toEqual(order.toSorted((a, b) => a - b));
    expect(order).not.toContain(-1);
  });

  it('paid after it ran out: the goods are held again and sold', async () => {
    const { status, asked } = await (await late('authorised')).drive();
    expect(status).toBe('confirmed');
    expect(asked[1]).toBe('stock.reserve MUG 2');
  });

  it('paid after it ran out and the goods are gone: the money goes back', async () => {
    const talk = await late('captured');
    talk.answers('stock.reserve', refusal('OUT_OF_STOCK', { available: 0 }));
    const { status, asked } = await talk.drive();
    expect(status).toBe('rejected');
    expect(asked).toContain('payments.cancel');
  });

  it('money that arrives for an expired order goes back at the next drive; once returned, nothing more is asked of it', async () => {
    const talk = await late(undefined);
    await talk.drive();
    talk.answers('payments.state', { payment: payment('captured', { closed: true }) });
    expect((await talk.drive()).asked).toContain('payments.cancel');
    talk.answers('payments.state', { payment: payment('refunded', { closed: true }) });
    expect((await talk.drive()).asked).not.toContain('payments.cancel');
  });
});

describe('a cancellation', () => {
  it('of a confirmed order gives the money back, then puts the goods back', async () => {
    const talk = await started();
    await talk.drive();
    await talk.cancel();
    const { status, asked } = await talk.drive();
    expect(status).toBe('cancelled');
    expect(asked.slice(0, 2)).toEqual(['payments.cancel', 'stock.restock MUG 2']);
    expect(asked.some((one) => one.startsWith('stock.undo'))).toBe(false);
  });

  it('of an unpaid order undoes its hold', async () => {
    const talk = await started();
    talk.answers('payments.authorise', payment('pending')).answers('payments.state', { payment: payment('pending') });
    await talk.drive();
    await talk.cancel();
    const { status, asked } = await talk.drive();
    expect(status).toBe('cancelled');
    expect(asked.slice(0, 2)).toEqual(['payments.cancel', 'stock.undo MUG']);
  });
});

test('units are summed per SKU', () => {
  const line = { productId: 'p', sellerId: 's', title: '', variant: '', unitPrice: 1, tracksStock: true };
  expect([
    ...unitsBySku([
      { ...line, sku: 'A', quantity: 1 },
      { ...line, sku: 'A', quantity: 2 },
    ]),
  ]).toEqual([['A', 3]]);
});
