// The load of (d) and (e): people buy, are declined, pay again and cancel, all the time; each repeats what got no clear answer
// under the same Idempotency-Key. Nothing may be refused, since there is enough of everything.
import type { Bought, Refused, Shopper } from '../drive/shopper.ts';
import { checkoutBody, newKey } from '../drive/shopper.ts';
import { Expectations, PRICE, pause, type Street, type Tally, times, visitors } from '../scenario.ts';

const BUYERS_AT_ONCE = 32;
/** A request whose node died may be taken over after 15 seconds. */
const PATIENCE_MS = 45_000;

export interface Crash {
  /** Load before the crash, and after everything is up again. */
  readonly beforeMs: number;
  readonly afterMs: number;
  crash(): Promise<void>;
}

export async function loadWithCrash(
  street: Street,
  skus: readonly string[],
  { beforeMs, afterMs, crash }: Crash,
): Promise<Tally> {
  const found = new Expectations();
  let open = true;
  const results: (Bought | Refused)[] = [];
  const buyer = async (n: number): Promise<void> => {
    while (open) {
      const [shopper] = visitors(street, 1, PATIENCE_MS);
      if (shopper) results.push(await visit(shopper, skus, results.length + n, found));
    }
  };
  const load = Promise.all(times(BUYERS_AT_ONCE, buyer));
  await pause(beforeMs);
  const before = results.length;
  await crash();
  await pause(afterMs);
  open = false;
  await load;
  found.expect(before > 0 && results.length > before + BUYERS_AT_ONCE, 'load', `${before} before, ${results.length} in all`);
  const confirmed = results.filter(({ status }) => status === 'confirmed').length;
  return { confirmed, refused: results.length - confirmed, broken: found.broken };
}

/** One buyer's visit: two things into the cart, checkout, and for some a declined card or a change of mind. */
async function visit(shopper: Shopper, skus: readonly string[], n: number, found: Expectations): Promise<Bought | Refused> {
  await shopper.arrive();
  const sku = (offset: number): string => skus[(n + offset) % skus.length] as string;
  for (const [one, quantity] of [[sku(0), 1] as const, [sku(1), 2] as const]) {
    const answer = await shopper.add(one, quantity);
    found.expect(answer.status < 300, 'a cart', answer.text);
  }
  const declined = n % 10 === 3;
  const body = {
    ...checkoutBody(declined ? 'pm_card_chargeDeclined' : 'pm_card_visa'),
    expectedTotal: { amount: 3 * PRICE, currency: 'GBP' },
  };
  const placed = await shopper.ask('POST', '/api/cart/checkout', { body, key: newKey('checkout') });
  const told = await shopper.checkedOut(placed);
  if (!('orderId' in told)) {
    found.expect(false, 'a checkout', placed.text);
    return told;
  }
  if (declined) {
    // An answer that could not wait any longer says `placed`; the bank's refusal comes a little later.
    await settledOrder(shopper, told.orderId, found, ['awaiting_payment']);
    const card = { orderId: told.orderId, paymentMethod: 'pm_card_visa' };
    const paid = await shopper.ask('POST', '/api/charges', { body: card, key: newKey('charge') });
    found.expect(paid.status < 300, 'another card', paid.text);
  }
  if (n % 10 !== 7) return settledOrder(shopper, told.orderId, found, ['confirmed']);
  const cancelled = await shopper.cancel(told.orderId);
  found.expect(cancelled.status !== 'refused', 'a cancellation', JSON.stringify(cancelled));
  return settledOrder(shopper, told.orderId, found, ['cancelled']);
}

/** An order that was accepted settles by itself, at the latest when its reaction has found it. */
async function settledOrder(shopper: Shopper, orderId: string, found: Expectations, wanted: readonly string[]): Promise<Bought> {
  let order = await shopper.order(orderId);
  for (const deadline = Date.now() + PATIENCE_MS; !wanted.includes(order.status) && Date.now() < deadline; await pause(250))
    order = await shopper.order(orderId);
  found.expect(wanted.includes(order.status), orderId, `is ${order.status}, should be ${wanted}`);
  return order;
}
