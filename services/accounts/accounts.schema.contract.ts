// What the accounts domain shows of itself: accounts, addresses, sessions, API keys. Times are milliseconds since the epoch.
import * as z from 'zod';
import { ID_PATTERN } from '../../mixins/ids.ts';
import { ROLES } from '../../mixins/principal.ts';
import { EMAIL_MAX, isEmail } from './email.ts';

const PASSWORD_MIN = 8;
const PASSWORD_MAX = 128;

export const Id = z.string().regex(ID_PATTERN);
/** Actors of one stream are told apart by their prefix: no id of another kind may reach a command of this one. */
export const AccountId = Id.startsWith('acc_');
export const SessionId = Id.startsWith('ses_');
export const KeyId = Id.startsWith('key_');
export const Time = z.number().int().nonnegative();
export const Role = z.enum(ROLES);

/** One line of text a person typed: trimmed, not empty, no control characters. */
export const line = (max: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(max)
    .regex(/^\P{Cc}*$/u, 'No control characters');

/** Kept as it was spelled; unique in the spelling of `normaliseEmail`. */
export const Email = z.string().trim().max(EMAIL_MAX).refine(isEmail, 'Not an e-mail address');

/** A password that somebody chooses now. */
export const NewPassword = z.string().min(PASSWORD_MIN).max(PASSWORD_MAX);
/** A password that somebody types to prove who they are: old ones may have been made under other rules. */
export const TypedPassword = z.string().min(1).max(PASSWORD_MAX);

export const AccountStatus = z.enum(['active', 'blocked']);

export const Account = z.object({
  id: Id,
  email: z.string(),
  name: z.string(),
  phone: z.string().nullable(),
  role: Role,
  status: AccountStatus,
  createdAt: Time,
});
export type Account = z.output<typeof Account>;

export const AddressInput = z.strictObject({
  /** Who receives there. */
  name: line(120),
  line1: line(200),
  line2: line(200).optional(),
  city: line(120),
  region: line(120).optional(),
  postcode: line(20),
  /** ISO 3166-1 alpha-2. */
  country: z
    .string()
    .trim()
    .toUpperCase()
    .regex(/^[A-Z]{2}$/, 'Two letters, such as GB'),
  phone: line(40).optional(),
});
export type AddressInput = z.output<typeof AddressInput>;

export const Address = z.object({ id: Id, ...AddressInput.shape });
export type Address = z.output<typeof Address>;

export const AddressBook = z.object({ addresses: z.array(Address), defaultAddressId: Id.nullable() });
export type AddressBook = z.output<typeof AddressBook>;

/**
 * Answer of sign-up, sign-in and refresh. The gateway turns the tokens into HttpOnly cookies and shows them in the body
 * only to clients that ask for them.
 */
export const SignedIn = z.object({
  account: Account,
  /** Bearer token, valid until `expiresAt`. */
  accessToken: z.string(),
  expiresAt: Time,
  /** Good for one refresh, until `refreshExpiresAt`. */
  refreshToken: z.string(),
  refreshExpiresAt: Time,
});
export type SignedIn = z.output<typeof SignedIn>;

export const Session = z.object({
  id: Id,
  /** Browser or program, as it named itself. */
  device: z.string(),
  ip: z.string(),
  createdAt: Time,
  /** Last sign-in or refresh. */
  usedAt: Time,
  expiresAt: Time,
  current: z.boolean(),
});
export type Session = z.output<typeof Session>;

export const Scope = z.string().regex(/^[a-z]{2,32}:(read|write)$/, 'Such as orders:read');

export const ApiKey = z.object({
  id: Id,
  name: z.string(),
  /** First and last characters, enough to recognise the key. */
  prefix: z.string(),
  last4: z.string(),
  scopes: z.array(Scope),
  createdAt: Time,
});
export type ApiKey = z.output<typeof ApiKey>;

export const AccountPage = z.object({
  items: z.array(Account),
  /** Cursor of the next page, absent on the last one. */
  next: z.string().optional(),
});
export type AccountPage = z.output<typeof AccountPage>;

export const AccountPrincipal = z.object({
  kind: z.literal('account'),
  id: Id,
  role: Role,
  via: Id,
  scopes: z.array(z.string()).readonly().exactOptional(),
});

/** Everything the shop knows about one person. Other domains' parts are as they deliver them. */
export const PersonalData = z.object({
  exportedAt: Time,
  account: Account,
  addresses: AddressBook,
  sessions: z.array(Session),
  apiKeys: z.array(ApiKey),
  elsewhere: z.record(z.string(), z.unknown()),
});
