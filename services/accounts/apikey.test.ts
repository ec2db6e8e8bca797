// API keys: shown once, recognised by hash, dead when revoked.
import { newId } from '../../mixins/ids.ts';
import { apiKeyActor, apiKeyOf, keyIdOf, mintApiKey, opensWith } from './apikey.ts';

const { decide, evolve, initial, summary } = apiKeyActor;
const context = { now: 1_000, by: 'acc_1', version: 0, newId: (prefix: string) => `${prefix}_new` };
const id = newId('key');
const { secret, ...stored } = mintApiKey(id);
const input = { accountId: 'acc_1', name: 'Warehouse', scopes: ['orders:read'], ...stored };
const key = decide.create(initial(id), input, context).reduce(evolve, initial(id));

test('a key names its own actor and opens it', () => {
  expect(keyIdOf(secret)).toBe(id);
  expect(opensWith(key, secret)).toBe(true);
});

test('another secret with the same id does not open it', () => {
  expect(opensWith(key, mintApiKey(id).secret)).toBe(false);
});

test('neither the log nor the list holds the secret', () => {
  expect(JSON.stringify([key, apiKeyOf(key)])).not.toContain(secret.slice(-20));
  expect(apiKeyOf(key)).toEqual({
    id,
    name: 'Warehouse',
    prefix: secret.slice(0, 12),
    last4: secret.slice(-4),
    scopes: ['orders:read'],
    createdAt: 1_000,
  });
});

test('a revoked key opens nothing, and every node hears of it', () => {
  const revoked = decide.revoke(key, {}, context).reduce(evolve, key);
  expect(opensWith(revoked, secret)).toBe(false);
  expect(summary?.(revoked)).toEqual({ access: { denied: true } });
  expect(decide.revoke(revoked, {}, context)).toEqual([]);
});

test('a key that never was opens with nothing', () => {
  expect(opensWith(initial(id), secret)).toBe(false);
  expect(opensWith(initial(id), '')).toBe(false);
});

test.each(['', 'sk_', 'sk_short', 'sk_../../x', secret.replace('sk_', 'pk_'), `${secret}x`, secret.toUpperCase()])(
  '%p is no key',
  (text) => {
    expect(keyIdOf(text)).toBeUndefined();
  },
);
