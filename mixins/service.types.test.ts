// The promises of `defineService` to its authors, checked by the compiler: each line below an expectation must not compile.
import * as z from 'zod';
import { defineActor } from './actor/definition.ts';
import type { ActionMap, EventMap } from './contract.ts';
import { defineContract } from './contract.ts';
import { bindDefineService, type ServiceNode } from './service.ts';

const Order = z.object({ id: z.string(), total: z.int() });
const orders = defineContract({
  name: 'orders',
  errors: {},
  actions: {
    get: { summary: '', access: 'public', params: z.object({ id: z.string() }), result: Order },
    place: { summary: '', access: 'public', params: z.object({ id: z.string(), units: z.int().default(1) }), result: Order },
  },
  events: { 'order.placed': z.object({ id: z.string(), units: z.int() }) },
});
const stock = defineContract({
  name: 'stock',
  errors: {},
  actions: {
    left: { summary: '', access: 'internal', params: z.object({ sku: z.string() }), result: z.object({ left: z.int() }) },
  },
  events: { 'stock.ranLow': z.object({ sku: z.string() }) },
});
type All = typeof orders | typeof stock;
type Node = ServiceNode<ActionMap<All>, EventMap<All>>;
const defineService = bindDefineService<All>();
const found = async () => ({ id: 'a', total: 1 });

describe('defineService', () => {
  it('takes a service that fulfils its contract', () => {
    const service = defineService(orders, (node) => ({
      reactions: [
        node.reaction({ name: 'orders-low', stream: 'STOCK', on: { 'stock.ranLow': async ({ sku }) => void sku.length } }),
      ],
      actions: {
        get: found,
        async place(ctx) {
          const { left } = await ctx.call('stock.left', { sku: ctx.params.id });
          const units: number = ctx.params.units;
          return { id: ctx.params.id, total: left + units };
        },
      },
    }));
    expect(typeof service).toBe('function');
  });

  it('refuses a missing action', () => {
    // @ts-expect-error `place` is missing
    expect(defineService(orders, () => ({ actions: { get: found } }))).toBeDefined();
  });

  it('refuses a wrong result', () => {
    const wrong = async () => ({ id: 'a', total: 'x' });
    // @ts-expect-error `total` is a number
    expect(defineService(orders, () => ({ actions: { get: wrong, place: found } }))).toBeDefined();
  });

  it('refuses parameters that the contract does not name', () => {
    expect(
      defineService(orders, () => ({
        actions: {
          // @ts-expect-error there is no `name`
          get: async (ctx) => ({ id: ctx.params.name, total: 1 }),
          place: found,
        },
      })),
    ).toBeDefined();
  });

  it('knows every action and event of the joined contracts', () => {
    const uses = (node: Node) => [
      // @ts-expect-error no such action
      () => node.call('orders.pay', { id: 'a' }),
      // @ts-expect-error `sku` is text
      () => node.call('stock.left', { sku: 1 }),
      // @ts-expect-error `sku` is missing
      () => node.call('stock.left', {}),
      // @ts-expect-error the result has no `right`
      async () => (await node.call('stock.left', { sku: 'a' })).right,
      // A parameter with a default may be left out.
      () => node.call('orders.place', { id: 'a' }),
      // @ts-expect-error no such event
      () => node.reaction({ name: 'x', stream: 'STOCK', on: { 'stock.exploded': async () => {} } }),
      // @ts-expect-error the event has no `units`
      () => node.reaction({ name: 'x', stream: 'STOCK', on: { 'stock.ranLow': async ({ units }) => void units } }),
    ];
    expect(uses).toHaveLength(1);
  });

  it('knows the commands of an actor', () => {
    type Added = { readonly type: 'added'; readonly data: { readonly by: number } };
    const actor = defineActor({
      stream: 'X',
      initial: () => ({ total: 0 }),
      decide: { add: (_state: { total: number }, { by }: { by: number }): Added[] => [{ type: 'added', data: { by } }] },
      evolve: (state: { total: number }, event: Added) => ({ total: state.total + event.data.by }),
    });
    const uses = (node: Node) => [
      () => node.actors(actor).send('a', 'add', { by: 1 }, { meta: {} }),
      // @ts-expect-error no such command
      () => node.actors(actor).send('a', 'subtract', { by: 1 }, { meta: {} }),
      // @ts-expect-error `by` is a number
      () => node.actors(actor).send('a', 'add', { by: '1' }, { meta: {} }),
    ];
    expect(uses).toHaveLength(1);
  });
});
