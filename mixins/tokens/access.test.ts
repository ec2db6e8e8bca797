// Access tokens: what is signed is read back, everything else is refused.
import jwt from 'jsonwebtoken';
import { ACCESS_TOKEN_MS, readAccessToken, signAccessToken } from './access.ts';
import { createKeySet, fixedKeys } from './keys.ts';

const keys = fixedKeys(createKeySet(0));
const NOW = 1_800_000_000_000;
const who = { account: 'acc_1', session: 'ses_1', role: 'seller' } as const;
const { token, expiresAt } = signAccessToken(keys, who, NOW);
const claims = { sub: 'acc_1', sid: 'ses_1', role: 'admin', iss: 'souk', aud: 'souk' };

test('a signed token says who acts and until when', () => {
  expect(expiresAt).toBe(NOW + ACCESS_TOKEN_MS);
  expect(readAccessToken(keys, token, NOW)).toEqual({ ...who, expiresAt });
});

test('it is good until its last second and refused afterwards', () => {
  expect(readAccessToken(keys, token, expiresAt - 1_000)).toBeDefined();
  expect(readAccessToken(keys, token, expiresAt)).toBeUndefined();
});

test('a token of another shop is refused', () => {
  expect(readAccessToken(fixedKeys(createKeySet(0)), token, NOW)).toBeUndefined();
});

test('a changed payload is refused', () => {
  const [head, , signature] = token.split('.');
  const body = Buffer.from(JSON.stringify({ ...claims, exp: 4_000_000_000 })).toString('base64url');
  expect(readAccessToken(keys, `${head}.${body}.${signature}`, NOW)).toBeUndefined();
});

test('an unsigned token is refused', () => {
  const head = Buffer.from(JSON.stringify({ alg: 'none', kid: keys.signing().kid })).toString('base64url');
  const body = Buffer.from(JSON.stringify({ ...claims, exp: 4_000_000_000 })).toString('base64url');
  expect(readAccessToken(keys, `${head}.${body}.`, NOW)).toBeUndefined();
});

test('a token signed with the public key as a shared secret is refused', () => {
  const { kid } = keys.signing();
  const secret = keys.publicKey(kid)?.export({ type: 'spki', format: 'pem' }).toString() ?? '';
  const forged = jwt.sign(claims, Buffer.from(secret), { algorithm: 'HS256', keyid: kid, expiresIn: '1h' });
  expect(readAccessToken(keys, forged, NOW)).toBeUndefined();
});

test('a token of ours for another purpose is refused', () => {
  const { kid, privateKey } = keys.signing();
  const other = jwt.sign({ sub: 'acc_1', sid: 'ses_1', role: 'admin' }, privateKey, {
    algorithm: 'ES256',
    keyid: kid,
    audience: 'mail',
    issuer: 'souk',
  });
  expect(readAccessToken(keys, other, Date.now())).toBeUndefined();
});

test.each(['', '.', '..', 'a.b.c', 'x'.repeat(5_000), '{}', 'e30.e30.e30'])('the text %p is refused', (text) => {
  expect(readAccessToken(keys, text, NOW)).toBeUndefined();
});
