import { signGuest } from '../mixins/tokens/guest.ts';
import { createKeySet, fixedKeys } from '../mixins/tokens/keys.ts';
import { Identities } from './identity.ts';

const keys = fixedKeys(createKeySet(0));
const customer = { kind: 'account', id: 'acc_1', role: 'customer', via: 'ses_1' } as const;
const machine = { kind: 'account', id: 'acc_2', role: 'seller', via: 'key_1', scopes: ['stock:write'] } as const;
const identities = new Identities(keys, {
  accessToken: (token) => (token === 'good.access.token' ? customer : undefined),
  apiKey: async (key) => (key === 'sk_good' ? machine : undefined),
});
const guest = `souk_guest=${signGuest(keys, 'gst_1')}`;
const identify = async (headers: Record<string, string>) => identities.identify(headers);

describe('identity', () => {
  it('is nobody without credentials', async () => {
    expect(await identify({})).toMatchObject({ principal: { kind: 'anonymous' }, explicit: false, stale: false });
  });

  it('comes from the access cookie before the guest cookie', async () => {
    expect((await identify({ cookie: `souk_access=good.access.token; ${guest}` })).principal).toEqual(customer);
    expect((await identify({ cookie: guest })).principal).toEqual({ kind: 'guest', id: 'gst_1' });
  });

  it('comes from a bearer token or API key before the cookies', async () => {
    expect(await identify({ authorization: 'Bearer good.access.token', cookie: guest })).toMatchObject({
      principal: customer,
      explicit: true,
    });
    expect(await identify({ 'x-api-key': 'sk_good', cookie: 'souk_access=good.access.token' })).toMatchObject({
      principal: machine,
      explicit: true,
    });
  });

  it('is refused when a credential sent on purpose is not good', async () => {
    for (const headers of [
      { authorization: 'Bearer expired.access.token', cookie: 'souk_access=good.access.token' },
      { authorization: 'Basic YTpi' },
      { 'x-api-key': 'sk_bad' },
      { 'x-api-key': 'sk_good', authorization: 'Bearer good.access.token' },
    ]) {
      await expect(identify(headers as unknown as Record<string, string>)).rejects.toMatchObject({ type: 'UNAUTHENTICATED' });
    }
  });

  it('knows that a cookie has gone stale', async () => {
    expect(await identify({ cookie: `souk_access=expired.access.token; ${guest}` })).toMatchObject({
      principal: { kind: 'guest', id: 'gst_1' },
      stale: true,
    });
  });

  it('does not believe a guest cookie that we did not sign', async () => {
    for (const forged of ['gst_1', 'gst_1.kid.mac', `${signGuest(keys, 'gst_1').replace('gst_1', 'gst_2')}`]) {
      expect((await identify({ cookie: `souk_guest=${forged}` })).principal.kind).toBe('anonymous');
    }
  });
});
