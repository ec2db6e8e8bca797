// The consumers of a reaction, on servers that can and cannot filter by several subjects.
import { featuresOf } from '../log/capabilities.ts';
import { SLOTS } from '../log/subject.ts';
import { consumersOf } from './consumers.ts';

const plan = { name: 'mails-orders', stream: 'ORDERS', ordered: false, concurrency: 16, maxAttempts: 12 };
const on = (version: string) => ({ features: featuresOf(version) });

it('is one consumer with room for four times what is handled at once', () => {
  expect(consumersOf(plan, on('2.14.9'))).toMatchObject([
    { durable_name: 'mails-orders', max_ack_pending: 64, ack_policy: 'explicit' },
  ]);
});

it('ordered: every slot belongs to exactly one group, and a group has one message in work', () => {
  const groups = consumersOf({ ...plan, ordered: true }, on('2.14.9'));
  expect(groups.map(({ durable_name }) => durable_name)).toEqual(Array.from({ length: 8 }, (_, i) => `mails-orders-${i}`));
  expect(groups.every(({ max_ack_pending }) => max_ack_pending === 1)).toBe(true);
  const subjects = groups.flatMap(({ filter_subjects = [] }) => filter_subjects);
  expect(subjects.toSorted()).toEqual(Array.from({ length: SLOTS }, (_, slot) => `orders.${String(slot).padStart(2, '0')}.*`));
});

it('ordered on an old server: one consumer, one message in work', () => {
  const [only, ...more] = consumersOf({ ...plan, ordered: true }, on('2.9.10'));
  expect(only).toMatchObject({ durable_name: 'mails-orders', max_ack_pending: 1 });
  expect(more).toEqual([]);
});
