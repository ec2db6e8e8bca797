// Waiting for positions.
import { Waiters } from './waiters.ts';

it('resolves those that were reached and no others', async () => {
  const waiters = new Waiters();
  const five = waiters.wait(5, 1_000);
  const seven = waiters.wait(7, 20);
  waiters.reached(4);
  waiters.reached(6);
  await expect(five).resolves.toBe(true);
  await expect(seven).resolves.toBe(false);
});
