import { isReached, median, quantile, runMeasurement } from './row.ts';

describe('the figures of a bench', () => {
  it.each([
    [[3, 1, 2], 2],
    [[4, 1, 2, 3], 2.5],
    [[7], 7],
  ])('the median of %j is %d', (values, expected) => {
    expect(median(values)).toBe(expected);
  });

  it('a quantile is the value that this share stays below', () => {
    const values = Array.from({ length: 100 }, (_, n) => 100 - n);
    expect(quantile(values, 0.95)).toBe(96);
    expect(quantile([5], 0.99)).toBe(5);
  });

  it.each([
    [{ unit: '/s', atLeast: 10 }, 10, true],
    [{ unit: '/s', atLeast: 10 }, 9, false],
    [{ unit: 'ms', atMost: 10 }, 10, true],
    [{ unit: 'ms', atMost: 10 }, 11, false],
    [{ unit: 'ms', atMost: 10 }, Number.NaN, false],
  ])('given the bar %j, then %d is reached: %s', (bar, value, expected) => {
    expect(isReached(bar, value)).toBe(expected);
  });

  it('are medians over the runs, each run kept', async () => {
    const runs = [
      [1, 30],
      [3, 10],
      [2, 20],
    ];
    const row = await runMeasurement({
      what: 'x',
      bars: [
        { unit: '/s', atLeast: 2 },
        { unit: 'ms', atMost: 15 },
      ],
      runs: 3,
      measure: async () => runs.shift() ?? [],
    });
    expect(row.figures.map(({ value, reached, all }) => ({ value, reached, all }))).toEqual([
      { value: 2, reached: true, all: [1, 3, 2] },
      { value: 20, reached: false, all: [30, 10, 20] },
    ]);
  });
});
