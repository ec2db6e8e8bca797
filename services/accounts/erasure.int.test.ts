// One's own data: exported whole, erased to the last byte on disk, also when the node that began died.
import { newId } from '../../mixins/ids.ts';
import { nodeOf } from '../../mixins/node.ts';
import { createKeySet, fixedKeys } from '../../mixins/tokens/keys.ts';
import { accountActor } from './account.ts';
import {
  accepts,
  as,
  client,
  erased,
  filesWith,
  PASSWORD,
  type Pair,
  person,
  startPair,
  type TestNode,
  until,
} from './accounts.testing.ts';
import { claimId } from './claim.ts';
import { finishErasure } from './erasure.ts';
import { createHost } from './host.ts';
import { startSession } from './sessions.ts';

let pair: Pair;
let a: TestNode;
let b: TestNode;

beforeAll(async () => {
  pair = await startPair();
  ({ a, b } = pair);
});
afterAll(() => pair.stop());

const login = ({ email, password }: { email: string; password: string }) => ({ email, password });

describe('one’s own data', () => {
  const address = {
    name: 'Zaphod Beeblebrox',
    line1: '42 Heart of Gold Lane',
    city: 'Magrathea',
    postcode: 'ZZ9',
    country: 'GB',
  };

  test('is exported whole, and erased to the last byte on disk', async () => {
    const who = { email: 'zaphod.beeblebrox@galaxy.test', password: PASSWORD, name: 'Zaphod Beeblebrox' };
    const { account, accessToken } = await a.call('signUp', who, client('203.0.113.42', 'Pan Galactic Browser'));
    const meta = as(await a.call('authenticate', { accessToken }));
    const other = await b.call('signIn', login(who), client('203.0.113.43', 'Pan Galactic Phone'));
    await b.call('refresh', { refreshToken: other.refreshToken }, client());
    await a.call('addAddress', address, meta);
    const { secret } = await a.call('createApiKey', { name: 'Improbability', scopes: ['orders:read'] }, meta);

    const everything = await b.call('exportData', {}, meta);
    expect(everything).toMatchObject({
      account: { email: who.email },
      addresses: { addresses: [address] },
      apiKeys: [{ name: 'Improbability' }],
    });
    expect(everything.sessions).toHaveLength(2);
    expect(everything.elsewhere).toMatchObject({ carts: { kept: 'by carts' } });
    expect(JSON.stringify(everything)).not.toMatch(/argon2/);

    const personal = /zaphod|beeblebrox|magrathea|galactic|203\.0\.113\.4[23]|improbability/i;
    await until(() => filesWith(pair.nats.dir, personal).length > 0);
    await expect(a.call('erase', { password: 'wrong one' }, meta)).rejects.toMatchObject({ type: 'WRONG_PASSWORD' });
    await a.call('erase', { password: PASSWORD }, meta);

    expect(await until(async () => !(await accepts(b, accessToken)) && !(await accepts(b, other.accessToken)))).toBeLessThan(
      1_000,
    );
    await expect(b.call('authenticate', { apiKey: secret })).rejects.toMatchObject({ type: 'UNAUTHENTICATED' });
    await expect(b.call('refresh', { refreshToken: other.refreshToken }, client())).rejects.toMatchObject({
      type: 'SESSION_ENDED',
    });
    await expect(b.call('signIn', login(who), client())).rejects.toMatchObject({ type: 'WRONG_CREDENTIALS' });

    expect(erased).toContain(account.id);
    const steps: unknown[] = [];
    for await (const { body } of nodeOf(a.broker).log.steps('ACCOUNTS', account.id)) steps.push(body.events);
    expect(steps).toEqual([[{ type: 'account.erased', data: { accountId: account.id, at: expect.any(Number) } }]]);
    await until(() => filesWith(pair.nats.dir, personal).length === 0);
    expect(filesWith(pair.nats.dir, new RegExp(claimId(who.email)))).toEqual([]);

    const back = await b.call('signUp', who, client());
    expect(back.account.id).not.toBe(account.id);
  });

  test('an erasure that was interrupted is finished by a reaction', async () => {
    const who = { email: 'ford.prefect@galaxy.test', password: PASSWORD, name: 'Ford Prefect' };
    const { account } = await a.call('signUp', who, client());
    await nodeOf(b.broker).actors('accounts', accountActor).send(account.id, 'startErasure', {}, { meta: {} });
    await until(() => filesWith(pair.nats.dir, /ford.prefect|Ford Prefect/).length === 0, 10_000);
    await expect(b.call('get', { accountId: account.id })).rejects.toMatchObject({ type: 'ACCOUNT_NOT_FOUND' });
  });

  test('a session that opens while its account is erased leaves nothing behind', async () => {
    const souk = nodeOf(a.broker);
    const host = createHost(
      {
        broker: a.broker,
        log: souk.log,
        logger: souk.logger,
        now: Date.now,
        newId: souk.newId,
        actors: (definition) => souk.actors('accounts', definition),
      },
      fixedKeys(createKeySet(0)),
    );
    const { account } = await a.call('signUp', person(), client());
    const origin = { meta: client('203.0.113.77', 'Trillian Browser') };
    const sessionId = newId('ses');
    const { state } = await host.accounts.send(account.id, 'openSession', { sessionId }, origin);
    await host.accounts.send(account.id, 'startErasure', {}, origin);
    await finishErasure(host, account.id, origin);
    await expect(startSession(host, state, sessionId, origin)).rejects.toMatchObject({ type: 'SESSION_ENDED' });
    expect(await souk.log.last('ACCOUNTS', sessionId)).toBeUndefined();
    expect(filesWith(pair.nats.dir, /Trillian/)).toEqual([]);
  });

  test('passwords and tokens stand nowhere on disk', async () => {
    const { refreshToken, accessToken } = await a.call('signUp', person(), client());
    await until(() => accepts(b, accessToken));
    expect(filesWith(pair.nats.dir, new RegExp(`${PASSWORD}|${refreshToken.slice(-30)}|${accessToken.slice(-30)}`))).toEqual([]);
  });
});
