// Replays a file's sales in the shop: accounts, products, deliveries, then every invoice in the order of time through cart,
// checkout, stock, payment and the order's saga. Every id is derived from the file, so whatever is there already stays.

import { CURRENCY } from '../../mixins/money.ts';
import type { CartLine, Owner, Totals } from '../../services/carts/cart.contract.ts';
import { accountIdOf, cartIdOf, emailOf, guestIdOf, orderIdOf } from './codes.ts';
import { countryCode } from './countries.ts';
import { importErrors } from './import.errors.ts';
import { SOLD } from './ledger.ts';
import { inWindow, piecesOf } from './parallel.ts';
import { productInputs } from './products.ts';
import type { Progress } from './progress.ts';
import { type Invoice, type Product, type Sales, titleOf } from './sales.ts';
import { atTime, type Shop } from './shop.ts';

const SELLER = 'acc_imp_seller';
const PRODUCTS_PER_CALL = 100;
/** A method of the simulated provider that always pays. */
const CARD = 'pm_card_visa';
/** The most that one delivery brings. */
const DELIVERY_MAX = 1_000_000;
/** Orders tried for one invoice: a killed import may leave one behind whose hold ran out. */
const MAX_ATTEMPTS = 5;

export interface ReplayOptions {
  /** Invoices in flight. */
  readonly window: number;
  /** Tells deliveries of this file from those of another. */
  readonly fingerprint: string;
  readonly progress: (label: string, total: number, done?: number) => Progress;
  /** Invoices that are sold already. */
  readonly sold: ReadonlySet<string>;
  /** Aborted: nothing new is begun. */
  readonly signal: AbortSignal;
}

/** Brings everything into the shop. Throws the first failure; running it again goes on where it stopped. */
export async function replay(shop: Shop, sales: Sales, options: ReplayOptions): Promise<void> {
  await ensureAccounts(shop, sales, options);
  const ids = await createProducts(shop, sales.products, options);
  await receiveStock(shop, sales.products, options);
  await sellInvoices(shop, sales.invoices, ids, options);
}

async function ensureAccounts(shop: Shop, { customers, invoices }: Sales, options: ReplayOptions): Promise<void> {
  const bar = options.progress('accounts', customers.length + 1);
  const seller = { id: SELLER, email: 'seller@import.invalid', name: 'Online Retail', role: 'seller' } as const;
  await shop.call('accounts.ensure', seller, atTime(invoices[0]?.at ?? 0));
  bar.advance();
  await inWindow(customers, options, async ({ id, token, since }) => {
    const account = { id: accountIdOf(token), email: emailOf(token), name: `Customer ${id}`, role: 'customer' } as const;
    await shop.call('accounts.ensure', account, atTime(since));
    bar.advance();
  });
  bar.end();
}

/** Product ids by SKU. */
async function createProducts(
  shop: Shop,
  products: readonly Product[],
  { progress, signal }: ReplayOptions,
): Promise<Map<string, string>> {
  const bar = progress('products', products.length);
  const ids = new Map<string, string>();
  let done = 0;
  for (const piece of piecesOf(productInputs(products), PRODUCTS_PER_CALL)) {
    signal.throwIfAborted();
    // Sorted by their first sale: a piece comes into the catalogue when the first of its products is sold.
    const since = products[done]?.firstSold ?? 0;
    const report = await shop.call('catalog.upsert', { sellerId: SELLER, products: [...piece] }, atTime(since));
    const [refused] = report.refused;
    if (refused)
      throw importErrors('SHOP_REFUSED', `The catalogue refuses ${piece[refused.row - 1]?.title}: ${refused.reason}`, refused);
    for (const [index, { variants }] of piece.entries()) ids.set(variants[0]?.sku ?? '', report.ids[index] ?? '');
    done += piece.length;
    bar.advance(piece.length);
  }
  bar.end();
  return ids;
}

async function receiveStock(shop: Shop, products: readonly Product[], options: ReplayOptions): Promise<void> {
  const stocked = products.filter((product) => !product.charge);
  const bar = options.progress('deliveries', stocked.length);
  await inWindow(stocked, options, async ({ sku, units, firstSold }) => {
    for (let part = 0, left = units; left > 0; part++, left -= DELIVERY_MAX) {
      const reference = `imp_${options.fingerprint.slice(0, 32)}_${part}`;
      await shop.call('stock.receive', { sku, quantity: Math.min(left, DELIVERY_MAX), reference }, atTime(firstSold));
    }
    bar.advance();
  });
  bar.end();
}

async function sellInvoices(
  shop: Shop,
  invoices: readonly Invoice[],
  ids: Map<string, string>,
  options: ReplayOptions,
): Promise<void> {
  const open = invoices.filter(({ number }) => !options.sold.has(number));
  const bar = options.progress('orders', invoices.length, invoices.length - open.length);
  const lineOf = lineMaker(ids);
  await inWindow(open, options, async (invoice) => {
    await sell(shop, invoice, invoice.lines.map(lineOf));
    bar.advance();
  });
  bar.end();
}

async function sell(shop: Shop, invoice: Invoice, lines: CartLine[]): Promise<void> {
  const { token, customer, number } = invoice;
  const origin = atTime(invoice.at);
  const cartId = cartIdOf(token);
  const owner: Owner = customer ? { kind: 'account', id: accountIdOf(customer.token) } : { kind: 'guest', id: guestIdOf(token) };
  const checkout = {
    cartId,
    contact: contactOf(invoice),
    totals: totalsOf(lines),
    delivery: 'none',
    paymentMethod: CARD,
  } as const;
  await shop.call('carts.fill', { cartId, owner, lines }, origin);
  let status = '';
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    const orderId = orderIdOf(token, attempt);
    ({ status } = await shop.call('carts.order', { ...checkout, orderId }, origin));
    if (isOpen(status)) status = (await shop.call('orders.reconcile', { orderId }, origin)).status ?? '';
    if (SOLD.includes(status)) return;
    if (status !== 'expired') break;
  }
  throw importErrors('SHOP_REFUSED', `Invoice ${number} became an order that is ${status}.`, { invoice: number, status });
}

/** The order took longer than a request waits for it. */
const isOpen = (status: string): boolean => status === 'placed' || status === 'awaiting_payment';

function totalsOf(lines: readonly CartLine[]): Totals {
  const items = lines.reduce((sum, { quantity, unitPrice }) => sum + quantity * unitPrice, 0);
  return { items, delivery: 0, total: items, currency: CURRENCY };
}

/** A key of its own keeps every line of the file a line of the order, even of one SKU at one price. */
function lineMaker(ids: ReadonlyMap<string, string>) {
  return ({ product, quantity, pence }: Invoice['lines'][number], index: number): CartLine => ({
    key: `${product.sku}.${index}`,
    sku: product.sku,
    productId: ids.get(product.sku) ?? '',
    sellerId: SELLER,
    title: titleOf(product),
    variant: '',
    quantity,
    unitPrice: pence,
    tracksStock: !product.charge,
  });
}

/** The file knows no names and addresses: what it knows is the country. */
function contactOf({ token, customer, country, number }: Invoice) {
  const name = customer ? `Customer ${customer.id}` : `Guest of invoice ${number}`;
  const email = customer ? emailOf(customer.token) : `guest-${token}@import.invalid`;
  return {
    name,
    email,
    address: { line1: 'Not recorded', city: 'Not recorded', region: country, postcode: '-', country: countryCode(country) },
  };
}
