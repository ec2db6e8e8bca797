// Which tokens are no longer good although they have not expired, kept on every node that verifies by following the log.
// An actor that matters for access writes `summary.access` into each message; that is all this file knows of accounts.
import type { LogBody, LogMessage } from '../log/message.ts';
import { ROLES, type Role } from '../principal.ts';
import { ACCESS_TOKEN_MS } from './access.ts';

/** What an actor's last message says about access. Absent facts mean: nothing to refuse. */
export interface AccessFacts {
  /** Nothing may be done any more in the name of this actor: a blocked account, an ended session, a revoked key. */
  readonly denied?: boolean;
  /** Sessions of this account that ended together, such as by a change of password. */
  readonly ended?: readonly string[];
  /** The account's role when it is not the one it began with: tokens signed before the change carry the old one. */
  readonly role?: Role;
}

/** Refusals are kept until every token signed before them has expired, with room for clocks that differ. */
const KEEP_MS = ACCESS_TOKEN_MS + 120_000;
const SWEEP_MS = 60_000;

export class Revocations {
  readonly #now: () => number;
  /** Refused by their own last message, which may also take it back (an unblocked account). */
  readonly #denied = new Map<string, number>();
  /** Ended by their account: final, whatever the session itself wrote at the same moment. */
  readonly #ended = new Map<string, number>();
  readonly #roles = new Map<string, Role>();
  #swept = 0;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** Takes over what a message says; true when it says something that makes an earlier answer wrong. */
  observe({ id, body }: LogMessage): boolean {
    const facts = accessFacts(body);
    const until = body.at + KEEP_MS;
    if (!facts.denied) this.#denied.delete(id);
    else if (until > this.#now()) this.#denied.set(id, until);
    for (const session of facts.ended) if (until > this.#now()) this.#ended.set(session, until);
    if (facts.role) this.#roles.set(id, facts.role);
    this.#sweep();
    return facts.denied || facts.ended.length > 0 || facts.role !== undefined;
  }

  isDenied(id: string): boolean {
    return this.#denied.has(id) || this.#ended.has(id);
  }

  /** The account's present role, when it differs from what a token may still say. */
  roleOf(account: string): Role | undefined {
    return this.#roles.get(account);
  }

  /** Refusals kept at this moment. */
  get size(): number {
    return this.#denied.size + this.#ended.size;
  }

  #sweep(): void {
    const now = this.#now();
    if (now - this.#swept < SWEEP_MS) return;
    this.#swept = now;
    for (const kept of [this.#denied, this.#ended]) for (const [id, until] of kept) if (until <= now) kept.delete(id);
  }
}

interface ReadFacts {
  readonly denied: boolean;
  readonly ended: readonly string[];
  readonly role: Role | undefined;
}

const NO_FACTS: ReadFacts = { denied: false, ended: [], role: undefined };

function accessFacts({ summary }: LogBody): ReadFacts {
  if (typeof summary !== 'object' || summary === null || !('access' in summary)) return NO_FACTS;
  const { access } = summary;
  if (typeof access !== 'object' || access === null) return NO_FACTS;
  return {
    denied: 'denied' in access && access.denied === true,
    ended: 'ended' in access && Array.isArray(access.ended) ? access.ended.filter((id) => typeof id === 'string') : [],
    role: 'role' in access ? ROLES.find((one) => one === access.role) : undefined,
  };
}
