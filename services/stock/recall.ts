// What the log says of an order that a SKU no longer remembers. Only orders that stalled for long on a SKU that sells very fast
// come here.
import type { Log } from '../../mixins/log/log.ts';
import type { Fate } from './sku.ts';
import type { StockEvent } from './stock.contract.ts';

/** Reads the SKU's steps since the order was placed. */
export async function fateInLog(log: Log, sku: string, orderId: string, since: number): Promise<Fate | 'none'> {
  let fate: Fate | 'none' = 'none';
  for await (const step of log.stepsSince('STOCK', sku, since)) {
    for (const event of step.body.events) fate = after(fate, event as unknown as StockEvent, orderId);
  }
  return fate;
}

/** The order's fate after one more event. */
export function after(fate: Fate | 'none', { type, data }: StockEvent, orderId: string): Fate | 'none' {
  if (!('orderId' in data) || data.orderId !== orderId) return fate;
  if (type === 'stock.committed') return ['sold', data.quantity];
  if (type === 'stock.restocked') return ['restocked', data.quantity];
  if (type === 'stock.released' && data.final) return ['released', data.quantity];
  return fate;
}
