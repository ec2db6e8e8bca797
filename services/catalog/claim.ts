// A claim makes a slug or a SKU unique: an actor whose id is the claimed word and whose state is its owner.
// Two products that race for one word meet in its compare-and-set, so exactly one of them gets it.
import { defineActor } from '../../mixins/actor/definition.ts';
import type { EventOf } from '../../mixins/contract.ts';
import { type catalog, catalogErrors } from './catalog.contract.ts';

export type ClaimEvent = Extract<EventOf<typeof catalog>, { type: `claim.${string}` }>;

export interface Claim {
  readonly kind: 'slug' | 'sku';
  readonly word: string;
  /** The product that has the word; null when it is free. */
  readonly owner: string | null;
  /** When it was claimed, in milliseconds. */
  readonly since: number;
}

export const slugClaimId = (slug: string): string => `slg_${slug}`;
export const skuClaimId = (sku: string): string => `skc_${sku}`;

function taken(claim: Claim) {
  const { kind, word, owner } = claim;
  const code = kind === 'slug' ? 'SLUG_TAKEN' : 'SKU_TAKEN';
  return catalogErrors(code, `Another product has the ${kind} ${word}.`, { [kind]: word, productId: owner });
}

export const claimActor = defineActor({
  stream: 'CATALOG',
  initial: (id: string): Claim => ({ kind: id.startsWith('slg_') ? 'slug' : 'sku', word: id.slice(4), owner: null, since: 0 }),
  decide: {
    /** Refused with SLUG_TAKEN or SKU_TAKEN while another product has the word; `from` takes it over from that owner only. */
    take(claim: Claim, input: { owner: string; from?: string }, { now }): ClaimEvent[] {
      if (claim.owner === input.owner) return [];
      if (claim.owner !== null && claim.owner !== input.from) throw taken(claim);
      return [{ type: 'claim.taken', data: { owner: input.owner, at: now } }];
    },
    /** Nothing happens when the word belongs to somebody else by now. */
    release(claim: Claim, input: { owner: string }, { now }): ClaimEvent[] {
      return claim.owner === input.owner ? [{ type: 'claim.released', data: { owner: input.owner, at: now } }] : [];
    },
  },
  evolve(claim: Claim, event: ClaimEvent): Claim {
    switch (event.type) {
      case 'claim.taken':
        return { ...claim, owner: event.data.owner, since: event.data.at };
      case 'claim.released':
        return { ...claim, owner: null };
      default:
        return event satisfies never;
    }
  },
});
