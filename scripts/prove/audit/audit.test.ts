// The auditor on trial: it must pass a true history and catch every planted bug.
import type { LogBody, LogMessage } from '../../../mixins/log/message.ts';
import type { OrderStatus } from '../../../services/orders/order.contract.ts';
import { audit } from './audit.ts';
import type { Evidence } from './evidence.ts';
import { o, SKU, trueStory } from './story.testing.ts';

type Draft = { messages: LogMessage[]; acknowledged: { orderId: string; status: OrderStatus; total?: number }[] } & Evidence;

// biome-ignore lint/suspicious/noExplicitAny: a planted bug writes what no type would allow.
type Data = any;

/** The step of an actor that carries an event of this type. */
function stepWith(draft: Draft, id: string, type: string): LogMessage {
  const found = draft.messages.find((one) => one.id === id && one.body.events.some((event) => event.type === type));
  if (!found) throw new Error(`no ${type} of ${id}`);
  return found;
}
const eventOf = (draft: Draft, id: string, type: string): Data =>
  stepWith(draft, id, type).body.events.find((event) => event.type === type)?.data;
const forOrder = (draft: Draft, orderId: string, type: string): Data =>
  draft.messages.flatMap((one) => one.body.events).find(({ type: own, data }: Data) => own === type && data.orderId === orderId);

function remove(draft: Draft, unwanted: (message: LogMessage) => boolean): void {
  draft.messages.splice(0, draft.messages.length, ...draft.messages.filter((message) => !unwanted(message)));
}
/** Appends a further step to an actor, as a bug would: well-formed, with the next version. */
function append(draft: Draft, stream: string, id: string, events: Data[], more: Partial<LogBody> = {}): void {
  const steps = draft.messages.filter((one) => one.stream === stream && one.id === id);
  const { state, summary } = steps.at(-1)?.body ?? {};
  const carried = { ...(state ? { state } : {}), ...(summary ? { summary } : {}) };
  const body = { v: steps.length + 1, at: 1, by: 'bug', cause: {}, ...carried, events, ...more };
  draft.messages.push({ stream, seq: draft.messages.length + 1, subject: '', id, body });
}
const pay = (n: number): string => `pay_${o(n)}`;
const intent = (n: number): string => `pi_${o(n)}_1`;

interface Planted {
  readonly bug: string;
  readonly rule: string;
  readonly plant: (draft: Draft) => void;
}

const PLANTED: readonly Planted[] = [
  {
    bug: 'more is sold than ever came in',
    rule: 'never oversold',
    plant: (draft) => {
      eventOf(draft, SKU, 'stock.received').quantity = 3;
    },
  },
  {
    bug: 'the figures of a SKU do not follow from its movements',
    rule: 'stock conservation',
    plant: (draft) => {
      const last = draft.messages.findLast((one) => one.stream === 'STOCK') as Data;
      last.body.summary.onHand += 1;
    },
  },
  {
    bug: 'a sale of nobody’s hold',
    rule: 'holds',
    plant: (draft) =>
      append(draft, 'STOCK', SKU, [{ type: 'stock.committed', data: { sku: SKU, orderId: o(1), quantity: 2, at: 1 } }]),
  },
  {
    bug: 'an order’s units committed twice',
    rule: 'units of an order',
    plant: (draft) => {
      const data = { sku: SKU, orderId: o(1), quantity: 2, expiresAt: 1, at: 1 };
      append(draft, 'STOCK', SKU, [
        { type: 'stock.reserved', data },
        { type: 'stock.committed', data },
      ]);
    },
  },
  {
    bug: 'a confirmed order whose units were never committed',
    rule: 'units of an order',
    plant: (draft) => {
      const event = forOrder(draft, o(1), 'stock.committed');
      event.type = 'stock.released';
    },
  },
  {
    bug: 'stock not returned after a cancellation',
    rule: 'units of an order',
    plant: (draft) => remove(draft, ({ body }) => body.events.some(({ type }) => type === 'stock.restocked')),
  },
  {
    bug: 'a hold left behind by an expired order',
    rule: 'units of an order',
    plant: (draft) =>
      remove(draft, ({ body }) => body.events.some(({ type, data }: Data) => type === 'stock.released' && data.orderId === o(5))),
  },
  {
    bug: 'a payment captured twice in our records',
    rule: 'money of an order',
    plant: (draft) =>
      append(draft, 'PAYMENTS', pay(1), [{ type: 'payment.captured', data: eventOf(draft, pay(1), 'payment.captured') }]),
  },
  {
    bug: 'a customer charged twice by the provider',
    rule: 'money of an order',
    plant: (draft) => {
      const data = { ...eventOf(draft, intent(1), 'intent.captured'), intentId: `pi_${o(1)}_2` };
      append(draft, 'LEDGER', `pi_${o(1)}_2`, [{ type: 'intent.captured', data }]);
    },
  },
  {
    bug: 'another amount charged than ordered',
    rule: 'money of an order',
    plant: (draft) => {
      eventOf(draft, intent(1), 'intent.captured').amount = 1_999;
      eventOf(draft, pay(1), 'payment.captured').amount = 1_999;
    },
  },
  {
    bug: 'a charge at the provider of which we have no payment record',
    rule: 'money of an order',
    plant: (draft) => remove(draft, ({ id }) => id === pay(1)),
  },
  {
    bug: 'money captured without any order',
    rule: 'money of an order',
    plant: (draft) => remove(draft, ({ stream, id }) => stream === 'ORDERS' && id === o(1)),
  },
  {
    bug: 'money kept of a cancelled order',
    rule: 'money of an order',
    plant: (draft) =>
      remove(draft, ({ body }) => body.events.some(({ type }) => type === 'intent.refunded' || type === 'payment.refunded')),
  },
  {
    bug: 'a confirmed order that nobody paid for',
    rule: 'money of an order',
    plant: (draft) => remove(draft, ({ id }) => id === pay(1) || id === intent(1)),
  },
  {
    bug: 'an acknowledged order that is lost',
    rule: 'acknowledged means kept',
    plant: (draft) => remove(draft, ({ id }) => id === o(2)),
  },
  {
    bug: 'an order that never was what its customer was told',
    rule: 'acknowledged means kept',
    plant: (draft) => draft.acknowledged.push({ orderId: o(3), status: 'confirmed' }),
  },
  {
    bug: 'another total than the customer was told',
    rule: 'acknowledged means kept',
    plant: (draft) => draft.acknowledged.push({ orderId: o(1), status: 'confirmed', total: 1 }),
  },
  {
    bug: 'a gap in the versions of an order',
    rule: 'versions without gaps',
    plant: (draft) => remove(draft, ({ id, body }) => id === o(4) && body.v === 3),
  },
  {
    bug: 'two steps with one version',
    rule: 'versions without gaps',
    plant: (draft) => {
      const twin = stepWith(draft, o(1), 'order.confirmed');
      draft.messages.push({ ...twin, seq: draft.messages.length + 1 });
    },
  },
  {
    bug: 'a state that its events do not lead to',
    rule: 'state follows from events',
    plant: (draft) => {
      (stepWith(draft, o(1), 'order.confirmed').body as Data).state.status = 'shipped';
    },
  },
  {
    bug: 'a rejected order that is confirmed after all',
    rule: 'legal order steps',
    plant: (draft) =>
      append(draft, 'ORDERS', o(3), [
        { type: 'order.confirmed', data: { orderId: o(3), amount: 2_000, currency: 'GBP', at: 1 } },
      ]),
  },
  {
    bug: 'an order that stays half done',
    rule: 'every order settles',
    plant: (draft) => remove(draft, ({ id, body }) => id === o(1) && body.v > 1),
  },
  {
    bug: 'a cart that was checked out for an order that does not exist',
    rule: 'one order per checkout',
    plant: (draft) => remove(draft, ({ id }) => id === o(6)),
  },
  {
    bug: 'a cart that stays frozen after its order came to nothing',
    rule: 'one order per checkout',
    plant: (draft) => remove(draft, ({ body }) => body.events.some(({ type }) => type === 'cart.reopened')),
  },
  {
    bug: 'an order that no cart was checked out for',
    rule: 'one order per checkout',
    plant: (draft) =>
      remove(draft, ({ stream, body }) => stream === 'CARTS' && body.events.some(({ data }: Data) => data.orderId === o(1))),
  },
  {
    bug: 'an order list that differs from the log',
    rule: 'view orders equals a replay',
    plant: (draft) => {
      (draft.shown.orders?.[0] as Data).status = 'placed';
    },
  },
  {
    bug: 'a payment that is not shown',
    rule: 'view payments equals a replay',
    plant: (draft) => void (draft.shown.payments as Data[]).pop(),
  },
  {
    bug: 'an availability that is not what the log says',
    rule: 'view stock equals a replay',
    plant: (draft) => {
      (draft.shown.levels?.[0] as Data).available += 1;
    },
  },
];

const rulesBroken = (evidence: Evidence): string[] => [...new Set(audit(evidence).map(({ rule }) => rule))];

describe('the auditor', () => {
  it('finds nothing wrong with a true history', () => {
    expect(audit(trueStory())).toEqual([]);
  });

  it.each(PLANTED.map((planted) => [planted.bug, planted] as const))('catches %s', (_bug, { rule, plant }) => {
    const draft = structuredClone(trueStory()) as Draft;
    plant(draft);
    expect(rulesBroken(draft)).toContain(rule);
  });
});
