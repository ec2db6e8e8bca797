import { count, Expectations, inParallel, times } from './scenario.ts';

describe('work in parallel', () => {
  it('never exceeds its width and keeps the order of its results', async () => {
    let running = 0;
    let most = 0;
    const results = await inParallel(times(20, Number), 4, async (n) => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, 20 - n));
      running--;
      return n * 2;
    });
    expect(most).toBe(4);
    expect(results).toEqual(times(20, (n) => n * 2));
  });

  it('ends with the first failure', async () => {
    const work = inParallel([1, 2, 3], 1, async (n) => (n === 2 ? Promise.reject(new Error('two')) : n));
    await expect(work).rejects.toThrow('two');
  });
});

it('what a scenario expects and does not get is a violation', () => {
  const found = new Expectations();
  found.equal('orders', 1, 1);
  found.equal('orders', 2, 1);
  found.expect(false, 'time', 'too late');
  expect(found.broken).toEqual([
    { rule: 'scenario', about: 'orders', detail: 'is 2, should be 1' },
    { rule: 'scenario', about: 'time', detail: 'too late' },
  ]);
});

it('outcomes are counted by status', () => {
  const bought = { status: 'confirmed' as const, orderId: 'ord_1' };
  expect(count([bought, bought, { status: 'refused', code: 'OUT_OF_STOCK' }], 'confirmed')).toBe(2);
});
