// Which spellings are one mailbox, and which texts are none.
import { claimId } from './claim.ts';
import { isEmail, normaliseEmail } from './email.ts';

test.each([
  ['  Ada@Example.COM ', 'ada@example.com'],
  ['ａda@example.com', 'ada@example.com'],
  ['MÜLLER@Beispiel.de', 'mu\u0308ller@beispiel.de'.normalize('NFKC')],
])('%p is the mailbox %p', (typed, normal) => {
  expect(normaliseEmail(typed)).toBe(normal);
  expect(claimId(typed)).toBe(claimId(normal));
});

test('different mailboxes have different claims, which tell nothing about them', () => {
  expect(claimId('a@example.com')).not.toBe(claimId('b@example.com'));
  expect(claimId('a@example.com')).toMatch(/^eml_[0-9a-f]{40}$/);
});

test.each(['ada@example.com', 'a+b@mail.example.co.uk', "o'neil@example.ie", 'zoë@example.org'])('%p is an address', (text) => {
  expect(isEmail(text)).toBe(true);
});

test.each([
  '',
  'ada',
  '@example.com',
  'ada@',
  'ada@localhost',
  'a b@example.com',
  'a@b@example.com',
  'a@example..com',
  'ada@example.com\nbcc: x@y.zz',
  'a\u0000@example.com',
  '<script>@example.com',
  `${'a'.repeat(65)}@example.com`,
  `a@${'b'.repeat(250)}.com`,
])('%p is no address', (text) => {
  expect(isEmail(text)).toBe(false);
});
