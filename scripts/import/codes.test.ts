import { ID_PATTERN } from '../../mixins/ids.ts';
import { accountIdOf, customerOf, decodeCode, encodeCode, invoiceOf, isCharge, orderIdOf } from './codes.ts';

const CODES = [
  '85123A',
  '85123a',
  'BANK CHARGES',
  'gift_0001_10',
  '_',
  '__',
  ' ',
  '-X',
  'x_z1',
  'DÉCO/ROSE 1',
  '🌹',
  'a.b>*',
  '_20',
  '%41',
  "d'or\\",
];

describe('codes as ids', () => {
  test.each(CODES)('%j becomes a legal id and comes back unchanged', (code) => {
    const token = encodeCode(code) ?? '';
    expect(token).toMatch(ID_PATTERN);
    expect(decodeCode(token)).toBe(code);
  });

  test('different codes never share an id', () => {
    expect(new Set(CODES.map(encodeCode)).size).toBe(CODES.length);
  });

  test('an ordinary code stays as it is', () => {
    expect(encodeCode('85123A')).toBe('85123A');
  });

  test('an empty or endless code has no id', () => {
    expect(encodeCode('')).toBeUndefined();
    expect(encodeCode('é'.repeat(40))).toBeUndefined();
  });

  test('an order knows its invoice, an order of a shopper has none', () => {
    const token = encodeCode('A 1_z2') ?? '';
    expect([orderIdOf(token), orderIdOf(token, 3)].map(invoiceOf)).toEqual(['A 1_z2', 'A 1_z2']);
    expect(orderIdOf(token, 3)).not.toBe(orderIdOf(token));
    expect(invoiceOf('ord_01jd0000000000000000000000')).toBeUndefined();
  });

  test('an account knows its customer', () => {
    expect(customerOf(accountIdOf('13085'))).toBe('13085');
    expect(customerOf('acc_01jd0000000000000000000000')).toBe('acc_01jd0000000000000000000000');
  });

  test('postage, fees, manual entries and vouchers are charges, goods are not', () => {
    expect(['POST', 'm', 'M', 'BANK CHARGES', 'gift_0001_10'].every(isCharge)).toBe(true);
    expect(['85123A', 'PADS', 'DCGS0003', 'SP1002'].some(isCharge)).toBe(false);
  });
});
