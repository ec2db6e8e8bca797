// Two drivers of one order, and drivers that die between two steps: whatever happens, the order ends once and nothing stays behind.
import { FakeActors } from '../../test/support/fake-actors.ts';
import { cartErrors } from '../carts/carts.contract.ts';
import { paymentErrors } from '../payments/payments.contract.ts';
import { orderActor } from './order.ts';
import { drive, type Saga } from './orders.saga.ts';

const ORDER = 'ord_1';
const origin = { meta: {} };
const MUG = 'MUG';
const CUP = 'CUP';

/** What the saga sees of stock and payments, with a place to step in before or after any call. */
class World {
  readonly orders = new FakeActors(orderActor);
  readonly calls: string[] = [];
  readonly stock: Record<string, { free: number; held: number; sold: number; closed: boolean }> = {
    [MUG]: { free: 5, held: 0, sold: 0, closed: false },
    [CUP]: { free: 5, held: 0, sold: 0, closed: false },
  };
  payment: { status: string; closed: boolean } | undefined;
  readonly #hooks = new Map<string, () => Promise<void> | void>();

  readonly saga: Saga = {
    orders: this.orders as unknown as Saga['orders'],
    now: () => this.orders.now,
    call: (async (name: string, params: { sku?: string; quantity?: number }) => {
      await this.#hook(`before ${name}`);
      const result = this.#do(name, params);
      this.calls.push(name);
      await this.#hook(`after ${name}`);
      return result;
    }) as Saga['call'],
  };

  /** Once. */
  when(moment: string, then: () => Promise<void> | void): void {
    this.#hooks.set(moment, then);
  }

  async #hook(moment: string): Promise<void> {
    const hook = this.#hooks.get(moment);
    this.#hooks.delete(moment);
    await hook?.();
  }

  #do(name: string, { sku = MUG, quantity = 0 }: { sku?: string; quantity?: number }): unknown {
    const level = this.stock[sku] as World['stock'][string];
    switch (name) {
      case 'stock.reserve':
        if (level.held > 0) return {};
        if (level.closed || level.sold > 0) throw refusal('RESERVATION_CLOSED', { was: level.sold > 0 ? 'sold' : 'released' });
        if (level.free < quantity) throw refusal('OUT_OF_STOCK', { available: level.free });
        return Object.assign(level, { free: level.free - quantity, held: quantity });
      case 'stock.commit':
        if (level.held === 0 && level.sold === 0) throw refusal('RESERVATION_GONE', {});
        return Object.assign(level, { sold: level.sold + level.held, held: 0 });
      case 'stock.undo':
        if (level.held + level.sold === 0) return {};
        return Object.assign(level, { free: level.free + level.held + level.sold, held: 0, sold: 0, closed: true });
      case 'payments.authorise':
        if (this.payment?.closed) throw paymentErrors('PAYMENT_CLOSED');
        this.payment ??= { status: 'authorised', closed: false };
        return this.payment;
      case 'payments.capture':
        if (this.payment?.closed) throw paymentErrors('PAYMENT_CLOSED');
        this.payment = { status: 'captured', closed: false };
        return this.payment;
      case 'payments.cancel': {
        const given =
          { authorised: 'voided', captured: 'refunded' }[this.payment?.status ?? ''] ?? this.payment?.status ?? 'none';
        this.payment = { status: given, closed: true };
        return this.payment;
      }
      case 'payments.state':
        return this.payment ? { payment: this.payment } : {};
      case 'carts.settle':
        return { status: 'open' };
      default:
        throw cartErrors('CART_EMPTY', name);
    }
  }

  async place(): Promise<void> {
    const line = {
      productId: 'prd_1',
      sellerId: 'acc_1',
      title: 'T',
      variant: '',
      quantity: 1,
      unitPrice: 500,
      tracksStock: true,
    };
    const totals = { items: 1_000, delivery: 0, total: 1_000, currency: 'GBP' as const };
    const lines = [MUG, CUP].map((sku) => ({ ...line, sku }));
    const owner = { kind: 'guest' as const, id: 'gst_1' };
    const more = { delivery: 'pickup', country: 'GB', paymentMethod: 'pm_card_visa', expiresAt: this.orders.now + 900_000 };
    await this.orders.send(ORDER, 'place', { orderId: ORDER, cartId: 'crt_gst_1', owner, lines, totals, ...more });
  }

  drive = async (): Promise<string> => (await drive(this.saga, ORDER, origin)).status;

  /** A pass of another driver, or one that dies at the given moment. */
  async dyingAt(moment: string): Promise<void> {
    this.when(moment, () => {
      throw new Error('killed');
    });
    await expect(this.drive()).rejects.toThrow('killed');
  }

  /** Nothing is held, sold or kept for an order that came to nothing. */
  get leftovers(): unknown {
    const { status } = this.payment ?? {};
    const units = Object.values(this.stock).reduce((sum, { held, sold }) => sum + held + sold, 0);
    return { units, money: status === 'authorised' || status === 'captured' ? status : 'none' };
  }
}

const refusal = (type: string, data: object): Error => Object.assign(new Error(type), { type, code: 409, data });
const NOTHING = { units: 0, money: 'none' };

let world: World;
beforeEach(async () => {
  world = new World();
  await world.place();
});

const soldOut = (sku: string): void => void Object.assign(world.stock[sku] ?? {}, { free: 0 });
const backInStock = (sku: string): void => void Object.assign(world.stock[sku] ?? {}, { free: 5 });

describe('an order that nobody disturbs', () => {
  it('is confirmed, sold and paid', async () => {
    expect(await world.drive()).toBe('confirmed');
    expect(world.payment?.status).toBe('captured');
  });

  it('given a line that is short, then it is rejected and nothing stays', async () => {
    soldOut(CUP);
    expect(await world.drive()).toBe('rejected');
    expect(world.leftovers).toEqual(NOTHING);
  });
});

describe('a driver that dies', () => {
  const moments = ['stock.reserve', 'payments.authorise', 'stock.commit', 'payments.capture'].flatMap((call) => [
    `before ${call}`,
    `after ${call}`,
  ]);
  it.each(moments)('%s: the next one confirms the order', async (moment) => {
    await world.dyingAt(moment);
    expect(await world.drive()).toBe('confirmed');
    expect(world.stock).toMatchObject({ [MUG]: { sold: 1, free: 4 }, [CUP]: { sold: 1, free: 4 } });
  });

  const endings = ['before stock.undo', 'after stock.undo', 'before carts.settle', 'after carts.settle', 'after payments.state'];
  it.each(endings)(
    '%s while it rejects, and the goods are back in stock: the order stays rejected, nothing stays',
    async (moment) => {
      soldOut(CUP);
      await world.dyingAt(moment);
      backInStock(CUP);
      await world.drive();
      const { state } = await world.orders.read(ORDER);
      if (state.status === 'rejected') expect(world.leftovers).toEqual(NOTHING);
      else expect(state.status).toBe('confirmed');
    },
  );

  it('given that it closed the payment and died before it said so, then the next one ends the order', async () => {
    world.when('before payments.capture', () => {
      world.payment = { status: 'voided', closed: true };
    });
    world.when('after payments.cancel', () => {
      throw new Error('killed');
    });
    await expect(world.drive()).rejects.toThrow('killed');
    expect(await world.drive()).toBe('rejected');
    expect(world.leftovers).toEqual(NOTHING);
  });
});

describe('two drivers at once', () => {
  it.each(['payments.authorise', 'stock.commit', 'payments.capture'])(
    'given that the other one rejected for want of stock before %s, then nothing stays',
    async (call) => {
      world.when(`before ${call}`, async () => {
        await world.orders.send(ORDER, 'reject', { reason: 'out_of_stock', shortages: [] });
        await world.drive();
      });
      expect(await world.drive()).toBe('rejected');
      expect(world.leftovers).toEqual(NOTHING);
    },
  );

  it.each(['stock.reserve', 'payments.authorise', 'stock.commit', 'payments.capture'])(
    'given a cancellation before %s, then it is cancelled and nothing stays',
    async (call) => {
      world.when(`before ${call}`, async () => {
        await world.orders.send(ORDER, 'requestCancel', { staff: false });
        await world.drive();
      });
      expect(await world.drive()).toBe('cancelled');
      expect(world.leftovers).toEqual(NOTHING);
    },
  );

  it.each(['stock.reserve', 'payments.authorise', 'stock.commit', 'payments.capture'])(
    'given that the time runs out before %s, then it is bought or nothing stays',
    async (call) => {
      world.when(`before ${call}`, async () => {
        world.orders.now += 1_000_000;
        await world.drive();
      });
      const status = await world.drive();
      if (status !== 'confirmed') expect(world.leftovers).toEqual(NOTHING);
      else expect(world.payment).toEqual({ status: 'captured', closed: false });
    },
  );
});

describe('money that arrives late', () => {
  it('given an expired order, then it goes back', async () => {
    world.payment = { status: 'pending', closed: false };
    await world.drive();
    world.orders.now += 1_000_000;
    await world.drive();
    world.payment = { status: 'captured', closed: true };
    expect(await world.drive()).toBe('expired');
    expect(world.leftovers).toEqual(NOTHING);
  });
});
