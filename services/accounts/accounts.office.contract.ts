// The back office's part of the accounts contract: finding, blocking and promoting accounts.
import * as z from 'zod';
import { Account, AccountId, AccountPage, AccountStatus, line, Role } from './accounts.schema.contract.ts';

const ByAccount = { accountId: AccountId };
const staff = { access: ['admin', 'agent'], scope: 'accounts:read' } as const;
const office = { access: ['admin'], scope: 'accounts:write' } as const;

export const OfficeActions = {
  list: {
    summary: 'Accounts for the back office, newest first',
    rest: 'GET /users/admin/users',
    ...staff,
    idempotent: true,
    params: z.strictObject({
      /** Part of the e-mail address or name. */
      q: line(100).optional(),
      role: Role.optional(),
      status: AccountStatus.optional(),
      limit: z.coerce.number().int().min(1).max(100).default(20),
      after: z.string().max(256).optional(),
    }),
    result: AccountPage,
  },
  inspect: {
    summary: 'One account for the back office',
    rest: 'GET /users/admin/users/:accountId',
    ...staff,
    idempotent: true,
    params: z.strictObject(ByAccount),
    result: Account,
    errors: ['ACCOUNT_NOT_FOUND'],
  },
  block: {
    summary: 'Block an account: it is signed out everywhere within a second and cannot sign in',
    rest: 'POST /users/admin/users/:accountId/block',
    ...office,
    idempotent: true,
    params: z.strictObject({ ...ByAccount, reason: line(500) }),
    result: Account,
    errors: ['ACCOUNT_NOT_FOUND', 'OWN_ACCOUNT'],
  },
  unblock: {
    summary: 'Let a blocked account in again',
    rest: 'POST /users/admin/users/:accountId/unblock',
    ...office,
    idempotent: true,
    params: z.strictObject(ByAccount),
    result: Account,
    errors: ['ACCOUNT_NOT_FOUND'],
  },
  setRole: {
    summary: 'Give an account another role, effective within a second',
    rest: 'PUT /users/admin/users/:accountId/role',
    ...office,
    idempotent: true,
    params: z.strictObject({ ...ByAccount, role: Role }),
    result: Account,
    errors: ['ACCOUNT_NOT_FOUND', 'OWN_ACCOUNT'],
  },
} as const;
