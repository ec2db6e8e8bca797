// Whose payment it is: the order's own customer or guest, and staff. Everybody else is told that there is none.
import type { Principal } from '../../mixins/principal.ts';

export interface OrderAccess {
  readonly accountId?: string | undefined;
  readonly guestId?: string | undefined;
}

/** True for the account or the guest that placed the order. */
export function owns(access: OrderAccess, principal: Principal | undefined): boolean {
  switch (principal?.kind) {
    case 'account':
      return access.accountId === principal.id;
    case 'guest':
      return access.guestId === principal.id;
    default:
      return false;
  }
}
