// What the contract lets in: the shapes of requests, before any rule is asked.
import { contracts } from '../contracts.ts';
import { accounts, SESSION_CLOSING, SESSION_OPENING } from './accounts.contract.ts';
import { SignedIn } from './accounts.schema.contract.ts';

const { signUp, addAddress, createApiKey, list, ensure, authenticate } = accounts.actions;

test('every example fits its own action', () => {
  for (const action of Object.values(accounts.actions)) {
    if ('example' in action) expect(action.params.safeParse(action.example).error).toBeUndefined();
  }
});

test('the e-mail address keeps its spelling without spaces around it', () => {
  const parsed = signUp.params.parse({ email: ' Ada@Example.com ', password: '12345678', name: ' Ada ' });
  expect(parsed).toEqual({ email: 'Ada@Example.com', password: '12345678', name: 'Ada' });
});

test.each([
  [{ email: 'ada', password: '12345678', name: 'Ada' }],
  [{ email: 'ada@example.com', password: '1234567', name: 'Ada' }],
  [{ email: 'ada@example.com', password: 'x'.repeat(129), name: 'Ada' }],
  [{ email: 'ada@example.com', password: '12345678', name: '   ' }],
  [{ email: 'ada@example.com', password: '12345678', name: 'A\u0007' }],
  [{ email: 'ada@example.com', password: '12345678', name: 'Ada', role: 'admin' }],
  [{ email: { $gt: '' }, password: '12345678', name: 'Ada' }],
  [{}],
])('signing up with %p is refused', (input) => {
  expect(signUp.params.safeParse(input).success).toBe(false);
});

test('a country is two letters, an address has no unknown fields', () => {
  const address = { name: 'Ada', line1: '1 High St', city: 'Leeds', postcode: 'LS1', country: 'gb' };
  expect(addAddress.params.parse(address).country).toBe('GB');
  expect(addAddress.params.safeParse({ ...address, country: 'GBR' }).success).toBe(false);
  expect(addAddress.params.safeParse({ ...address, id: 'adr_1' }).success).toBe(false);
});

test('scopes look like scopes', () => {
  expect(createApiKey.params.safeParse({ name: 'x', scopes: ['orders:read'] }).success).toBe(true);
  for (const scopes of [[], ['orders'], ['*'], ['orders:delete'], [1]]) {
    expect(createApiKey.params.safeParse({ name: 'x', scopes }).success).toBe(false);
  }
});

test('a list asks for a page of bounded size', () => {
  expect(list.params.parse({ limit: '50' }).limit).toBe(50);
  expect(list.params.safeParse({ limit: '1000' }).success).toBe(false);
});

test('an account made by the system has an id of ours', () => {
  const input = { email: 'a@example.com', name: 'A', role: 'admin' };
  expect(ensure.params.safeParse({ ...input, id: 'acc_demo' }).success).toBe(true);
  expect(ensure.params.safeParse({ ...input, id: 'ses_demo' }).success).toBe(false);
  expect(ensure.params.safeParse({ ...input, id: 'acc_../x' }).success).toBe(false);
});

test('an id of another kind of actor reaches no command', () => {
  const { block, get, revokeSession, revokeApiKey } = accounts.actions;
  expect(block.params.safeParse({ accountId: 'acc_1', reason: 'x' }).success).toBe(true);
  expect(block.params.safeParse({ accountId: 'key_1', reason: 'x' }).success).toBe(false);
  expect(get.params.safeParse({ accountId: 'ses_1' }).success).toBe(false);
  expect(revokeSession.params.safeParse({ sessionId: 'acc_1' }).success).toBe(false);
  expect(revokeApiKey.params.safeParse({ keyId: 'acc_1' }).success).toBe(false);
});

test('authenticating takes one proof', () => {
  expect(authenticate.params.safeParse({ accessToken: 'a' }).success).toBe(true);
  expect(authenticate.params.safeParse({ accessToken: 'a', apiKey: 'b' }).success).toBe(false);
});

test('the actions that open a session are those that answer with tokens', () => {
  const answering = Object.entries(accounts.actions).flatMap(([name, { result }]) =>
    result === SignedIn ? [`accounts.${name}`] : [],
  );
  expect(answering.sort()).toEqual([...SESSION_OPENING].sort());
  for (const name of SESSION_CLOSING) expect(accounts.actions).toHaveProperty(name.replace('accounts.', ''));
});

test('the domain is part of the shop', () => {
  expect(contracts).toContain(accounts);
});
