// The rules of an account as sentences: given what happened, when this is asked, then that happens.
import { replay } from '../../mixins/actor/definition.ts';
import { codeOf } from '../../mixins/errors.ts';
import { type AccountEvent, type AccountState, accessOfAccount, accountOf } from './account.state.ts';
import { accountActor, MAX_ADDRESSES, MAX_KEYS, MAX_SESSIONS } from './account.ts';

const ID = 'acc_1';
const NOW = 1_800_000_000_000;
const { decide, evolve } = accountActor;

const signUp = { email: 'Ada@example.com', name: 'Ada', role: 'customer', hash: '$argon2id$x', sessionId: 'ses_1' } as const;
const address = (id: string) => ({ id, name: 'Ada', line1: '1 High St', city: 'Leeds', postcode: 'LS1', country: 'GB' });

function context(by = ID, now = NOW) {
  return { now, by, version: 1, newId: (prefix: string) => `${prefix}_new` };
}
function given(...events: AccountEvent[]): AccountState {
  return replay(accountActor, ID, events);
}
function then(state: AccountState, events: readonly AccountEvent[]): AccountState {
  return events.reduce(evolve, state);
}
function refusal(work: () => unknown): string | undefined {
  try {
    work();
  } catch (error) {
    return codeOf(error);
  }
  return undefined;
}

const nobody = given();
const ada = then(nobody, decide.signUp(nobody, signUp, context()));
const blocked = then(ada, decide.block(ada, { reason: 'fraud' }, context('acc_admin')));
const erasing = then(ada, decide.startErasure(ada, {}, context()));

describe('signing up', () => {
  test('makes an active customer with its first session', () => {
    expect(accountOf(ada)).toEqual({
      id: ID,
      email: 'Ada@example.com',
      name: 'Ada',
      phone: null,
      role: 'customer',
      status: 'active',
      createdAt: NOW,
    });
    expect(ada.sessions).toEqual(['ses_1']);
  });

  test('a second time is refused: the address is taken', () => {
    expect(refusal(() => decide.signUp(ada, signUp, context()))).toBe('EMAIL_TAKEN');
  });

  test('the hash of the password stands in no event that others read', () => {
    const events = decide.signUp(nobody, signUp, context());
    const holders = events.filter((event) => JSON.stringify(event).includes('argon2'));
    expect(holders.map(({ type }) => type)).toEqual(['account.passwordSet']);
  });
});

describe('ensuring an account', () => {
  const ensure = { ...signUp, sessionId: null };

  test('makes it when it is not there, and nothing more the second time', () => {
    expect(decide.ensure(nobody, ensure, context()).map(({ type }) => type)).toEqual(['account.signedUp', 'account.passwordSet']);
    expect(decide.ensure(ada, ensure, context())).toEqual([]);
  });

  test('promotes an existing account and leaves its password alone', () => {
    const events = decide.ensure(ada, { ...ensure, role: 'admin', hash: 'other' }, context());
    expect(then(ada, events)).toMatchObject({ role: 'admin', passwordHash: '$argon2id$x', name: 'Ada' });
  });

  test('gives a password to an imported account that has none', () => {
    const imported = then(nobody, decide.ensure(nobody, { ...ensure, hash: null }, context()));
    expect(imported.passwordHash).toBeNull();
    expect(then(imported, decide.ensure(imported, ensure, context())).passwordHash).toBe('$argon2id$x');
  });
});

describe('the profile', () => {
  test('what is left out stays, null removes the phone number', () => {
    const first = then(ada, decide.changeProfile(ada, { phone: '123' }));
    expect(first).toMatchObject({ name: 'Ada', phone: '123' });
    expect(then(first, decide.changeProfile(first, { phone: null }))).toMatchObject({ name: 'Ada', phone: null });
  });

  test('the same again appends nothing', () => {
    expect(decide.changeProfile(ada, { name: 'Ada' })).toEqual([]);
  });
});

describe('addresses', () => {
  const one = then(ada, decide.addAddress(ada, { address: address('adr_1') }));
  const two = then(one, decide.addAddress(one, { address: address('adr_2') }));

  test('the first becomes the default, the second does not', () => {
    expect(one.defaultAddressId).toBe('adr_1');
    expect(two.defaultAddressId).toBe('adr_1');
  });

  test('when the default goes, another takes its place', () => {
    const left = then(two, decide.removeAddress(two, { addressId: 'adr_1' }));
    expect(left.defaultAddressId).toBe('adr_2');
    expect(then(left, decide.removeAddress(left, { addressId: 'adr_2' }))).toMatchObject({
      defaultAddressId: null,
      addresses: [],
    });
  });

  test('adding, removing and choosing twice is as once', () => {
    expect(decide.addAddress(one, { address: address('adr_1') })).toEqual([]);
    expect(decide.removeAddress(ada, { addressId: 'adr_1' })).toEqual([]);
    expect(decide.chooseAddress(one, { addressId: 'adr_1' })).toEqual([]);
  });

  test('one that is not there can be neither changed nor chosen', () => {
    expect(refusal(() => decide.changeAddress(one, { address: address('adr_9') }))).toBe('ADDRESS_NOT_FOUND');
    expect(refusal(() => decide.chooseAddress(one, { addressId: 'adr_9' }))).toBe('ADDRESS_NOT_FOUND');
  });

  test('the book has an end', () => {
    let state = ada;
    for (let i = 0; i < MAX_ADDRESSES; i++) state = then(state, decide.addAddress(state, { address: address(`adr_${i}`) }));
    expect(refusal(() => decide.addAddress(state, { address: address('adr_x') }))).toBe('ADDRESSES_FULL');
  });
});

describe('sessions', () => {
  const open = (state: AccountState, sessionId: string) => then(state, decide.openSession(state, { sessionId }, context()));

  test('opening one twice is as once', () => {
    expect(decide.openSession(ada, { sessionId: 'ses_1' }, context())).toEqual([]);
  });

  test('the oldest ends when there are too many', () => {
    let state = ada;
    for (let i = 2; i <= MAX_SESSIONS + 1; i++) state = open(state, `ses_${i}`);
    expect(state.sessions).toHaveLength(MAX_SESSIONS);
    expect(state.sessions).not.toContain('ses_1');
    expect(accessOfAccount(state).ended).toEqual(['ses_1']);
  });

  test('a new password ends every other session in the same step', () => {
    const both = open(ada, 'ses_2');
    const changed = then(both, decide.changePassword(both, { hash: 'new', keep: 'ses_2' }, context()));
    expect(changed).toMatchObject({ sessions: ['ses_2'], passwordHash: 'new' });
    expect(accessOfAccount(changed)).toMatchObject({ denied: false, ended: ['ses_1'] });
  });

  test('ended ones are forgotten when their last access token has expired', () => {
    const ended = then(ada, decide.endOtherSessions(ada, { keep: '' }, context()));
    const later = open(ended, 'ses_3');
    const again = then(later, decide.endOtherSessions(later, { keep: '' }, context(ID, NOW + 3_600_000)));
    expect(again.ended.map(({ id }) => id)).toEqual(['ses_3']);
  });

  test('ending others where there are none appends nothing', () => {
    expect(decide.endOtherSessions(ada, { keep: 'ses_1' }, context())).toEqual([]);
  });
});

describe('the back office', () => {
  test('a blocked account is denied everywhere, its sessions have ended', () => {
    expect(accessOfAccount(blocked)).toMatchObject({ denied: true, ended: ['ses_1'] });
    expect(blocked.sessions).toEqual([]);
  });

  test('blocking and unblocking twice is as once', () => {
    expect(decide.block(blocked, { reason: 'again' }, context('acc_admin'))).toEqual([]);
    expect(decide.unblock(ada, {}, context('acc_admin'))).toEqual([]);
  });

  test('an unblocked account may sign in again', () => {
    const free = then(blocked, decide.unblock(blocked, {}, context('acc_admin')));
    expect(accessOfAccount(free).denied).toBe(false);
    expect(then(free, decide.openSession(free, { sessionId: 'ses_2' }, context())).sessions).toEqual(['ses_2']);
  });

  test('a changed role is told to every node, also when it is changed back', () => {
    expect(accessOfAccount(ada).role).toBeUndefined();
    const seller = then(ada, decide.setRole(ada, { role: 'seller' }, context('acc_admin')));
    expect(accessOfAccount(seller).role).toBe('seller');
    const back = then(seller, decide.setRole(seller, { role: 'customer' }, context('acc_admin')));
    expect(accessOfAccount(back).role).toBe('customer');
    expect(decide.setRole(back, { role: 'customer' }, context('acc_admin'))).toEqual([]);
  });

  test('nobody blocks or demotes themselves', () => {
    expect(refusal(() => decide.block(ada, { reason: 'oops' }, context(ID)))).toBe('OWN_ACCOUNT');
    expect(refusal(() => decide.setRole(ada, { role: 'customer' }, context(ID)))).toBe('OWN_ACCOUNT');
  });

  test('a blocked account can do nothing for itself', () => {
    const asks = [
      () => decide.openSession(blocked, { sessionId: 'ses_2' }, context()),
      () => decide.changeProfile(blocked, { name: 'Eve' }),
      () => decide.addAddress(blocked, { address: address('adr_1') }),
      () => decide.changePassword(blocked, { hash: 'x', keep: '' }, context()),
      () => decide.addKey(blocked, { keyId: 'key_1' }),
    ];
    expect(asks.map(refusal)).toEqual(asks.map(() => 'ACCOUNT_BLOCKED'));
  });
});

describe('API keys', () => {
  test('adding and removing twice is as once', () => {
    const one = then(ada, decide.addKey(ada, { keyId: 'key_1' }));
    expect(decide.addKey(one, { keyId: 'key_1' })).toEqual([]);
    expect(decide.removeKey(ada, { keyId: 'key_1' })).toEqual([]);
  });

  test('there is an end to them', () => {
    let state = ada;
    for (let i = 0; i < MAX_KEYS; i++) state = then(state, decide.addKey(state, { keyId: `key_${i}` }));
    expect(refusal(() => decide.addKey(state, { keyId: 'key_x' }))).toBe('API_KEYS_FULL');
  });
});

describe('erasure', () => {
  test('from its start on nothing can be done in the name of the account', () => {
    expect(accessOfAccount(erasing).denied).toBe(true);
    expect(refusal(() => decide.openSession(erasing, { sessionId: 'ses_2' }, context()))).toBe('ACCOUNT_NOT_FOUND');
    expect(refusal(() => decide.signUp(erasing, signUp, context()))).toBe('EMAIL_TAKEN');
  });

  test('afterwards nothing personal is left in the state, and tokens stay refused', () => {
    const erased = then(erasing, decide.finishErasure(erasing, {}, context()));
    expect(JSON.stringify(erased).toLowerCase()).not.toMatch(/ada|argon2|ses_/);
    expect(accessOfAccount(erased).denied).toBe(true);
  });

  test('it is started once and finished once', () => {
    expect(decide.startErasure(erasing, {}, context())).toEqual([]);
    expect(decide.finishErasure(ada, {}, context())).toEqual([]);
    expect(refusal(() => decide.startErasure(nobody, {}, context()))).toBe('ACCOUNT_NOT_FOUND');
  });
});
