// The guest cookie cannot be made or changed by anybody else.
import { newId } from '../ids.ts';
import { readGuest, signGuest } from './guest.ts';
import { createKeySet, fixedKeys, rotateKeySet } from './keys.ts';

const set = createKeySet(0);
const keys = fixedKeys(set);
const id = newId('gst');

test('a signed guest id is read back', () => {
  expect(readGuest(keys, signGuest(keys, id))).toBe(id);
});

test('it is still good after a rotation', () => {
  expect(readGuest(fixedKeys(rotateKeySet(set, 1)), signGuest(keys, id))).toBe(id);
});

test('another id under the same signature is refused', () => {
  const [, kid, mac] = signGuest(keys, id).split('.');
  expect(readGuest(keys, `${newId('gst')}.${kid}.${mac}`)).toBeUndefined();
});

test('a value signed by another shop is refused', () => {
  expect(readGuest(keys, signGuest(fixedKeys(createKeySet(0)), id))).toBeUndefined();
});

test('an account id is not a guest id, even when signed', () => {
  expect(readGuest(keys, signGuest(keys, 'acc_1'))).toBeUndefined();
});

test.each(['', '.', '..', id, `${id}.`, `${id}..`, 'x'.repeat(4_000), `${id}.a.b.c`])('the text %p is refused', (text) => {
  expect(readGuest(keys, text)).toBeUndefined();
});
