import { type Answer, insist, isUnclear } from './http.ts';

const answer = (status: number, code?: string): Answer => ({
  status,
  headers: {},
  text: `${status}`,
  body: code ? { code } : undefined,
});

describe('an answer is clear', () => {
  it.each([
    [200, undefined, false],
    [404, 'NOT_FOUND', false],
    [409, 'OUT_OF_STOCK', false],
    [409, 'CONFLICT', true],
    [429, 'RATE_LIMITED', true],
    [500, 'INTERNAL', true],
    [503, 'LOG_UNAVAILABLE', true],
  ])('%d %s: to be sent again is %s', (status, code, expected) => {
    expect(isUnclear(answer(status, code))).toBe(expected);
  });
});

describe('a client that insists', () => {
  it('sends the same request again until it knows', async () => {
    const answers = [() => Promise.reject(new Error('gone')), async () => answer(503), async () => answer(201)];
    expect((await insist(() => (answers.shift() ?? fail)(), 5_000)).status).toBe(201);
    expect(answers).toHaveLength(0);
  });

  it('gives up with the last answer', async () => {
    await expect(insist(async () => answer(503), 50)).rejects.toThrow('No clear answer in 50 ms, last: 503');
  });
});

function fail(): Promise<Answer> {
  throw new Error('asked too often');
}
