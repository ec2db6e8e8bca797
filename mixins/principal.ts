// Who acts. The gateway verifies it once per request and passes it in `ctx.meta.principal`; nothing else may set it.

export const ROLES = ['customer', 'seller', 'agent', 'admin'] as const;
export type Role = (typeof ROLES)[number];

export type Principal =
  | { readonly kind: 'anonymous' }
  /** A visitor with a signed guest cookie; `id` (`gst_…`) owns a cart and guest orders. */
  | { readonly kind: 'guest'; readonly id: string }
  | {
      readonly kind: 'account';
      readonly id: string;
      readonly role: Role;
      /** The session (`ses_…`) or API key (`key_…`) that proved the identity. */
      readonly via: string;
      /** Present on API keys only: what the key may do, such as `orders:read`. */
      readonly scopes?: readonly string[];
    };

export const ANONYMOUS: Principal = { kind: 'anonymous' };

/** The id written as `by` into the log: the account, the guest, or `anonymous`. */
export function actingAs(principal: Principal | undefined): string {
  return principal === undefined ? 'system' : principal.kind === 'anonymous' ? 'anonymous' : principal.id;
}

export function hasRole(principal: Principal | undefined, ...roles: readonly Role[]): boolean {
  return principal?.kind === 'account' && roles.includes(principal.role);
}
