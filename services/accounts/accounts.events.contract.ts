// Facts of the ACCOUNTS stream that others may react to. Hashes of passwords and tokens are in private events, not here.
import * as z from 'zod';
import { Address, Id, Role, Time } from './accounts.schema.contract.ts';

const Who = { accountId: Id };

export const AccountEvents = {
  'account.signedUp': z.object({ ...Who, email: z.string(), name: z.string(), role: Role, at: Time }),
  'account.profileChanged': z.object({ ...Who, name: z.string(), phone: z.string().nullable() }),
  'account.addressSaved': z.object({ ...Who, address: Address }),
  'account.addressRemoved': z.object({ ...Who, addressId: Id }),
  'account.defaultAddressChosen': z.object({ ...Who, addressId: Id }),
  'account.passwordChanged': z.object({ ...Who, at: Time }),
  'account.roleChanged': z.object({ ...Who, from: Role, to: Role, at: Time }),
  'account.blocked': z.object({ ...Who, reason: z.string(), at: Time }),
  'account.unblocked': z.object({ ...Who, at: Time }),
  /** Sessions that ended because of their account; each is then closed for good by a reaction. */
  'account.sessionsEnded': z.object({ ...Who, sessionIds: z.array(Id), reason: z.string(), at: Time }),
  /** The account asked to be forgotten: from here on nothing can be done in its name. */
  'account.erasureStarted': z.object({ ...Who, at: Time }),
  /** Nothing personal is left: the only event that remains of the account. */
  'account.erased': z.object({ ...Who, at: Time }),
  'session.revoked': z.object({ ...Who, sessionId: Id, reason: z.string(), at: Time }),
  'apiKey.revoked': z.object({ ...Who, keyId: Id, at: Time }),
} as const;
