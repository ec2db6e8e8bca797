// An e-mail address belongs to one account: the claim is an actor of its own, so that of two racing sign-ups the log
// itself lets one win. A claim whose account was never made (the node died in between) is no obstacle: the next
// sign-up makes that very account.
import { createHash } from 'node:crypto';
import { defineActor } from '../../mixins/actor/definition.ts';
import { normaliseEmail } from './email.ts';

export interface ClaimState {
  /** The account that owns the address or is about to; null while unclaimed. */
  readonly accountId: string | null;
}

export interface ClaimEvent {
  readonly type: 'email.claimed';
  readonly data: { readonly accountId: string };
}

/** Id of the claim on an address, the same for every spelling of it. */
export function claimId(email: string): string {
  return `eml_${createHash('sha256').update(normaliseEmail(email)).digest('hex').slice(0, 40)}`;
}

export const claimActor = defineActor({
  stream: 'ACCOUNTS',
  initial: (): ClaimState => ({ accountId: null }),
  decide: {
    /** The first account keeps the address; whoever comes later finds it in the state. */
    claim(state: ClaimState, { accountId }: { accountId: string }): ClaimEvent[] {
      return state.accountId === null ? [{ type: 'email.claimed', data: { accountId } }] : [];
    },
  },
  evolve: (_state: ClaimState, event: ClaimEvent): ClaimState => ({ accountId: event.data.accountId }),
});
