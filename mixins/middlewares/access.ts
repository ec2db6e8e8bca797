// The access check of the called node: it holds for every caller, however the call came here.
import type { Context } from 'moleculer';
import type { ActionContract } from '../contract.ts';
import { failure } from '../errors.ts';
import type { Meta } from '../meta.ts';
import type { Principal, Role } from '../principal.ts';

/** Services that carry calls from outside; internal actions are closed to them. */
export const EDGES: readonly string[] = ['gateway', 'sockets', 'ui'];

/**
 * Refuses a caller that the contract does not name.
 * @throws UNAUTHENTICATED when an identity is needed and none is there, FORBIDDEN when it is the wrong one
 */
export function checkAccess(contract: ActionContract, principal: Principal | undefined): void {
  const { access } = contract;
  if (access === 'public') return;
  if (access === 'internal') throw failure('FORBIDDEN', 'This action is internal');
  if (principal === undefined || principal.kind === 'anonymous') throw failure('UNAUTHENTICATED');
  if (access !== 'visitor') checkRole(access, principal);
  checkScope(contract, principal);
}

function checkRole(roles: readonly Role[], principal: Principal): void {
  if (principal.kind !== 'account') throw failure('UNAUTHENTICATED');
  if (!roles.includes(principal.role)) throw failure('FORBIDDEN', `Only for: ${roles.join(', ')}`, { roles });
}

function checkScope({ scope }: ActionContract, principal: Principal): void {
  if (principal.kind !== 'account' || principal.scopes === undefined) return;
  if (scope === undefined) throw failure('FORBIDDEN', 'API keys cannot be used here');
  if (!principal.scopes.includes(scope)) throw failure('FORBIDDEN', `This API key lacks the scope ${scope}`, { scope });
}

/** Calls between services carry the authority of the called contract; only edges speak for somebody outside. */
export function guard(contract: ActionContract, ctx: Context<unknown, Meta>): void {
  const fromOutside = ctx.caller !== null && EDGES.includes(ctx.caller);
  if (!fromOutside) return;
  checkAccess(contract, ctx.meta.principal);
}
