// Passwords: PHC strings that others can check, and a door that a flood cannot break.
import { Gate } from './gate.ts';
import { Passwords } from './password.ts';

const passwords = new Passwords(new Gate(2, 10));

test('a password opens its own hash and no other', async () => {
  const phc = await passwords.hash('correct horse');
  expect(phc).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
  expect(await passwords.verify('correct horse', phc)).toBe(true);
  expect(await passwords.verify('correct horsf', phc)).toBe(false);
});

test('the same password never gives the same string', async () => {
  expect(await passwords.hash('x'.repeat(8))).not.toBe(await passwords.hash('x'.repeat(8)));
});

test('the string of the reference implementation is understood', async () => {
  const reference = '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc';
  expect(await passwords.verify('password', reference)).toBe(true);
});

test('the same characters typed in another way are the same password', async () => {
  const phc = await passwords.hash('cafe\u0301-au-lait');
  expect(await passwords.verify('caf\u00e9-au-lait', phc)).toBe(true);
});

test('where there is no hash the answer is no, after a hash all the same', async () => {
  expect(await passwords.verify('wrong password', null)).toBe(false);
  // Behind a gate that lets nothing through, an answer without hashing would come anyway.
  const closed = new Passwords(new Gate(0, 0));
  await expect(closed.verify('wrong password', null)).rejects.toMatchObject({ type: 'SIGN_IN_BUSY' });
});

test('a stored text that is no PHC string is an error, not a wrong password', async () => {
  await expect(passwords.verify('x', 'plain text')).rejects.toThrow('not a PHC string');
});

describe('the gate', () => {
  test('runs a few at once, lets a few wait in their order and refuses the rest', async () => {
    const gate = new Gate(2, 2);
    const ends: (() => void)[] = [];
    const done: number[] = [];
    const work = (n: number) => gate.run(() => new Promise<void>((resolve) => ends.push(resolve))).then(() => done.push(n));
    const running = [1, 2, 3, 4].map(work);
    await expect(gate.run(async () => 5)).rejects.toMatchObject({ type: 'SIGN_IN_BUSY', data: { retryAfter: 2 } });
    expect(ends).toHaveLength(2);
    for (let i = 0; i < 4; i++) {
      ends[i]?.();
      await new Promise((resolve) => setImmediate(resolve));
    }
    await Promise.all(running);
    expect(done).toEqual([1, 2, 3, 4]);
    await expect(gate.run(async () => 6)).resolves.toBe(6);
  });

  test('work that fails gives its place back', async () => {
    const gate = new Gate(1, 0);
    await expect(gate.run(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    await expect(gate.run(async () => 'yes')).resolves.toBe('yes');
  });
});
