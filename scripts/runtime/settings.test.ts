import { choice, wholeNumber } from './settings.ts';

describe('a whole number from the environment', () => {
  it.each([undefined, ''])('given %j, then it is the default', (text) => {
    expect(wholeNumber({ N: text }, 'N', 7)).toBe(7);
  });

  it('is read', () => {
    expect(wholeNumber({ N: '12' }, 'N', 7)).toBe(12);
  });

  it.each(['x', '-1', '1.5', '6', '1e3', ' '])('given %j, then one line names the variable', (text) => {
    expect(() => wholeNumber({ N: text }, 'N', 1, 1, 5)).toThrow(`N: "${text}" is not a whole number from 1 to 5`);
  });
});

describe('a choice from the environment', () => {
  it('is the default, or what is given', () => {
    expect(choice({}, 'C', ['on', 'off'], 'off')).toBe('off');
    expect(choice({ C: 'on' }, 'C', ['on', 'off'], 'off')).toBe('on');
  });

  it('given something else, then one line names the variable and the choices', () => {
    expect(() => choice({ C: 'yes' }, 'C', ['on', 'off'], 'off')).toThrow('C: "yes" is none of on, off');
  });
});
