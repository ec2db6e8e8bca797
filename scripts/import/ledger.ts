// What the shop has sold according to its own log: the last message of every imported order. Not a view, not an answer
// of a service: the truth from which all of those are made.
import { DeliverPolicy } from 'nats';
import type { Log } from '../../mixins/log/log.ts';
import { decodeMessage, type LogMessage } from '../../mixins/log/message.ts';
import type { OrderState } from '../../services/orders/order.ts';
import { customerOf, decodeCode, invoiceOf } from './codes.ts';
import { type Books, emptyBooks, enter } from './reconcile.ts';

const STREAM = 'ORDERS';
const PREFETCH = 256;
/** Statuses of an order whose money and goods have changed hands. */
export const SOLD: readonly string[] = ['confirmed', 'packed', 'shipped', 'delivered'];

/** Invoices that are sold already: a repeated import leaves them alone. */
export async function soldInvoices(log: Log): Promise<Set<string>> {
  const sold = new Set<string>();
  await eachSale(log, (invoice) => sold.add(invoice));
  return sold;
}

/** The shop's books over these invoices; orders of shoppers and of other files are left out. */
export async function readBooks(log: Log, invoices: ReadonlySet<string>): Promise<Books> {
  const books = emptyBooks();
  await eachSale(log, (invoice, { owner, placedAt, lines }) => {
    if (!invoices.has(invoice)) return;
    const customer = owner?.kind === 'account' ? customerOf(owner.id) : '';
    const sold = lines.map(({ sku, quantity, unitPrice }) => ({ code: decodeCode(sku), quantity, pence: unitPrice }));
    enter(books, { invoice, at: placedAt, customer, lines: sold });
  });
  return books;
}

async function eachSale(log: Log, visit: (invoice: string, order: OrderState) => void): Promise<void> {
  for await (const { id, body } of lastMessages(log)) {
    const invoice = invoiceOf(id);
    const order = body.state as OrderState | undefined;
    if (invoice !== undefined && order !== undefined && SOLD.includes(order.status)) visit(invoice, order);
  }
}

async function* lastMessages(log: Log): AsyncGenerator<LogMessage> {
  for (const stream of log.partitionsOf(STREAM)) {
    const consumer = await log.js.consumers.get(stream, { deliver_policy: DeliverPolicy.LastPerSubject });
    if ((await consumer.info()).num_pending === 0) continue;
    for await (const raw of await consumer.consume({ max_messages: PREFETCH })) {
      yield decodeMessage(stream, raw.seq, raw.subject, raw.data);
      if (raw.info.pending === 0) break;
    }
  }
}
