// A session and its refresh tokens: used once, tolerant of a second tab, merciless to a thief.

import { newId } from '../../mixins/ids.ts';
import { createKeySet, fixedKeys, rotateKeySet } from '../../mixins/tokens/keys.ts';
import { makeRefreshToken, readRefreshToken, remakeRefreshToken } from './refresh-token.ts';
import { expiryOf, GRACE_MS, isOpen, REFRESH_TOKEN_MS, type SessionState, sessionActor } from './session.ts';

const NOW = 1_800_000_000_000;
const { decide, evolve, initial, summary } = sessionActor;
const at = (now: number) => ({ now, by: 'acc_1', version: 1, newId: (prefix: string) => `${prefix}_new` });

function rotate(state: SessionState, given: string, next: string, now: number) {
  const events = decide.rotate(state, { given, next }, at(now));
  return { events, state: events.reduce(evolve, state) };
}

const none = initial('ses_1');
const input = { accountId: 'acc_1', device: 'Firefox', ip: '192.0.2.1', hash: 'h1' };
const first = decide.open(none, input, at(NOW)).reduce(evolve, none);
const second = rotate(first, 'h1', 'h2', NOW + 1_000).state;

describe('a session', () => {
  test('is open for seven days after its last use', () => {
    expect(isOpen(first, NOW + REFRESH_TOKEN_MS - 1)).toBe(true);
    expect(isOpen(first, NOW + REFRESH_TOKEN_MS)).toBe(false);
    expect(expiryOf(second)).toBe(NOW + 1_000 + REFRESH_TOKEN_MS);
  });

  test('gives the next token for the good one', () => {
    expect(second).toMatchObject({ hash: 'h2', previous: 'h1', generation: 2, usedAt: NOW + 1_000 });
  });

  test('takes the token before for a few seconds, without a new one', () => {
    const again = rotate(second, 'h1', 'h2b', NOW + 1_000 + GRACE_MS);
    expect(again.events).toEqual([]);
    expect(again.state).toBe(second);
  });

  test('ends when the token before is used after its grace', () => {
    const { state } = rotate(second, 'h1', 'h2b', NOW + 1_001 + GRACE_MS);
    expect(state.status).toBe('ended');
    expect(summary?.(state)).toEqual({ access: { denied: true } });
  });

  test('ends when a token from further back is used, even at once', () => {
    const third = rotate(second, 'h2', 'h3', NOW + 2_000).state;
    expect(rotate(third, 'h1', 'x', NOW + 2_000).state.status).toBe('ended');
  });

  test('keeps nothing about the device when it has ended', () => {
    const ended = decide.revoke(second, { reason: 'signed out' }, at(NOW)).reduce(evolve, second);
    expect(JSON.stringify(ended)).not.toMatch(/Firefox|192\.0|h1|h2/);
    expect(decide.revoke(ended, { reason: 'again' }, at(NOW))).toEqual([]);
  });

  test('that has ended, expired or never was gives nothing', () => {
    const ended = decide.revoke(second, { reason: 'signed out' }, at(NOW)).reduce(evolve, second);
    for (const state of [none, ended]) {
      expect(() => rotate(state, 'h2', 'h3', NOW)).toThrow(expect.objectContaining({ type: 'SESSION_ENDED' }));
    }
    expect(() => rotate(second, 'h2', 'h3', expiryOf(second))).toThrow(expect.objectContaining({ type: 'SESSION_ENDED' }));
  });

  test('opening twice is as once', () => {
    expect(decide.open(first, input, at(NOW))).toEqual([]);
  });
});

describe('a refresh token', () => {
  const set = createKeySet(0);
  const keys = fixedKeys(set);
  const id = newId('ses');
  const token = makeRefreshToken(keys, id, 3);

  test('is read back with its session and generation', () => {
    expect(readRefreshToken(keys, token.text)).toMatchObject({ sessionId: id, generation: 3, hash: token.hash });
  });

  test('is still known after a rotation of keys, and can be made again', () => {
    const rotated = fixedKeys(rotateKeySet(set, 1));
    expect(readRefreshToken(rotated, token.text)?.sessionId).toBe(id);
    expect(remakeRefreshToken(rotated, id, 3, token.hash, keys.secret().kid)?.text).toBe(token.text);
  });

  test('of another generation, session or shop is not ours', () => {
    expect(readRefreshToken(keys, token.text.replace('.3.', '.4.'))).toBeUndefined();
    expect(readRefreshToken(keys, token.text.replace(id, newId('ses')))).toBeUndefined();
    expect(readRefreshToken(fixedKeys(createKeySet(0)), token.text)).toBeUndefined();
  });

  test.each(['', 'x', '...', `${id}.0.k.m`, `${id}.1`, 'ses_1.1.k.'])('%p is none', (text) => {
    expect(readRefreshToken(keys, text)).toBeUndefined();
  });
});
