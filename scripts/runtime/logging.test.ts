import pino from 'pino';
import { pinoOptions, prettyLine } from './logging.ts';

/** What a logger with our options writes for one call. */
function written(fields: object, message = 'happened'): string {
  const lines: string[] = [];
  pino(pinoOptions({ level: 'info', format: 'json' }), { write: (line: string) => void lines.push(line) }).info(fields, message);
  return lines.join('');
}

describe('log lines', () => {
  it.each(['password', 'refreshToken', 'authorization', 'cookie', 'set-cookie', 'card', 'cvc', 'secret', 'apiKey', 'pass'])(
    'never contain the value of %s, however deep it sits',
    (field) => {
      const hot = { [field]: 'S3CR3T' };
      const text = written({ ...hot, a: hot, b: { c: hot }, d: { e: { f: hot } }, list: [hot] });
      expect(text).not.toContain('S3CR3T');
      expect(text.split('[hidden]')).toHaveLength(6);
    },
  );

  it('never contain a secret that an error carries in its data', () => {
    expect(written({ err: Object.assign(new Error('no'), { data: { password: 'S3CR3T' } }) })).not.toContain('S3CR3T');
  });

  it('keep the object beside the message', () => {
    expect(JSON.parse(written({ sku: 'A-1' }, 'low stock'))).toMatchObject({ sku: 'A-1', msg: 'low stock' });
  });

  it.each([
    ['an object', { sku: 'A-1' }, '"sku":"A-1"'],
    ['an error', new Error('the cause'), 'the cause'],
  ])('keep %s that comes after the message, as Moleculer writes it', (_, second, expected) => {
    const lines: string[] = [];
    const write = (line: string): void => void lines.push(line);
    const logger: { info(...args: unknown[]): void } = pino(pinoOptions({ level: 'info', format: 'json' }), { write });
    logger.info('failed', second);
    expect(JSON.parse(lines.join(''))).toMatchObject({ msg: 'failed' });
    expect(lines.join('')).toContain(expected);
  });

  it('are short for a person: time, level, module, message, fields', () => {
    const line = prettyLine(
      JSON.stringify({ level: 40, time: 0, mod: 'stock', nodeID: 'n1', msg: 'low stock', sku: 'A-1', left: 2 }),
    );
    expect(line).toBe('00:00:00.000 WARN  stock: low stock  sku=A-1 left=2\n');
  });

  it('show the stack of an error to a person', () => {
    expect(prettyLine(JSON.stringify({ level: 50, time: 0, msg: 'x', err: { stack: 'Error: no\n  at here' } }))).toContain(
      'Error: no\n  at here',
    );
  });
});
