// The auditor: reads what happened and reports every promise that was broken. Pure, so that it can be put to the test with planted bugs.
import { carts } from './carts.ts';
import { type Evidence, historiesOf, type Violation } from './evidence.ts';
import { ledgerBooks, recordBooks } from './money-books.ts';
import { orderLives } from './order-steps.ts';
import { acknowledged, money, settled, units } from './rules.ts';
import { stockBooks } from './stock-books.ts';
import { auditVersions } from './versions.ts';
import { views } from './views.ts';

/** Every violation in the evidence; none means that all promises were kept. */
export function audit(evidence: Evidence): Violation[] {
  const of = (stream: string) => historiesOf(evidence.messages, stream);
  const stock = stockBooks(of('STOCK'));
  const { orders, violations } = orderLives(of('ORDERS'));
  return [
    ...auditVersions(evidence.messages),
    ...stock.violations,
    ...violations,
    ...settled(orders),
    ...units(orders, stock),
    ...money(orders, recordBooks(of('PAYMENTS')), ledgerBooks(of('LEDGER'))),
    ...carts(of('CARTS'), orders),
    ...acknowledged(orders, evidence.acknowledged),
    ...views(evidence, stock.levels),
  ];
}
