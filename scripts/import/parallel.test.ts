import { inWindow, piecesOf } from './parallel.ts';

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const open = new AbortController().signal;

describe('a window over a list', () => {
  it('starts in the order of the list and never has more in flight than it may', async () => {
    const started: number[] = [];
    let inFlight = 0;
    let most = 0;
    await inWindow([5, 4, 3, 2, 1, 0], { window: 2, signal: open }, async (item) => {
      started.push(item);
      most = Math.max(most, ++inFlight);
      await pause(item);
      inFlight -= 1;
    });
    expect(started).toEqual([5, 4, 3, 2, 1, 0]);
    expect(most).toBe(2);
  });

  it('given a failure, then nothing more is started and it rejects when everything in flight has ended', async () => {
    const ended: number[] = [];
    const run = inWindow([0, 1, 2, 3], { window: 2, signal: open }, async (item) => {
      if (item === 0) throw new Error('no');
      await pause(5);
      ended.push(item);
    });
    await expect(run).rejects.toThrow('no');
    expect(ended).toEqual([1]);
  });

  it('given an abort, then what runs is finished and the reason is thrown', async () => {
    const stop = new AbortController();
    const ended: number[] = [];
    const run = inWindow([0, 1, 2], { window: 1, signal: stop.signal }, async (item) => {
      if (item === 1) stop.abort(new Error('stopped'));
      ended.push(item);
    });
    await expect(run).rejects.toThrow('stopped');
    expect(ended).toEqual([0, 1]);
  });

  it('cuts a list into pieces', () => {
    expect([...piecesOf([1, 2, 3], 2)]).toEqual([[1, 2], [3]]);
  });
});
