// Every actor's versions count from 1 without gaps, and its carried states are what its events lead to.
import { isDeepStrictEqual } from 'node:util';
import type { LogMessage } from '../../../mixins/log/message.ts';
import { cartActor } from '../../../services/carts/cart.ts';
import { orderActor } from '../../../services/orders/order.ts';
import { paymentActor } from '../../../services/payments/payment.ts';
import { skuActor } from '../../../services/stock/sku.ts';
import { type Histories, historiesOf, type Violation } from './evidence.ts';

interface Rules<S, E> {
  initial(id: string): S;
  evolve(state: S, event: E): S;
  summary?(state: S): object;
}

/** As it comes back from the log: without undefined fields. */
const asLogged = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

export function auditVersions(messages: readonly LogMessage[]): Violation[] {
  const of = (stream: string): Histories => historiesOf(messages, stream);
  return [
    ...['STOCK', 'CARTS', 'ORDERS', 'PAYMENTS', 'LEDGER'].flatMap((stream) => gaps(of(stream))),
    ...replayed(of('STOCK'), skuActor),
    ...replayed(of('CARTS'), cartActor),
    ...replayed(of('ORDERS'), orderActor),
    ...replayed(of('PAYMENTS'), paymentActor),
  ];
}

function gaps(histories: Histories): Violation[] {
  const found: Violation[] = [];
  for (const [id, steps] of histories) {
    const at = steps.findIndex((step, index) => step.body.v !== index + 1);
    if (at >= 0)
      found.push({ rule: 'versions without gaps', about: id, detail: `step ${at + 1} has version ${steps[at]?.body.v}` });
  }
  return found;
}

function replayed<S, E>(histories: Histories, rules: Rules<S, E>): Violation[] {
  const found: Violation[] = [];
  for (const [id, steps] of histories) {
    const wrong = firstDifference(id, steps, rules);
    if (wrong) found.push({ rule: 'state follows from events', about: id, detail: wrong });
  }
  return found;
}

function firstDifference<S, E>(id: string, steps: readonly LogMessage[], rules: Rules<S, E>): string | undefined {
  let state = rules.initial(id);
  for (const { body } of steps) {
    for (const event of body.events) state = rules.evolve(state, event as unknown as E);
    if (body.state !== undefined && !isDeepStrictEqual(asLogged(state), body.state))
      return `the state of version ${body.v} is not what its events lead to`;
    if (body.summary !== undefined && !isDeepStrictEqual(asLogged(rules.summary?.(state)), body.summary))
      return `the summary of version ${body.v} is not what its events lead to`;
  }
  return undefined;
}
