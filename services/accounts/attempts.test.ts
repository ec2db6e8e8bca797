// Guessing is slowed down per account and address; a stranger cannot easily lock somebody out.
import { Attempts } from './attempts.ts';

let now = 1_000_000;
const tries = (attempts: Attempts, count: number, who: string, ip: (i: number) => string) => {
  let allowed = 0;
  for (let i = 0; i < count; i++) {
    try {
      attempts.begin(who, ip(i));
      allowed++;
    } catch (error) {
      expect(error).toMatchObject({ type: 'TOO_MANY_ATTEMPTS' });
    }
  }
  return allowed;
};

test('five wrong tries in a row, then one every half minute, and the answer says when', () => {
  const attempts = new Attempts(() => now);
  expect(tries(attempts, 10, 'ada', () => '1')).toBe(5);
  expect(() => attempts.begin('ada', '1')).toThrow(expect.objectContaining({ data: { retryAfter: 30 } }));
  now += 30_000;
  expect(tries(attempts, 3, 'ada', () => '1')).toBe(1);
});

test('the right password costs nothing', () => {
  const attempts = new Attempts(() => now);
  for (let i = 0; i < 50; i++) attempts.begin('ada', '1').forgive();
  expect(tries(attempts, 10, 'ada', () => '1')).toBe(5);
});

test('an attacker at one address does not lock out the owner at another', () => {
  const attempts = new Attempts(() => now);
  tries(attempts, 1_000, 'ada', () => '1');
  expect(() => attempts.begin('ada', '2')).not.toThrow();
});

test('one account is not guessed from many addresses', () => {
  const attempts = new Attempts(() => now);
  expect(tries(attempts, 1_000, 'ada', (i) => `${i}`)).toBe(50);
});

test('one address does not try many accounts', () => {
  const attempts = new Attempts(() => now);
  let allowed = 0;
  for (let i = 0; i < 1_000; i++) allowed += tries(attempts, 1, `user${i}`, () => '1');
  expect(allowed).toBe(100);
});

test('whoever owns an IPv6 network has no more tries than others', () => {
  const attempts = new Attempts(() => now);
  expect(tries(attempts, 100, 'ada', (i) => `2001:db8:1:2::${i.toString(16)}`)).toBe(5);
});
