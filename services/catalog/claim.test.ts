import { newId } from '../../mixins/ids.ts';
import { claimActor, skuClaimId, slugClaimId } from './claim.ts';

const context = { now: 7, by: 'acc_1', version: 0, newId };
const free = claimActor.initial(slugClaimId('red-mug'));
const takenBy = (owner: string) => claimActor.evolve(free, { type: 'claim.taken', data: { owner, at: 7 } });

test('given a free slug, when a product takes it, then it has it', () => {
  expect(claimActor.decide.take(free, { owner: 'prd_a' }, context)).toEqual([
    { type: 'claim.taken', data: { owner: 'prd_a', at: 7 } },
  ]);
  expect(takenBy('prd_a')).toMatchObject({ kind: 'slug', word: 'red-mug', owner: 'prd_a', since: 7 });
});

test('given its own slug, when the product takes it again, then nothing is appended', () => {
  expect(claimActor.decide.take(takenBy('prd_a'), { owner: 'prd_a' }, context)).toEqual([]);
});

test.each([
  [slugClaimId('x'), 'SLUG_TAKEN'],
  [skuClaimId('x'), 'SKU_TAKEN'],
])('given the word of %s, when another product takes it, then it is refused as %s', (id, type) => {
  const claim = { ...claimActor.initial(id), owner: 'prd_a' };
  expect(() => claimActor.decide.take(claim, { owner: 'prd_b' }, context)).toThrow(expect.objectContaining({ type }));
});

test('given a word left behind, when it is taken over from exactly that owner, then the new owner has it', () => {
  expect(claimActor.decide.take(takenBy('prd_a'), { owner: 'prd_b', from: 'prd_a' }, context)).toHaveLength(1);
  expect(() => claimActor.decide.take(takenBy('prd_a'), { owner: 'prd_b', from: 'prd_c' }, context)).toThrow();
});

test('given a word of another product, when it is released, then nothing is appended', () => {
  expect(claimActor.decide.release(takenBy('prd_a'), { owner: 'prd_b' }, context)).toEqual([]);
  expect(claimActor.decide.release(takenBy('prd_a'), { owner: 'prd_a' }, context)).toHaveLength(1);
});
