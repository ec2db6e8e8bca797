import { advance, joinPositions, parsePosition } from './position.ts';

describe('a position token', () => {
  it('grows by the streams that were written and never goes back', () => {
    expect(advance(undefined, 'CARTS', 9)).toBe('CARTS=9');
    expect(advance('CARTS=9', 'ORDERS', 1)).toBe('CARTS=9,ORDERS=1');
    expect(advance('CARTS=9,ORDERS=1', 'CARTS', 12)).toBe('CARTS=12,ORDERS=1');
    expect(advance('CARTS=9,ORDERS=1', 'CARTS', 3)).toBe('CARTS=9,ORDERS=1');
  });

  it('tells partitions of a stream apart', () => {
    expect(advance('STOCK_1=5', 'STOCK_10', 2)).toBe('STOCK_1=5,STOCK_10=2');
  });

  it('joins with another to the furthest of both', () => {
    expect(joinPositions('A=1,B=5', 'B=7,C=2')).toBe('A=1,B=7,C=2');
    expect(joinPositions('A=2', 'A=21')).toBe('A=21');
    expect(joinPositions('A=10,B=1', 'A=9,B=3')).toBe('A=10,B=3');
    expect(joinPositions(undefined, 'A=1')).toBe('A=1');
    expect(joinPositions('A=1', undefined)).toBe('A=1');
  });

  it('reads from outside only what has its shape', () => {
    expect(parsePosition('ORDERS=12, STOCK_3=4,orders=1,X=,=2,Y=1e9,__proto__=3')).toEqual({ ORDERS: 12, STOCK_3: 4 });
    expect(parsePosition(`A=1,${'B'.repeat(2000)}=1`)).toEqual({});
    expect(parsePosition(undefined)).toEqual({});
  });
});
