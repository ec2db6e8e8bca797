// The verifier: cheap for good tokens, closed at once for revoked ones.
import type { LogBody, LogMessage } from '../log/message.ts';
import { ACCESS_TOKEN_MS, signAccessToken } from './access.ts';
import { createKeySet, fixedKeys, type Keys } from './keys.ts';
import { Revocations } from './revocations.ts';
import { type AccountPrincipal, createVerifier } from './verifier.ts';

let now = 1_800_000_000_000;
const keys = fixedKeys(createKeySet(0));
const who = { account: 'acc_1', session: 'ses_1', role: 'customer' } as const;

function message(id: string, access: object | undefined, at = now): LogMessage {
  const body: LogBody = { v: 1, at, by: 'system', cause: {}, events: [], summary: access ? { access } : {} };
  return { stream: 'ACCOUNTS', seq: 1, subject: `accounts.00.${id}`, id, body };
}

describe('access tokens', () => {
  const signed = () => signAccessToken(keys, who, now).token;
  const verifier = () => createVerifier({ keys, now: () => now });

  test('a good token yields the principal', () => {
    expect(verifier().accessToken(signed())).toEqual({ kind: 'account', id: 'acc_1', role: 'customer', via: 'ses_1' });
  });

  test('a signature is checked once', () => {
    let checks = 0;
    const counting: Keys = {
      ...keys,
      publicKey: (kid) => {
        checks++;
        return keys.publicKey(kid);
      },
    };
    const one = createVerifier({ keys: counting, now: () => now });
    const token = signed();
    for (let i = 0; i < 10; i++) one.accessToken(token);
    expect(checks).toBe(1);
  });

  test('a token that was seen is refused when it expires', () => {
    const one = verifier();
    const token = signed();
    expect(one.accessToken(token)).toBeDefined();
    now += ACCESS_TOKEN_MS;
    expect(one.accessToken(token)).toBeUndefined();
  });

  test('a token that was seen is refused once its session ended', () => {
    const one = verifier();
    const token = signed();
    expect(one.accessToken(token)).toBeDefined();
    one.observe(message('ses_1', { denied: true }));
    expect(one.accessToken(token)).toBeUndefined();
  });

  test('an account that is blocked and unblocked may act again', () => {
    const one = verifier();
    const token = signed();
    one.observe(message('acc_1', { denied: true }));
    expect(one.accessToken(token)).toBeUndefined();
    one.observe(message('acc_1', undefined));
    expect(one.accessToken(token)).toBeDefined();
  });

  test('a session ended by its account stays ended, whatever it wrote at the same moment', () => {
    const one = verifier();
    const token = signed();
    one.observe(message('acc_1', { ended: ['ses_1'] }));
    one.observe(message('ses_1', undefined));
    expect(one.accessToken(token)).toBeUndefined();
  });

  test('a changed role counts at once, also for tokens that carry the old one', () => {
    const one = verifier();
    const token = signed();
    one.observe(message('acc_1', { role: 'admin' }));
    expect(one.accessToken(token)?.role).toBe('admin');
    one.observe(message('acc_1', { role: 'customer' }));
    expect(one.accessToken(token)?.role).toBe('customer');
  });
});

describe('API keys', () => {
  const principal: AccountPrincipal = { kind: 'account', id: 'acc_1', role: 'seller', via: 'key_1', scopes: ['orders:read'] };

  test('are asked for once and again after their account or they themselves changed', async () => {
    let asked = 0;
    const resolveApiKey = async () => {
      asked++;
      return principal;
    };
    const one = createVerifier({ keys, now: () => now, resolveApiKey });
    await one.apiKey('sk_a');
    expect(await one.apiKey('sk_a')).toEqual(principal);
    expect(asked).toBe(1);
    one.observe(message('acc_1', { role: 'customer' }));
    await one.apiKey('sk_a');
    one.observe(message('key_1', { denied: true }));
    await one.apiKey('sk_a');
    one.observe(message('acc_2', { denied: true }));
    await one.apiKey('sk_a');
    expect(asked).toBe(3);
  });

  test('an answer that crossed a revocation is not kept', async () => {
    let asked = 0;
    const one = createVerifier({
      keys,
      now: () => now,
      resolveApiKey: async () => {
        if (asked++ === 0) one.observe(message('key_1', { denied: true }));
        return principal;
      },
    });
    await one.apiKey('sk_a');
    await one.apiKey('sk_a');
    expect(asked).toBe(2);
  });

  test('a refused key is not kept', async () => {
    const one = createVerifier({ keys, now: () => now, resolveApiKey: () => Promise.reject(new Error('UNAUTHENTICATED')) });
    await expect(one.apiKey('sk_a')).rejects.toThrow('UNAUTHENTICATED');
  });
});

describe('revocations', () => {
  test('are forgotten when every token they could concern has expired', () => {
    const revocations = new Revocations(() => now);
    for (let i = 0; i < 50; i++) revocations.observe(message(`ses_${i}`, { denied: true }));
    expect(revocations.size).toBe(50);
    now += ACCESS_TOKEN_MS + 121_000;
    revocations.observe(message('ses_x', { denied: true }));
    expect(revocations.size).toBe(1);
  });

  test('old ones found at start are not kept', () => {
    const revocations = new Revocations(() => now);
    revocations.observe(message('ses_old', { denied: true }, now - 3_600_000));
    expect(revocations.size).toBe(0);
  });

  test.each([undefined, null, 'x', { access: null }, { access: { denied: 'yes', ended: [1, null], role: 'king' } }])(
    'a summary of %p says nothing',
    (summary) => {
      const revocations = new Revocations(() => now);
      const { body, ...rest } = message('ses_1', undefined);
      expect(revocations.observe({ ...rest, body: { ...body, summary } })).toBe(false);
      expect(revocations.isDenied('ses_1')).toBe(false);
    },
  );
});
