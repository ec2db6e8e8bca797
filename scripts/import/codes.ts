// The retailer's own codes and numbers as ids of the shop. The mapping is reversible, so that the reconciliation can
// speak in the file's terms, and keeps an ordinary code such as `85123A` as it is.

/** Marks a code that could not start an id; an underscore is otherwise followed by another one or two hex digits. */
const LEAD = 'x_z';
/** A SKU is at most this long. */
const MAX_TOKEN = 64;
const PLAIN = /[A-Za-z0-9-]/;

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

const ORDER = 'ord_imp_';

export const orderIdOf = (invoiceToken: string): string => ORDER + invoiceToken;
export const cartIdOf = (invoiceToken: string): string => `crt_imp_${invoiceToken}`;
export const productIdOf = (sku: string): string => `prd_imp_${sku}`;
export const accountIdOf = (customerToken: string): string => `acc_import_${customerToken}`;
export const emailOf = (customerToken: string): string => `customer-${customerToken}@import.invalid`;

/** The invoice that an order was made from; undefined for an order that is not an imported one. */
export function invoiceOf(orderId: string): string | undefined {
  return orderId.startsWith(ORDER) ? decodeCode(orderId.slice(ORDER.length)) : undefined;
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
