import { Buckets } from './rate-limit.ts';

const limit = { rate: 10, burst: 20 };

describe('token bucket', () => {
  it('lets a burst through, then one request per refill', () => {
    const buckets = new Buckets();
    const burst = Array.from({ length: 20 }, () => buckets.take('a', limit, 1_000));
    expect(burst.every((verdict) => verdict.allowed)).toBe(true);
    expect(burst[19]).toMatchObject({ remaining: 0, limit: 20, reset: 2 });
    const refused = buckets.take('a', limit, 1_000);
    expect(refused).toMatchObject({ allowed: false, remaining: 0 });
    expect(refused.retryAfter).toBeCloseTo(0.1);
    expect(buckets.take('a', limit, 1_100).allowed).toBe(true);
    expect(buckets.take('a', limit, 1_100).allowed).toBe(false);
  });

  it('does not punish refused requests further', () => {
    const buckets = new Buckets();
    for (let i = 0; i < 500; i++) buckets.take('a', limit, 0);
    expect(buckets.take('a', limit, 100).allowed).toBe(true);
  });

  it('is full again after a pause and never fuller than its burst', () => {
    const buckets = new Buckets();
    for (let i = 0; i < 20; i++) buckets.take('a', limit, 0);
    const allowed = Array.from({ length: 30 }, () => buckets.take('a', limit, 60_000)).filter((verdict) => verdict.allowed);
    expect(allowed).toHaveLength(20);
  });

  it('keeps clients and routes apart', () => {
    const buckets = new Buckets();
    for (let i = 0; i < 25; i++) buckets.take('a', limit, 0);
    expect(buckets.take('b', limit, 0).allowed).toBe(true);
  });

  it('holds a bounded number of buckets and keeps those in use', () => {
    const buckets = new Buckets(100);
    for (let i = 0; i < 20; i++) buckets.take('busy', limit, 0);
    for (let i = 0; i < 10_000; i++) {
      buckets.take(`rotating ${i}`, limit, 0);
      if (i % 50 === 0) buckets.take('busy', limit, 0);
    }
    expect(buckets.size).toBeLessThanOrEqual(200);
    expect(buckets.take('busy', limit, 0).allowed).toBe(false);
  });
});
