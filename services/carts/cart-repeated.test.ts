// A request whose node died is done again: the same addition must not count twice.
import { replay } from '../../mixins/actor/definition.ts';
import { cartActor } from './cart.ts';
import type { CartEvent } from './carts.contract.ts';

const owner = { kind: 'guest' as const, id: 'gst_1' };
const line = {
  key: 'MUG',
  sku: 'MUG',
  productId: 'prd_1',
  sellerId: 'acc_1',
  title: 'Mug',
  variant: '',
  quantity: 2,
  unitPrice: 500,
  tracksStock: true,
};

/** The cart after these requests, each by its operation. */
function cartAfter(...operations: (string | undefined)[]) {
  const events: CartEvent[] = [];
  for (const operation of operations) {
    const state = replay(cartActor, 'crt_gst_1', events);
    events.push(...cartActor.decide.add(state, { line, owner, operation }));
  }
  return replay(cartActor, 'crt_gst_1', events);
}
const units = (state: ReturnType<typeof cartAfter>): number => state.lines.reduce((sum, { quantity }) => sum + quantity, 0);

describe('adding to a cart', () => {
  it('given the same request again, then it adds nothing', () => {
    expect(units(cartAfter('req_1', 'req_1'))).toBe(2);
  });

  it('given another request, then it adds', () => {
    expect(units(cartAfter('req_1', 'req_2'))).toBe(4);
  });

  it('given requests without a key, then each of them counts', () => {
    expect(units(cartAfter(undefined, undefined))).toBe(4);
  });

  it('remembers a bounded number of requests', () => {
    expect(cartAfter(...Array.from({ length: 50 }, (_, n) => `req_${n}`)).operations).toHaveLength(20);
  });

  it('given the request again while its cart is being ordered, then it is still the same answer', () => {
    const frozen = { ...cartAfter('req_1'), status: 'frozen' as const };
    expect(cartActor.decide.add(frozen, { line, owner, operation: 'req_1' })).toEqual([]);
  });
});
