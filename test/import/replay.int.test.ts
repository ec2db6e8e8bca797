// The whole import on a real shop: every order through the real saga, and a second import that finds nothing to do.
import type { LogMessage } from '../../mixins/log/message.ts';
import { nodeOf } from '../../mixins/node.ts';
import { readBooks, soldInvoices } from '../../scripts/import/ledger.ts';
import { compareBooks } from '../../scripts/import/reconcile.ts';
import { replay } from '../../scripts/import/replay.ts';
import { MAX_LINES, type Sales, SalesCollector } from '../../scripts/import/sales.ts';
import { atTime, type Shop, shopOf } from '../../scripts/import/shop.ts';
import { openSource, readSales, type Source } from '../../scripts/import/source.ts';
import { readTruth } from '../../scripts/import/truth.ts';
import type { OrderState } from '../../services/orders/order.ts';
import { startShop, type TestShop } from '../support/shop.ts';

const SERVICES = ['accounts', 'catalog', 'stock', 'carts', 'orders', 'payments'];
const STREAMS = ['ACCOUNTS', 'CATALOG', 'STOCK', 'CARTS', 'ORDERS', 'PAYMENTS', 'LEDGER'];

let running: TestShop;
let shop: Shop;
let source: Source;
let sales: Sales;

beforeAll(async () => {
  running = await startShop({ services: SERVICES });
  shop = shopOf(running.broker);
  source = await openSource('test/import/fixture/sales.csv');
  sales = await readSales(source);
});
afterAll(() => running.stop());

async function importAll(what = sales, signal = new AbortController().signal): Promise<void> {
  const progress = () => ({ advance: () => {}, end: () => {} });
  await replay(shop, what, { window: 4, fingerprint: source.fingerprint, sold: await soldInvoices(shop.log), progress, signal });
}

const differences = async () =>
  compareBooks(await readTruth(source), await readBooks(shop.log, new Set(sales.invoices.map(({ number }) => number))));

const ends = () => Promise.all(STREAMS.map((stream) => shop.log.end(stream)));

async function orderOf(invoice: string): Promise<LogMessage & { state: OrderState }> {
  const last = await nodeOf(running.broker).log.last('ORDERS', `ord_imp_${invoice}`);
  if (!last) throw new Error(`No order of invoice ${invoice}`);
  return { ...last, state: last.body.state as OrderState };
}

describe('an import', () => {
  it('that was stopped before it began has written nothing', async () => {
    const before = await ends();
    await expect(importAll(sales, AbortSignal.abort(new Error('stopped')))).rejects.toThrow('stopped');
    expect((await ends()).slice(1)).toEqual(before.slice(1));
  });

  it('sells every invoice of the file, to the penny', async () => {
    await importAll();
    expect(await differences()).toEqual([]);
  });

  it('repeated appends nothing', async () => {
    const before = await ends();
    await importAll();
    expect(await ends()).toEqual(before);
    expect(await differences()).toEqual([]);
  });

  it('keeps every line of an invoice, with its own price, and the time of the sale', async () => {
    const { state, body } = await orderOf('489434');
    expect(state.lines.map(({ sku, quantity, unitPrice }) => [sku, quantity, unitPrice])).toEqual([
      ['85048', 12, 695],
      ['22041', 48, 210],
      ['22041', 2, 210],
      ['22041', 1, 195],
      ['POST', 1, 1800],
    ]);
    expect([state.status, state.placedAt, state.confirmedAt, body.at]).toEqual([
      'confirmed',
      ...Array(3).fill(Date.UTC(2009, 11, 1, 7, 45)),
    ]);
  });

  it('takes the sold units from stock and leaves nothing on the shelf; charges have no stock', async () => {
    const { levels } = await shop.call('stock.levels', { skus: ['22041', 'POST'] });
    expect(levels).toMatchObject([
      { sku: '22041', received: 52, sold: 52, onHand: 0, reserved: 0 },
      { sku: 'POST', received: 0, sold: 0 },
    ]);
  });

  it('gives a customer an account and a guest none', async () => {
    expect((await orderOf('489434')).state.owner).toEqual({ kind: 'account', id: 'acc_import_13085' });
    expect((await orderOf('489450')).state.owner).toEqual({ kind: 'guest', id: 'gst_imp_489450' });
    const account = await shop.call('accounts.get', { accountId: 'acc_import_13085' });
    expect(account).toMatchObject({ email: 'customer-13085@import.invalid', role: 'customer' });
  });

  it('has captured exactly what each order costs', async () => {
    for (const { token } of sales.invoices) {
      const { state } = await orderOf(token);
      const payment = await shop.log.last('PAYMENTS', `pay_${state.id}`);
      expect(payment?.body.state).toMatchObject({ status: 'captured', amount: state.totals.total, updatedAt: state.placedAt });
    }
  });

  it('takes an invoice with as many lines as an order can hold', async () => {
    const code = 'X'.repeat(60);
    const row = (line: number) => ['LONG', code + (1_000 + line), 'T'.repeat(90), '1', '2010-03-01 10:00:00', '1', null, 'EIRE'];
    const collector = new SalesCollector();
    for (let line = 0; line < MAX_LINES; line++) collector.add(row(line));
    await importAll(collector.finish());
    expect((await orderOf('LONG')).state).toMatchObject({ status: 'confirmed', totals: { total: MAX_LINES * 100 } });
  });

  it('is found missing when an order is cancelled afterwards', async () => {
    await shop.call(
      'orders.cancel',
      { id: 'ord_imp_489454', reason: 'planted' },
      { meta: { ...atTime(1).meta, principal: ADMIN } },
    );
    expect(
      (await differences()).map(({ dimension, key, figure, file, shop: sold }) => [dimension, key, figure, file, sold]),
    ).toContainEqual(['invoice', '489454', 'pence', 210, 0]);
  });
});

const ADMIN = { kind: 'account', id: 'acc_admin', role: 'admin', via: 'ses_test' } as const;
