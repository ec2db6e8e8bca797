import { newId } from '../../mixins/ids.ts';
import { categoryActor, checkPlace, pathOf } from './category.ts';

const context = { now: 7, by: 'acc_1', version: 3, newId };
const home = { slug: 'home', name: 'Home', parent: null, position: 0 };
const tree = new Map([
  ['home', { parent: null }],
  ['kitchen', { parent: 'home' }],
  ['mugs', { parent: 'kitchen' }],
]);

test('given nested categories, when a path is asked for, then it goes from the root', () => {
  expect(pathOf(tree, 'mugs')).toEqual(['home', 'kitchen', 'mugs']);
});

test('given a missing parent or a circle, when a path is asked for, then there is none', () => {
  expect(pathOf(new Map([['a', { parent: 'gone' }]]), 'a')).toBeUndefined();
  expect(pathOf(new Map([['a', { parent: 'a' }]]), 'a')).toBeUndefined();
});

test('given a tree, when a category is moved below itself, then it is refused', () => {
  expect(() => checkPlace(tree, 'home', 'mugs')).toThrow(expect.objectContaining({ type: 'INVALID_CATEGORY' }));
  expect(() => checkPlace(tree, 'mugs', 'nowhere')).toThrow(expect.objectContaining({ type: 'UNKNOWN_CATEGORY' }));
  expect(() => checkPlace(tree, 'mugs', 'home')).not.toThrow();
});

test('given a category, when the same is created again, then nothing is appended; another under its slug is a conflict', () => {
  expect(categoryActor.decide.create(home, home)).toEqual([]);
  expect(() => categoryActor.decide.create(home, { ...home, name: 'House' })).toThrow(
    expect.objectContaining({ type: 'CONFLICT' }),
  );
});

test('given version 3, when a change expects version 2, then it is refused', () => {
  const stale = () => categoryActor.decide.update(home, { changes: { name: 'House' }, ifMatch: 2 }, context);
  expect(stale).toThrow(expect.objectContaining({ type: 'VERSION_MISMATCH' }));
  expect(categoryActor.decide.update(home, { changes: { name: 'Home' }, ifMatch: 2 }, context)).toEqual([]);
});

test('given a category, when it is removed twice, then the second appends nothing', () => {
  const events = categoryActor.decide.remove(home, {});
  expect(events).toEqual([{ type: 'category.removed', data: { slug: 'home' } }]);
  expect(categoryActor.decide.remove(null, {})).toEqual([]);
});
