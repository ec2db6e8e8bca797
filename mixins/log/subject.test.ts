// Subjects, positions of steps and the names of events: the format of the log, which must never change.
import { decodeMessage, encodeBody, eventTypes } from './message.ts';
import { partitionNames } from './streams.ts';
import { idOfSubject, SLOTS, slotOf, subjectOf } from './subject.ts';

describe('subjects', () => {
  it('are <stream>.<slot>.<id>, the same for ever', () => {
    expect(subjectOf('ORDERS', 'ord_01jd')).toBe('orders.52.ord_01jd');
    expect(subjectOf('STOCK', '85123A')).toBe('stock.41.85123A');
    expect(subjectOf('STOCK', 'MUG-RED')).toBe('stock.14.MUG-RED');
    expect(idOfSubject('orders.52.ord_01jd')).toBe('ord_01jd');
  });

  it('spread ids evenly over the slots', () => {
    const counts = new Array<number>(SLOTS).fill(0);
    for (let i = 0; i < 64_000; i++) counts[slotOf(`ord_${i}`)] = (counts[slotOf(`ord_${i}`)] ?? 0) + 1;
    expect(Math.min(...counts)).toBeGreaterThan(700);
    expect(Math.max(...counts)).toBeLessThan(1_300);
  });

  it('refuse whatever is not one plain token', () => {
    for (const id of ['', '.', 'a.b', '*', '>', 'a b', '../etc', '$JS', '-a', '_a', 'ü', 'a\n', `a${'b'.repeat(128)}`]) {
      expect(() => subjectOf('X', id)).toThrow(expect.objectContaining({ type: 'INVALID_INPUT' }));
    }
  });
});

describe('steps', () => {
  it('come back as they were written', () => {
    const body = {
      v: 1,
      at: 2,
      by: 'acc_1',
      cause: { request: 'req_1' },
      events: [{ type: 'a.b', data: { text: 'ünï ✓' } }],
      state: { x: [1] },
    };
    const subject = subjectOf('THINGS', 'thing');
    expect(decodeMessage('THINGS', 7, subject, encodeBody(body))).toEqual({
      stream: 'THINGS',
      seq: 7,
      subject,
      id: 'thing',
      body,
    });
  });

  it('name their event types once each', () => {
    const event = (type: string) => ({ type, data: {} });
    const body = (...types: string[]) => ({ v: 1, at: 1, by: '', cause: {}, events: types.map(event) });
    expect(eventTypes(body('a'))).toBe('a');
    expect(eventTypes(body('a', 'b', 'a'))).toBe('a,b');
    expect(eventTypes(body())).toBe('');
  });
});

test('a stream in partitions has a stream for each', () => {
  expect(partitionNames({ name: 'STOCK', partitions: 4 })).toEqual(['STOCK_0', 'STOCK_1', 'STOCK_2', 'STOCK_3']);
  expect(partitionNames({ name: 'ORDERS' })).toEqual(['ORDERS']);
});
