// The retailer's own codes and numbers as ids of the shop. The mapping is reversible, so that the reconciliation can
// speak in the file's terms, and keeps an ordinary code such as `85123A` as it is.

/** Marks a code that could not start an id; an underscore is otherwise followed by another one or two hex digits. */
const LEAD = 'x_z';
/** A SKU is at most this long. */
const MAX_TOKEN = 64;
const ORDER = 'ord_imp_';
const ACCOUNT = 'acc_import_';
const PLAIN = /[A-Za-z0-9-]/;
/** A token with the number of a further try behind it. */
const RETRIED = /^((?:x_z)?(?:[A-Za-z0-9-]|__|_[0-9a-f]{2})*)_z\d+$/;

/** A code as one token: `BANK CHARGES` → `BANK_20CHARGES`. Undefined when no legal id can hold it (empty or too long). */
export function encodeCode(code: string): string | undefined {
  let token = '';
  for (const char of code) token += PLAIN.test(char) ? char : char === '_' ? '__' : escapeBytes(char);
  if (!/^[A-Za-z0-9]/.test(token)) token = LEAD + token;
  return code !== '' && token.length <= MAX_TOKEN ? token : undefined;
}

function escapeBytes(char: string): string {
  return [...Buffer.from(char)].map((byte) => `_${byte.toString(16).padStart(2, '0')}`).join('');
}

/** The code that `encodeCode` was given. */
export function decodeCode(token: string): string {
  const body = token.startsWith(LEAD) ? token.slice(LEAD.length) : token;
  const percent = body.replace(/_(_|[0-9a-f]{2})/g, (_, hex: string) => (hex === '_' ? '_' : `%${hex}`));
  return decodeURIComponent(percent);
}

/** The order of an invoice. A second try, after the first order has ended unsold, needs an id of its own. */
export function orderIdOf(invoiceToken: string, attempt = 1): string {
  return ORDER + invoiceToken + (attempt === 1 ? '' : `_z${attempt}`);
}
export const cartIdOf = (invoiceToken: string): string => `crt_imp_${invoiceToken}`;
export const guestIdOf = (invoiceToken: string): string => `gst_imp_${invoiceToken}`;
export const accountIdOf = (customerToken: string): string => ACCOUNT + customerToken;
export const emailOf = (customerToken: string): string => `customer-${customerToken}@import.invalid`;

/** The invoice that an order was made from; undefined for an order that is not an imported one. */
export function invoiceOf(orderId: string): string | undefined {
  if (!orderId.startsWith(ORDER)) return undefined;
  const token = orderId.slice(ORDER.length);
  return decodeCode(RETRIED.exec(token)?.[1] ?? token);
}

/** The customer that an account was made from; the account's own id when it is not an imported one. */
export function customerOf(accountId: string): string {
  return accountId.startsWith(ACCOUNT) ? decodeCode(accountId.slice(ACCOUNT.length)) : accountId;
}

const CHARGES = new Set([
  'POST',
  'DOT',
  'M',
  'D',
  'S',
  'B',
  'C2',
  'C3',
  'CRUK',
  'BANK CHARGES',
  'AMAZONFEE',
  'ADJUST',
  'ADJUST2',
]);

/** True for postage, fees, manual entries, discounts and vouchers: sold like products, but nothing lies on a shelf. */
export function isCharge(code: string): boolean {
  return CHARGES.has(code.toUpperCase()) || /^gift_/i.test(code);
}
