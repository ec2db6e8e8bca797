// Whatever ends a session, blocks an account or changes a role is known on the other node within a second.
import { nodeOf } from '../../mixins/node.ts';
import { accepts, as, client, PASSWORD, type Pair, person, startPair, type TestNode, until } from './accounts.testing.ts';

let pair: Pair;
let a: TestNode;
let b: TestNode;

beforeAll(async () => {
  pair = await startPair();
  ({ a, b } = pair);
});
afterAll(() => pair.stop());

const login = ({ email, password }: { email: string; password: string }) => ({ email, password });

describe('revocation', () => {
  test('signing out is known on the other node within a second', async () => {
    const { accessToken, refreshToken } = await a.call('signUp', person(), client());
    await until(() => accepts(b, accessToken));
    await a.call('signOut', {}, as(await a.call('authenticate', { accessToken })));
    expect(await until(async () => !(await accepts(b, accessToken)))).toBeLessThan(1_000);
    await expect(b.call('refresh', { refreshToken }, client())).rejects.toMatchObject({ type: 'SESSION_ENDED' });
  });

  test('signing out works with the refresh token alone, and twice', async () => {
    const { accessToken, refreshToken } = await a.call('signUp', person(), client());
    await a.call('signOut', { refreshToken }, client());
    await a.call('signOut', { refreshToken }, client());
    await a.call('signOut', { refreshToken: 'nonsense' }, client());
    expect(await until(async () => !(await accepts(b, accessToken)))).toBeLessThan(1_000);
  });

  test('of an ended session only its end stays in the log', async () => {
    const { accessToken, refreshToken } = await a.call('signUp', person(), client('203.0.113.99', 'Secret Browser'));
    await a.call('refresh', { refreshToken }, client());
    const principal = await a.call('authenticate', { accessToken });
    await a.call('signOut', {}, as(principal));
    const steps = async () => {
      const found: string[] = [];
      for await (const step of nodeOf(a.broker).log.steps('ACCOUNTS', principal.via)) found.push(JSON.stringify(step.body));
      return found;
    };
    await until(async () => (await steps()).length === 1);
    expect((await steps()).join()).not.toMatch(/203\.0\.113\.99|Secret Browser/);
    await until(async () => (await a.call('sessions', {}, as(principal))).sessions.length === 0);
  });

  test('a new password ends every other session everywhere, and not the one that changed it', async () => {
    const who = person();
    const here = await a.call('signUp', who, client());
    const there = await b.call('signIn', login(who), client());
    const meta = as(await a.call('authenticate', { accessToken: here.accessToken }));
    await expect(
      a.call('changePassword', { currentPassword: 'wrong one', newPassword: 'another password' }, meta),
    ).rejects.toMatchObject({
      type: 'WRONG_PASSWORD',
    });
    await a.call('changePassword', { currentPassword: PASSWORD, newPassword: 'another password' }, meta);
    expect(await until(async () => !(await accepts(b, there.accessToken)))).toBeLessThan(1_000);
    expect(await accepts(b, here.accessToken)).toBe(true);
    await expect(b.call('refresh', { refreshToken: there.refreshToken }, client())).rejects.toMatchObject({
      type: 'SESSION_ENDED',
    });
    await expect(b.call('signIn', login(who), client())).rejects.toMatchObject({ type: 'WRONG_CREDENTIALS' });
    await expect(b.call('signIn', { ...login(who), password: 'another password' }, client())).resolves.toBeDefined();
  });

  test('one session of several is listed and ended; somebody else’s is not found', async () => {
    const who = person();
    const here = await a.call('signUp', who, client());
    const there = await b.call('signIn', login(who), client('192.0.2.8', 'Safari'));
    const meta = as(await a.call('authenticate', { accessToken: here.accessToken }));
    const { sessions } = await a.call('sessions', {}, meta);
    expect(sessions.map(({ device, current }) => [device, current])).toEqual(
      expect.arrayContaining([
        ['Safari', false],
        ['Firefox/150 (test)', true],
      ]),
    );
    const other = sessions.find(({ current }) => !current)?.id ?? '';
    const stranger = await b.call('signUp', person(), client());
    const strange = as(await b.call('authenticate', { accessToken: stranger.accessToken }));
    await expect(b.call('revokeSession', { sessionId: other }, strange)).rejects.toMatchObject({
      type: 'SESSION_NOT_FOUND',
      code: 404,
    });
    await a.call('revokeSession', { sessionId: other }, meta);
    expect(await until(async () => !(await accepts(b, there.accessToken)))).toBeLessThan(1_000);
    expect((await b.call('sessions', {}, meta)).sessions).toHaveLength(1);
  });

  test('a blocked account is out everywhere within a second, also after a restart of the node', async () => {
    const who = person();
    const { account, accessToken, refreshToken } = await a.call('signUp', who, client());
    const gone = await a.call('signUp', person(), client());
    const { account: admin } = await a.call('ensure', {
      email: 'root@example.com',
      name: 'Root',
      role: 'admin',
      password: PASSWORD,
    });
    const meta = as({ kind: 'account', id: admin.id, role: 'admin', via: 'ses_test' });
    await expect(a.call('block', { accountId: admin.id, reason: 'oops' }, meta)).rejects.toMatchObject({ type: 'OWN_ACCOUNT' });
    await a.call('block', { accountId: account.id, reason: 'fraud' }, meta);
    await a.call('signOut', { refreshToken: gone.refreshToken }, client());
    expect(await until(async () => !(await accepts(b, accessToken)))).toBeLessThan(1_000);
    await expect(b.call('signIn', login(who), client())).rejects.toMatchObject({ type: 'ACCOUNT_BLOCKED', code: 403 });
    await expect(b.call('refresh', { refreshToken }, client())).rejects.toMatchObject({
      type: expect.stringMatching(/ACCOUNT_BLOCKED|SESSION_ENDED/),
    });

    b = await pair.restartB();
    expect(await accepts(b, accessToken)).toBe(false);
    expect(await accepts(b, gone.accessToken)).toBe(false);

    await b.call('unblock', { accountId: account.id }, meta);
    const again = await b.call('signIn', login(who), client());
    await until(() => accepts(a, again.accessToken));
  });

  test('a changed role counts on the other node within a second, with the old token', async () => {
    const { account, accessToken } = await a.call('signUp', person(), client());
    const meta = as({ kind: 'account', id: 'acc_admin', role: 'admin', via: 'ses_test' });
    await a.call('setRole', { accountId: account.id, role: 'seller' }, meta);
    const took = await until(async () => (await b.call('authenticate', { accessToken })).role === 'seller');
    expect(took).toBeLessThan(1_000);
  });
});

describe('keys of the shop', () => {
  test('after a rotation old tokens still count, new ones are signed anew, on both nodes', async () => {
    const first = await a.call('signUp', person(), client());
    await a.call('rotateKeys', {});
    const second = await a.call('refresh', { refreshToken: first.refreshToken }, client());
    const kid = (token: string) => JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()).kid;
    expect(kid(second.accessToken)).not.toBe(kid(first.accessToken));
    for (const node of [a, b]) {
      expect(await accepts(node, first.accessToken)).toBe(true);
      await until(() => accepts(node, second.accessToken), 1_000);
    }
    await expect(b.call('refresh', { refreshToken: second.refreshToken }, client())).resolves.toBeDefined();
  });
});
