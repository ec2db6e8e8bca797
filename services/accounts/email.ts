// E-mail addresses: which text is one, and which spellings mean the same mailbox. No node imports: forms use it too.

/** Longest address that mail servers accept. */
export const EMAIL_MAX = 254;

/** Deliberately simple: one @, no spaces, a dot in the domain. Whether a mailbox exists only a mail can tell. */
const SHAPE = /^[^\s@"<>()[\]\\,;:\p{Cc}]{1,64}@[^\s@"<>()[\]\\,;:\p{Cc}]{1,190}\.[^\s@"<>()[\]\\,;:.\p{Cc}]{2,63}$/u;

/** The spelling under which an address is unique: trimmed, NFKC, lower case. */
export function normaliseEmail(email: string): string {
  return email.trim().normalize('NFKC').toLowerCase();
}

export function isEmail(text: string): boolean {
  const email = normaliseEmail(text);
  return email.length <= EMAIL_MAX && SHAPE.test(email) && !email.includes('..');
}
