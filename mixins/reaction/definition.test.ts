// Delays between the tries of a reaction.
import { backoff } from './definition.ts';

it('doubles from a quarter of a second to a minute, and never comes back at once or in step', () => {
  const longest = [1, 2, 3, 4, 8, 9, 20].map((attempt) => backoff(attempt, 1));
  expect(longest).toEqual([250, 500, 1_000, 2_000, 32_000, 60_000, 60_000]);
  expect([1, 2, 3].map((attempt) => backoff(attempt, 0))).toEqual([125, 250, 500]);
  expect(new Set(Array.from({ length: 20 }, () => backoff(5))).size).toBeGreaterThan(5);
});
