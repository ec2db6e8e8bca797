import { progressLine, startProgress } from './progress.ts';

describe('progress', () => {
  test('half way tells share, count, speed and what is left', () => {
    const line = progressLine({ label: 'orders', total: 2_000, done: 1_000, fresh: 500, elapsed: 5_000 });
    expect(line).toBe(`orders     ${'█'.repeat(12)}${'░'.repeat(12)}  50 %  1,000 of 2,000  100/s  10 s left`);
  });

  test('nothing to do is done', () => {
    expect(progressLine({ label: 'orders', total: 0, done: 0, fresh: 0, elapsed: 0 })).toContain('100 %');
  });

  test('a pipe gets whole lines, a terminal one line drawn again', () => {
    for (const isTTY of [false, true]) {
      const written: string[] = [];
      const progress = startProgress('orders', 2, { isTTY, write: (text) => written.push(text) });
      progress.advance(2);
      progress.end();
      expect(written.at(-1)).toContain('2 of 2');
      expect(written.at(-1)?.endsWith('\n')).toBe(true);
      expect(written.at(-1)?.startsWith('\r')).toBe(isTTY);
    }
  });
});
