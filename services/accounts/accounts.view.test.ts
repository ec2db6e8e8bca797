// The back office's list: no secrets in it, and what was typed is searched for as it stands.
import type { LogMessage } from '../../mixins/log/message.ts';
import { type AccountState, noAccount } from './account.state.ts';
import { accountsView, rowOf, whereOf } from './accounts.view.ts';

const state: AccountState = {
  ...noAccount('acc_1'),
  status: 'active',
  email: 'Ada@Example.com',
  name: 'Ada',
  passwordHash: '$argon2id$',
  sessions: ['ses_1'],
};
const message = (id: string, of: unknown): LogMessage => ({
  stream: 'ACCOUNTS',
  seq: 1,
  subject: `accounts.00.${id}`,
  id,
  body: { v: 1, at: 1, by: 'x', cause: {}, events: [], state: of },
});

test('an account becomes a row without hash and sessions', () => {
  const doc = accountsView.project(message('acc_1', state));
  expect(doc).toMatchObject({ id: 'acc_1', text: 'ada@example.com ada' });
  expect(JSON.stringify(doc)).not.toMatch(/argon2|ses_1/);
  expect(doc && doc !== 'delete' && rowOf(doc)).not.toHaveProperty('text');
});

test('erased accounts leave the list, other actors of the stream never enter it', () => {
  expect(accountsView.project(message('acc_1', { ...state, status: 'erasing' }))).toBe('delete');
  expect(accountsView.project(message('acc_1', { ...state, status: 'erased' }))).toBe('delete');
  expect(accountsView.project(message('ses_1', {}))).toBeUndefined();
  expect(accountsView.project(message('eml_1', {}))).toBeUndefined();
});

test('a search text is no pattern', () => {
  const where = whereOf({ q: 'A.*(b' });
  const { $regex } = 'text' in where ? (where.text as { $regex: RegExp }) : { $regex: /never/ };
  expect($regex.test('xa.*(bx')).toBe(true);
  expect($regex.test('axxb')).toBe(false);
});

test('filters combine, and none means all', () => {
  expect(whereOf({ role: 'seller', status: 'blocked' })).toEqual({ role: 'seller', status: 'blocked' });
  expect(whereOf({})).toEqual({});
});
