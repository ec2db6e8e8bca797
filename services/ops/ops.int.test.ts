// Operators and dead letters, through the actions on a running node.

import { nodeOf } from '../../mixins/node.ts';
import type { Principal } from '../../mixins/principal.ts';
import { bury } from '../../mixins/reaction/dead-letters.ts';
import { startShop, type TestShop } from '../../test/support/shop.ts';
import type { DeadLetter } from './ops.contract.ts';

const admin: Principal = { kind: 'account', id: 'acc_1', role: 'admin', via: 'ses_1' };

describe('dead letters', () => {
  let shop: TestShop;
  const call = <T>(action: string, params: object = {}) =>
    shop.broker.call<T, object>(action, params, { meta: { principal: admin } });
  const list = async (params: object = {}) => call<{ items: DeadLetter[]; next?: string }>('ops.list', params);

  /** A step of a cart that its reaction has nothing to do for, and a dead letter about it. */
  async function deadStep(actor: string, reaction = 'carts-orders'): Promise<number> {
    const { log } = nodeOf(shop.broker);
    const events = [{ type: 'cart.checkedOut', data: { orderId: 'ord_of_another_time' } }];
    const seq = await log.append('CARTS', actor, { v: 1, at: 5, by: 'gst_1', cause: {}, events, state: {} }, 0);
    await bury(log, {
      reaction,
      stream: log.streamOf('CARTS', actor),
      seq,
      actor,
      error: { code: 'INTERNAL', message: 'broken' },
      attempts: 30,
      at: 6,
    });
    return seq;
  }

  beforeAll(async () => {
    shop = await startShop({ services: ['ops', 'carts'] });
  });
  beforeEach(async () => {
    for (const { id } of (await list({ limit: 100 })).items) await call('ops.drop', { id });
  });
  afterAll(async () => {
    await shop?.stop();
  });

  it('are listed page by page, oldest first', async () => {
    const seqs = [await deadStep('crt_a'), await deadStep('crt_b'), await deadStep('crt_c')];
    const first = await list({ limit: 2 });
    const second = await list({ limit: 2, cursor: first.next });
    expect([...first.items, ...second.items].map(({ seq }) => seq)).toEqual(seqs);
    expect(second.next).toBeUndefined();
  });

  it('are shown with the message that they are about', async () => {
    const seq = await deadStep('crt_d');
    const [letter] = (await list()).items;
    await expect(call('ops.show', { id: letter?.id })).resolves.toEqual({
      ...letter,
      actor: 'crt_d',
      seq,
      message: { v: 1, at: 5, by: 'gst_1', events: [{ type: 'cart.checkedOut', data: { orderId: 'ord_of_another_time' } }] },
    });
  });

  it('are run again and then gone', async () => {
    await deadStep('crt_e');
    const [letter] = (await list()).items;
    await expect(call('ops.replay', { id: letter?.id })).resolves.toEqual({ id: letter?.id, replayed: true });
    expect((await list()).items).toEqual([]);
    await expect(call('ops.replay', { id: letter?.id })).rejects.toMatchObject({ type: 'DEAD_LETTER_NOT_FOUND', code: 404 });
  });

  it('stay when their reaction fails again or runs nowhere', async () => {
    await deadStep('crt_f', 'carts-unknown');
    await deadStep('crt_g', 'parcels-labels');
    const [failing, lost] = (await list()).items;
    await expect(call('ops.replay', { id: failing?.id })).rejects.toMatchObject({ type: 'REPLAY_FAILED', code: 409 });
    await expect(call('ops.replay', { id: lost?.id })).rejects.toMatchObject({ type: 'REACTION_NOT_RUNNING', code: 503 });
    expect((await list()).items).toHaveLength(2);
  });

  it('are dropped without running; the message stays in the log', async () => {
    const seq = await deadStep('crt_h');
    const [letter] = (await list()).items;
    await expect(call('ops.drop', { id: letter?.id })).resolves.toEqual({ id: letter?.id, dropped: true });
    await expect(call('ops.drop', { id: letter?.id })).rejects.toMatchObject({ type: 'DEAD_LETTER_NOT_FOUND' });
    const { log } = nodeOf(shop.broker);
    expect(await log.at(log.streamOf('CARTS', 'crt_h'), seq)).toBeDefined();
  });
});
