// The refusals of accounts, by their stable codes.
import { defineErrors } from '../../mixins/errors.ts';

export const accountErrors = defineErrors({
  EMAIL_TAKEN: { status: 409, title: 'There is already an account with this e-mail address' },
  WRONG_CREDENTIALS: { status: 401, title: 'E-mail address or password is wrong' },
  WRONG_PASSWORD: { status: 403, title: 'The password is wrong' },
  TOO_MANY_ATTEMPTS: { status: 429, title: 'Too many attempts, wait a moment' },
  SIGN_IN_BUSY: { status: 503, title: 'Too many people are signing in at once, try again' },
  ACCOUNT_BLOCKED: { status: 403, title: 'This account is blocked' },
  ACCOUNT_NOT_FOUND: { status: 404, title: 'There is no such account' },
  SESSION_ENDED: { status: 401, title: 'This session has ended, sign in again' },
  SESSION_NOT_FOUND: { status: 404, title: 'There is no such session' },
  ADDRESS_NOT_FOUND: { status: 404, title: 'There is no such address' },
  ADDRESSES_FULL: { status: 409, title: 'The address book is full' },
  API_KEY_NOT_FOUND: { status: 404, title: 'There is no such API key' },
  API_KEYS_FULL: { status: 409, title: 'There are too many API keys' },
  OWN_ACCOUNT: { status: 409, title: 'Not on your own account: ask another administrator' },
});
