// (f) The payment provider's webhooks come several times, late and out of order, and then not at all.
import type { Payment } from '../../../services/payments/payments.schema.contract.ts';
import type { Bought, Shopper } from '../drive/shopper.ts';
import { Expectations, inParallel, pause, type Scenario, type Stage, times, visitors } from '../scenario.ts';

const SKU = 'PROVE-HOOKS';
const SETTLED_MS = 45_000;
const CHALLENGE = 'pm_card_threeDSecure2Required';

/** A way to pay, how the cardholder answers the bank, and how the order must end. */
interface Way {
  readonly method: string;
  readonly answer?: 'succeed' | 'fail';
  /** The customer comes back from the bank and the shop asks there. */
  readonly returns?: boolean;
  readonly ends: 'confirmed' | 'cancelled';
}

const WAYS: readonly Way[] = [
  { method: 'pm_card_visa', ends: 'confirmed' },
  { method: CHALLENGE, answer: 'succeed', ends: 'confirmed' },
  { method: CHALLENGE, answer: 'succeed', returns: true, ends: 'confirmed' },
  { method: CHALLENGE, answer: 'fail', ends: 'cancelled' },
  { method: 'pm_card_lateWebhook', ends: 'confirmed' },
  { method: 'pm_card_lateWebhookDeclined', ends: 'cancelled' },
];

export const webhooks: Scenario = {
  key: 'f',
  title: 'duplicated, late and lost payment webhooks',
  limitMs: 90_000,
  stock: { [SKU]: 10_000 },
  async run(stage) {
    const found = new Expectations();
    await stage.staff.faults({ duplicateWebhooks: 3, delayMs: 1_500, echo: true });
    const troubled = await buyEveryWay(stage, 10, found);
    await stage.staff.faults({ loseEvery: 1 });
    const silent = await buyEveryWay(stage, 5, found);
    await stage.staff.faults({});
    const ended = [...troubled, ...silent];
    const confirmed = ended.filter(({ status }) => status === 'confirmed').length;
    return { confirmed, refused: ended.length - confirmed, broken: found.broken };
  },
};

function buyEveryWay(stage: Stage, each: number, found: Expectations): Promise<Bought[]> {
  const ways = times(each, () => WAYS).flat();
  const buyers = visitors(stage, ways.length, 10_000);
  return inParallel(buyers, 64, (buyer, n) => buy(buyer, ways[n] as Way, found));
}

async function buy(buyer: Shopper, way: Way, found: Expectations): Promise<Bought> {
  const placed = await buyer.buy([[SKU, 1]], way.method);
  if (!('orderId' in placed)) throw new Error(`${way.method}: ${placed.code}`);
  const { orderId } = placed;
  const payment = `/api/payments/pay_${orderId}`;
  if (way.answer) {
    found.equal(`${way.method} at first`, placed.status, 'awaiting_payment');
    const answered = await buyer.ask('POST', `${payment}/challenge`, { body: { outcome: way.answer } });
    found.expect(answered.status < 300, `${way.method} answered`, answered.text);
  }
  if (way.returns) await buyer.ask('POST', `${payment}/confirm`, {});
  if (way.ends === 'cancelled') await declinedFirst(buyer, orderId);
  const ended = await until(buyer, orderId, ({ status }) => status === way.ends);
  found.equal(`${way.method} ${way.answer ?? ''} ends`, ended.status, way.ends);
  return ended;
}

/** Waits for the bank's refusal, then the customer gives up. */
async function declinedFirst(buyer: Shopper, orderId: string): Promise<void> {
  for (const deadline = Date.now() + SETTLED_MS; Date.now() < deadline; await pause(250)) {
    const { body } = await buyer.ask('GET', `/api/payments/order/${orderId}`, {});
    if ((body as Payment).status === 'declined') break;
  }
  await buyer.cancel(orderId);
}

async function until(buyer: Shopper, orderId: string, reached: (order: Bought) => boolean): Promise<Bought> {
  for (const deadline = Date.now() + SETTLED_MS; ; await pause(250)) {
    const order = await buyer.order(orderId);
    if (reached(order) || Date.now() > deadline) return order;
  }
}
