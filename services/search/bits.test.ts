import { bitsFor, countBits, eachBit, hasBit, intersect, Posting, setBit } from './bits.ts';

function listed(bits: Uint32Array): number[] {
  const docs: number[] = [];
  eachBit(bits, (doc) => docs.push(doc));
  return docs;
}

test('given bits at word borders, then they are counted and visited from the highest down', () => {
  const bits = bitsFor(100);
  for (const doc of [0, 31, 32, 63, 64, 99]) setBit(bits, doc);
  expect(listed(bits)).toEqual([99, 64, 63, 32, 31, 0]);
  expect(countBits(bits)).toBe(6);
  expect([hasBit(bits, 31), hasBit(bits, 30), hasBit(bits, 10_000)]).toEqual([true, false, false]);
});

test('given two sets, when they are intersected, then what both have remains', () => {
  const a = bitsFor(70);
  const b = bitsFor(70);
  for (const doc of [1, 40, 69]) setBit(a, doc);
  for (const doc of [40, 41, 69]) setBit(b, doc);
  intersect(a, b);
  expect(listed(a)).toEqual([69, 40]);
});

test('given a posting that grows from a few to many and shrinks again, then it always holds the same documents', () => {
  const posting = new Posting();
  const truth = new Set<number>();
  for (let step = 0; step < 6_000; step++) {
    const doc = (step * 7_919) % 5_000;
    const removing = step > 3_500 || step % 5 === 0;
    if (removing) posting.remove(doc);
    else posting.add(doc);
    if (removing) truth.delete(doc);
    else truth.add(doc);
  }
  const bits = bitsFor(5_000);
  posting.unionInto(bits);
  const expected = [...truth].sort((a, b) => b - a);
  expect(posting.size).toBe(truth.size);
  expect(listed(bits)).toEqual(expected);
  expect(posting.countIn(bits)).toBe(truth.size);
  expect(posting.docs().sort((a, b) => b - a)).toEqual(expected);
});
