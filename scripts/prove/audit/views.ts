// What the read models answer equals a fresh replay of the log, row by row.
import { isDeepStrictEqual } from 'node:util';
import { rowOf } from '../../../services/orders/orders.view.ts';
import type { PaymentState } from '../../../services/payments/payment.state.ts';
import { toPayment } from '../../../services/payments/payment.ts';
import type { StockLevel } from '../../../services/stock/stock.contract.ts';
import { type Evidence, type Histories, historiesOf, type Violation } from './evidence.ts';

const asShown = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

/** The last step of each actor, projected. */
function lastOf<Row>(histories: Histories, project: (step: Evidence['messages'][number]) => Row): Map<string, unknown> {
  const rows = new Map<string, unknown>();
  for (const [id, steps] of histories) {
    const last = steps.at(-1);
    if (last) rows.set(id, asShown(project(last)));
  }
  return rows;
}

export function views({ messages, shown }: Evidence, levels: ReadonlyMap<string, StockLevel>): Violation[] {
  const orders = lastOf(historiesOf(messages, 'ORDERS'), rowOf);
  const payments = lastOf(historiesOf(messages, 'PAYMENTS'), ({ id, body }) => toPayment(id, body.state as PaymentState, body.v));
  return [
    ...(shown.orders ? compare('orders', orders, new Map(shown.orders.map((row) => [row.id, row]))) : []),
    ...(shown.payments ? compare('payments', payments, new Map(shown.payments.map((row) => [row.id, row]))) : []),
    ...(shown.levels ?? []).flatMap((level) => difference('stock', level.sku, levels.get(level.sku), level)),
  ];
}

function compare(view: string, expected: ReadonlyMap<string, unknown>, rows: ReadonlyMap<string, unknown>): Violation[] {
  const ids = new Set([...expected.keys(), ...rows.keys()]);
  return [...ids].flatMap((id) => difference(view, id, expected.get(id), rows.get(id)));
}

function difference(view: string, id: string, expected: unknown, row: unknown): Violation[] {
  if (isDeepStrictEqual(expected, row)) return [];
  const detail =
    row === undefined ? 'is not shown' : expected === undefined ? 'is shown and not in the log' : 'differs from a replay';
  return [{ rule: `view ${view} equals a replay`, about: id, detail }];
}
