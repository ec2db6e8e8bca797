// The file's country names as ISO 3166-1 codes, which is what an order's address needs.

/** Reserved by ISO for such use: not named, or not a country. */
export const UNKNOWN_COUNTRY = 'ZZ';

const NAMES = new Intl.DisplayNames('en', { type: 'region' });
const LETTERS = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];

/** Names that the retailer writes in its own way. */
const OWN_NAMES: Readonly<Record<string, string>> = {
  'Channel Islands': 'JE',
  'Czech Republic': 'CZ',
  'Hong Kong': 'HK',
  EIRE: 'IE',
  Korea: 'KR',
  RSA: 'ZA',
  USA: 'US',
};

/** By English name. Withdrawn codes, which share a name with their successor, are not canonical and so left out. */
const CODES: ReadonlyMap<string, string> = new Map(
  LETTERS.flatMap((first) => LETTERS.map((second) => first + second))
    .filter((code) => new Intl.Locale(`und-${code}`).region === code && NAMES.of(code) !== code)
    .map((code) => [NAMES.of(code) ?? code, code]),
);

/** ISO code of a country's English name; `ZZ` when there is none. */
export function countryCode(name: string): string {
  return OWN_NAMES[name] ?? CODES.get(name) ?? UNKNOWN_COUNTRY;
}
