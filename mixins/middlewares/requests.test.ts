// What is kept for an Idempotency-Key.
import { fingerprintOf, requestActor, requestId, seal, unseal } from './requests.ts';

const { decide, evolve, initial } = requestActor;
const context = (now: number) => ({ now, by: '', version: 1, newId: () => '' });
const start = (state: ReturnType<typeof initial>, runner: string, now: number, fingerprint = 'f') =>
  decide.start(state, { fingerprint, runner }, context(now));
const given = (...events: Parameters<typeof evolve>[1][]) => events.reduce(evolve, initial('x'));
const started = { type: 'request.started', data: { fingerprint: 'f', runner: 'one', at: 0 } } as const;
const finished = { type: 'request.finished', data: { answer: 'sealed' } } as const;

describe('a request', () => {
  it('given nothing, when it comes, then it starts; given another body, then it is refused', () => {
    expect(start(given(), 'one', 0)).toEqual([started]);
    expect(() => start(given(started), 'two', 1, 'other')).toThrow(expect.objectContaining({ type: 'IDEMPOTENCY_KEY_REUSED' }));
    expect(() => start(given(started, finished), 'two', 1, 'other')).toThrow(
      expect.objectContaining({ type: 'IDEMPOTENCY_KEY_REUSED' }),
    );
  });

  it('given one that runs, when it comes again, then it waits; after 15 seconds it takes over', () => {
    expect(start(given(started), 'two', 14_999)).toEqual([]);
    expect(start(given(started), 'two', 15_000)).toMatchObject([{ data: { runner: 'two' } }]);
  });

  it('given that another took over, when the first one ends, then its answer is not kept', () => {
    const taken = given(started, { type: 'request.started', data: { fingerprint: 'f', runner: 'two', at: 15_000 } });
    expect(decide.finish(taken, { runner: 'one', answer: 'late' })).toEqual([]);
    expect(decide.abandon(taken, { runner: 'one' })).toEqual([]);
    expect(decide.finish(taken, { runner: 'two', answer: 'sealed' })).toEqual([finished]);
  });

  it('given that it was abandoned, when it comes again, then it starts, also with another body', () => {
    const abandoned = given(started, { type: 'request.abandoned', data: {} });
    expect(start(abandoned, 'two', 1, 'other')).toHaveLength(1);
  });
});

describe('a sealed answer', () => {
  it('is opened by its key and by no other', () => {
    const sealed = seal('my key', { result: { token: 'secret' } });
    expect(sealed).not.toContain('secret');
    expect(unseal('my key', sealed)).toEqual({ result: { token: 'secret' } });
    expect(() => unseal('another key', sealed)).toThrow();
    expect(seal('my key', 1)).not.toBe(seal('my key', 1));
  });

  it('cannot be changed', () => {
    const bytes = Buffer.from(seal('k', { total: 1 }), 'base64');
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    expect(() => unseal('k', bytes.toString('base64'))).toThrow();
  });
});

it('ids and fingerprints tell nothing about key and body, and tell them apart', () => {
  expect(requestId('acc_1', 'orders.place', 'k')).toMatch(/^req_[0-9a-f]{40}$/);
  expect(
    new Set([requestId('a', 'b', 'k'), requestId('a', 'c', 'k'), requestId('b', 'b', 'k'), requestId('a', 'b', 'l')]).size,
  ).toBe(4);
  expect(fingerprintOf('k', { a: 1 })).toBe(fingerprintOf('k', { a: 1 }));
  expect(fingerprintOf('k', { a: 1 })).not.toBe(fingerprintOf('l', { a: 1 }));
});
