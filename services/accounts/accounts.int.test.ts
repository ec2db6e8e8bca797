// Signing up, in and on with refresh tokens, API keys and the back office, on two nodes and a real nats-server.
import { newId } from '../../mixins/ids.ts';
import type { Meta } from '../../mixins/meta.ts';
import { nodeOf } from '../../mixins/node.ts';
import { accepts, as, client, PASSWORD, type Pair, person, startPair, type TestNode, until } from './accounts.testing.ts';
import { claimActor, claimId } from './claim.ts';
import { GRACE_MS, sessionActor } from './session.ts';

let pair: Pair;
let a: TestNode;
let b: TestNode;

beforeAll(async () => {
  pair = await startPair();
  ({ a, b } = pair);
});
afterAll(() => pair.stop());

const login = ({ email, password }: { email: string; password: string }) => ({ email, password });

describe('signing up', () => {
  test('two racing sign-ups with one address on two nodes: one wins, the other is told', async () => {
    for (let round = 0; round < 5; round++) {
      const { email } = person();
      const attempt = (node: TestNode, name: string) =>
        node.call('signUp', { email, name, password: `${PASSWORD} ${name}` }, client());
      const results = await Promise.allSettled([attempt(a, 'one'), attempt(b, 'two'), attempt(a, 'three'), attempt(b, 'four')]);
      const won = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
      const lost = results.flatMap((result) => (result.status === 'rejected' ? [result.reason.type] : []));
      expect(won).toHaveLength(1);
      expect(lost).toEqual(['EMAIL_TAKEN', 'EMAIL_TAKEN', 'EMAIL_TAKEN']);
      const name = won[0]?.account.name ?? '';
      const signedIn = await b.call('signIn', { email, password: `${PASSWORD} ${name}` }, client());
      expect(signedIn.account.id).toBe(won[0]?.account.id);
    }
  });

  test('a sign-up that died after its claim is finished by the next one, with the same account', async () => {
    const who = person();
    const promised = newId('acc');
    await nodeOf(a.broker)
      .actors('accounts', claimActor)
      .send(claimId(who.email), 'claim', { accountId: promised }, { meta: {} });
    const { account } = await b.call('signUp', who, client());
    expect(account.id).toBe(promised);
    await expect(a.call('signUp', who, client())).rejects.toMatchObject({ type: 'EMAIL_TAKEN', code: 409 });
  });

  test('other spellings of the address are the same account, and the given one is shown', async () => {
    const { account } = await a.call(
      'signUp',
      { email: ' Grace.Hopper@Example.COM ', password: PASSWORD, name: 'Grace' },
      client(),
    );
    expect(account.email).toBe('Grace.Hopper@Example.COM');
    const again = b.call('signUp', { email: 'grace.hopper@example.com', password: PASSWORD, name: 'G' }, client());
    await expect(again).rejects.toMatchObject({ type: 'EMAIL_TAKEN' });
    const { account: found } = await b.call('signIn', { email: 'GRACE.HOPPER@example.com', password: PASSWORD }, client());
    expect(found.id).toBe(account.id);
  });
});

describe('signing in', () => {
  test('an unknown address and a wrong password are answered alike', async () => {
    const who = person();
    await a.call('signUp', who, client());
    const answers = await Promise.all(
      [
        { ...who, password: 'wrong password' },
        { email: 'nobody@example.com', password: 'wrong password' },
      ].map(({ email, password }) =>
        a.call('signIn', { email, password }, client()).catch(({ type, code, message, data }) => ({ type, code, message, data })),
      ),
    );
    expect(answers[0]).toMatchObject({ type: 'WRONG_CREDENTIALS', code: 401 });
    expect(answers[1]).toEqual(answers[0]);
  });

  test('guessing is slowed down per account and address, and says for how long', async () => {
    const who = person();
    await a.call('signUp', who, client());
    const guess = (ip: string) => a.call('signIn', { email: who.email, password: 'wrong password' }, client(ip));
    for (let i = 0; i < 5; i++) await expect(guess('198.51.100.1')).rejects.toMatchObject({ type: 'WRONG_CREDENTIALS' });
    await expect(guess('198.51.100.1')).rejects.toMatchObject({
      type: 'TOO_MANY_ATTEMPTS',
      code: 429,
      data: { retryAfter: expect.any(Number) },
    });
    await expect(a.call('signIn', login(who), client('198.51.100.2'))).resolves.toMatchObject({ account: { email: who.email } });
  });

  test('an account without a password lets nobody in', async () => {
    const { email } = person();
    const { created } = await a.call('ensure', { email, name: 'Imported', role: 'customer' });
    expect(created).toBe(true);
    for (const password of ['x', 'null', '$argon2id$']) {
      await expect(a.call('signIn', { email, password }, client())).rejects.toMatchObject({ type: 'WRONG_CREDENTIALS' });
    }
  });
});

describe('refreshing', () => {
  test('yields new tokens, and the next refresh token works on the other node', async () => {
    const first = await a.call('signUp', person(), client());
    const second = await b.call('refresh', { refreshToken: first.refreshToken }, client());
    expect(second.refreshToken).not.toBe(first.refreshToken);
    expect(await accepts(a, second.accessToken)).toBe(true);
    const third = await a.call('refresh', { refreshToken: second.refreshToken }, client());
    expect(third.account.id).toBe(first.account.id);
  });

  test('parallel tabs with the same token all get in, and end up with the same next token', async () => {
    const { refreshToken } = await a.call('signUp', person(), client());
    const tabs = await Promise.all([a, b, a, b].map((node) => node.call('refresh', { refreshToken }, client())));
    expect(new Set(tabs.map((tab) => tab.refreshToken)).size).toBe(1);
    for (const tab of tabs) expect(await accepts(b, tab.accessToken)).toBe(true);
  });

  test('a token used again after its grace ends the session for thief and owner', async () => {
    const first = await a.call('signUp', person(), client());
    const sessionId = first.refreshToken.split('.')[0] ?? '';
    const late = Date.now() + GRACE_MS + 2_000;
    const second = await a.call('refresh', { refreshToken: first.refreshToken }, client());
    await expect(
      b.call('refresh', { refreshToken: first.refreshToken }, { ...client(), historic: { at: late } }),
    ).rejects.toMatchObject({
      type: 'SESSION_ENDED',
      code: 401,
    });
    await expect(a.call('refresh', { refreshToken: second.refreshToken }, client())).rejects.toMatchObject({
      type: 'SESSION_ENDED',
    });
    await until(async () => !(await accepts(a, second.accessToken)) && !(await accepts(b, first.accessToken)));
    expect((await nodeOf(a.broker).actors('accounts', sessionActor).read(sessionId)).state.status).toBe('ended');
  });

  test('invented tokens are refused and end nothing', async () => {
    const { refreshToken } = await a.call('signUp', person(), client());
    const [session, , kid, mac] = refreshToken.split('.');
    for (const forged of ['', 'x', `${session}.1.${kid}.${'A'.repeat(43)}`, `${session}.2.${kid}.${mac}`]) {
      await expect(a.call('refresh', { refreshToken: forged }, client())).rejects.toMatchObject({ type: 'SESSION_ENDED' });
    }
    await expect(a.call('refresh', { refreshToken }, client())).resolves.toMatchObject({ account: { role: 'customer' } });
  });
});

describe('API keys', () => {
  test('carry their scopes, are shown once and end at once', async () => {
    const { accessToken } = await a.call('signUp', person(), client());
    const principal = await a.call('authenticate', { accessToken });
    const { key, secret } = await a.call(
      'createApiKey',
      { name: 'Warehouse', scopes: ['orders:read', 'stock:write', 'orders:read'] },
      as(principal),
    );
    expect(await b.call('authenticate', { apiKey: secret })).toEqual({
      kind: 'account',
      id: principal.id,
      role: 'customer',
      via: key.id,
      scopes: ['orders:read', 'stock:write'],
    });
    await expect(b.call('currentUser', {}, as(await b.call('authenticate', { apiKey: secret })))).rejects.toMatchObject({
      type: 'FORBIDDEN',
    });
    const { keys } = await b.call('apiKeys', {}, as(principal));
    expect(keys).toEqual([key]);
    expect(JSON.stringify(keys)).not.toContain(secret.slice(12, -4));
    await expect(
      b.call('authenticate', { apiKey: `${secret.slice(0, -1)}${secret.endsWith('A') ? 'B' : 'A'}` }),
    ).rejects.toMatchObject({
      type: 'UNAUTHENTICATED',
    });
    const stranger = await b.call('authenticate', { accessToken: (await b.call('signUp', person(), client())).accessToken });
    await expect(b.call('revokeApiKey', { keyId: key.id }, as(stranger))).rejects.toMatchObject({ type: 'API_KEY_NOT_FOUND' });
    await a.call('revokeApiKey', { keyId: key.id }, as(principal));
    await expect(b.call('authenticate', { apiKey: secret })).rejects.toMatchObject({ type: 'UNAUTHENTICATED' });
    expect((await b.call('apiKeys', {}, as(principal))).keys).toEqual([]);
  });
});

describe('the back office', () => {
  test('lists by text, role and status, page by page, and sees a change with its position', async () => {
    const made: string[] = [];
    for (let i = 0; i < 5; i++) {
      const { account } = await a.call('ensure', { email: `paging${i}@shop.test`, name: `Paging ${i}`, role: 'agent' });
      made.unshift(account.id);
    }
    const seen: string[] = [];
    const origin: Meta = { waitFor: `ACCOUNTS=${await nodeOf(a.broker).log.end('ACCOUNTS')}` };
    for (let after: string | undefined; ; ) {
      const page = await b.call('list', { q: 'PAGING', role: 'agent', limit: 2, ...(after ? { after } : {}) }, origin);
      seen.push(...page.items.map(({ id }) => id));
      if (!page.next) break;
      after = page.next;
    }
    expect(seen).toEqual(made);
    expect((await b.call('list', { q: 'paging', status: 'blocked' }, origin)).items).toEqual([]);
    expect((await b.call('list', { q: '.*' }, origin)).items).toEqual([]);
  });

  test('ensuring an account is idempotent and can promote it', async () => {
    const { email } = person();
    const first = await a.call('ensure', { email, name: 'First', role: 'customer', id: 'acc_given' });
    const second = await b.call('ensure', { email, name: 'Second', role: 'admin', password: PASSWORD });
    expect(first).toMatchObject({ created: true, account: { id: 'acc_given' } });
    expect(second).toMatchObject({ created: false, account: { id: 'acc_given', name: 'First', role: 'admin' } });
    await expect(a.call('signIn', { email, password: PASSWORD }, client())).resolves.toBeDefined();
  });
});
