// A small true history of a shop, made by the domains' own rules: what the auditor must find nothing wrong with.
import type { ActorDefinition, DecideContext, Deciders, DomainEvent } from '../../../mixins/actor/definition.ts';
import type { LogMessage } from '../../../mixins/log/message.ts';
import { subjectOf } from '../../../mixins/log/subject.ts';
import { cartActor, cartIdOf } from '../../../services/carts/cart.ts';
import { orderActor } from '../../../services/orders/order.ts';
import { rowOf } from '../../../services/orders/orders.view.ts';
import type { PaymentState } from '../../../services/payments/payment.state.ts';
import { paymentActor, toPayment } from '../../../services/payments/payment.ts';
import type { Intent } from '../../../services/payments/provider.ts';
import type { EffectType } from '../../../services/payments/simulated/intent.ts';
import { levelOf, type SkuState, skuActor } from '../../../services/stock/sku.ts';
import type { Acknowledged, Evidence } from './evidence.ts';

const NOW = 1_700_000_000_000;
const copy = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

/** A log in memory that actors write to as their mailboxes would. */
class Story {
  readonly messages: LogMessage[] = [];
  readonly acknowledged: Acknowledged[] = [];
  readonly #states = new Map<string, { v: number; state: unknown }>();
  #minted = 0;

  /** One command of one actor; it must have an effect. */
  step<S, E extends DomainEvent, D extends Deciders<S, E>>(
    rules: ActorDefinition<S, E, D>,
    id: string,
    command: keyof D & string,
    input: unknown,
  ): S {
    const { v, state } = this.#states.get(`${rules.stream}/${id}`) ?? { v: 0, state: rules.initial(id) };
    const ctx: DecideContext = { now: NOW, by: 'system', version: v, newId: (prefix) => `${prefix}_${++this.#minted}` };
    const events = rules.decide[command]?.(state as S, input, ctx) ?? [];
    if (events.length === 0) throw new Error(`nothing happened to ${id}`);
    const next = events.reduce((before, event) => rules.evolve(before, event), state as S);
    this.#states.set(`${rules.stream}/${id}`, { v: v + 1, state: next });
    const summary = rules.summary ? { summary: rules.summary(next) } : {};
    this.append(rules.stream, id, { v: v + 1, events, state: next, ...summary });
    return next;
  }

  append(stream: string, id: string, body: { v: number; events: readonly unknown[]; state?: unknown; summary?: unknown }): void {
    const whole = { at: NOW, by: 'system', cause: {}, ...body };
    this.messages.push(
      copy({ stream, seq: this.messages.length + 1, subject: subjectOf(stream, id), id, body: whole }) as LogMessage,
    );
  }

  effect(intent: Intent, v: number, type: EffectType): void {
    const { id, orderId, attempt, amount, currency } = intent;
    const data = { intentId: id, orderId, attempt, amount, currency, key: type };
    this.append('LEDGER', id, { v, events: [{ type, data }], state: intent });
  }
}

const SKU = 'MUG';
const UNITS = 2;
const owner = (name: string) => ({ kind: 'guest' as const, id: `gst_${name}` });
const contact = { email: 'a@example.com', name: 'A', address: { line1: '1', city: 'C', postcode: 'P', country: 'GB' } };
const line = {
  key: SKU,
  sku: SKU,
  productId: 'prd_1',
  sellerId: 'acc_s',
  title: 'Mug',
  variant: '',
  quantity: UNITS,
  unitPrice: 1_000,
  tracksStock: true,
};

/** One buyer's way through the shop, step by step. */
class Buyer {
  readonly #story: Story;
  readonly #name: string;
  orderId = '';
  #total = 0;
  #effects = 0;

  constructor(story: Story, name: string) {
    this.#story = story;
    this.#name = name;
  }

  place(): this {
    const me = owner(this.#name);
    const cartId = cartIdOf(me);
    const details = { contact, delivery: 'pickup' as const, paymentMethod: 'pm_card_visa' };
    this.#story.step(cartActor, cartId, 'add', { line, owner: me });
    const cart = this.#story.step(cartActor, cartId, 'checkout', details);
    const { checkout } = cart;
    if (!checkout) throw new Error('not checked out');
    this.orderId = checkout.orderId;
    this.#total = checkout.totals.total;
    const { key: _key, ...orderLine } = line;
    const { contact: _contact, at: _at, ...placed } = checkout;
    this.order('place', { ...placed, cartId, lines: [orderLine], expiresAt: NOW + 900_000 });
    return this;
  }

  stock(command: 'reserve' | 'commit' | 'release' | 'undo' | 'restock'): this {
    const input = { orderId: this.orderId, quantity: UNITS, expiresAt: NOW + 900_000 };
    this.#story.step(skuActor, SKU, command, input);
    return this;
  }

  pay(status: Intent['status'], effect: EffectType, refunds: Intent['refunds'] = {}): this {
    const { orderId } = this;
    const method = { brand: 'visa', last4: '4242' };
    const base = { id: `pi_${orderId}_1`, orderId, attempt: 1, amount: this.#total, currency: 'GBP' as const };
    const decline = status === 'declined' ? { decline: { code: 'generic_decline', message: 'No' } } : {};
    const intent: Intent = { ...base, status, method, refunds, ...decline };
    this.#story.effect(intent, ++this.#effects, effect);
    this.#story.step(paymentActor, `pay_${orderId}`, 'observe', { provider: 'simulated', intent });
    return this;
  }

  closePayment(): this {
    this.#story.step(paymentActor, `pay_${this.orderId}`, 'close', { reason: 'cancelled' });
    return this;
  }

  refund(): this {
    const refunds = { cancel: { amount: this.#total, reason: 'cancelled', status: 'succeeded' as const } };
    return this.pay('captured', 'intent.refunded', refunds);
  }

  order<C extends keyof typeof orderActor.decide>(command: C, input: Parameters<(typeof orderActor.decide)[C]>[1]): this {
    this.#story.step(orderActor, this.orderId, command, input);
    return this;
  }

  cart(outcome: 'bought' | 'reopened'): this {
    const input = { orderId: this.orderId, outcome };
    this.#story.step(cartActor, cartIdOf(owner(this.#name)), 'settle', input);
    return this;
  }

  told(status: Acknowledged['status']): this {
    this.#story.acknowledged.push({ orderId: this.orderId, status, total: this.#total });
    return this;
  }
}

/** Orders of the story: o(1) and o(2) bought, o(3) rejected, o(4) cancelled after payment, o(5) expired, o(6) waiting. */
export const o = (n: number): string => `ord_${n}`;
export { SKU };

/** A history without any violation. */
export function trueStory(): Evidence {
  const story = new Story();
  story.step(skuActor, SKU, 'receive', { quantity: 10, reference: 'first' });
  story.step(skuActor, SKU, 'adjust', { change: -1, reason: 'damaged' });
  for (const name of ['one', 'two']) bought(new Buyer(story, name)).told('confirmed');
  const rejected = new Buyer(story, 'three').place().order('reject', { reason: 'out_of_stock', shortages: [] });
  rejected.cart('reopened').told('rejected');
  const cancelled = bought(new Buyer(story, 'four')).told('confirmed').order('requestCancel', { staff: false });
  cancelled.closePayment().refund().stock('restock').order('cancelled', {});
  new Buyer(story, 'five').place().stock('reserve').stock('undo').order('expire', {}).cart('reopened');
  const waiting = new Buyer(story, 'six').place().stock('reserve').pay('declined', 'intent.declined');
  waiting.order('awaitPayment', { reason: 'declined', attempt: 1 }).told('awaiting_payment');
  return { messages: story.messages, acknowledged: story.acknowledged, shown: shownBy(story.messages) };
}

function bought(buyer: Buyer): Buyer {
  buyer.place().stock('reserve').pay('authorised', 'intent.authorised').stock('commit').pay('captured', 'intent.captured');
  return buyer.order('confirm', { amount: UNITS * line.unitPrice }).cart('bought');
}

/** What views of this log would answer. */
function shownBy(messages: readonly LogMessage[]): Evidence['shown'] {
  const last = (stream: string) => [
    ...new Map(messages.filter((one) => one.stream === stream).map((message) => [message.id, message])).values(),
  ];
  return copy({
    orders: last('ORDERS').map(rowOf),
    payments: last('PAYMENTS').map(({ id, body }) => toPayment(id, body.state as PaymentState, body.v)),
    levels: last('STOCK').map(({ body }) => levelOf(body.state as SkuState)),
  });
}
