import type { Meta } from '../mixins/meta.ts';
import { alreadyHas, prefers, readAlways, readUnsafe, requestIdOf, traceOf, versionWanted } from './request-meta.ts';

describe('request ids', () => {
  it('are taken from the client when they are sane', () => {
    expect(requestIdOf({ 'x-request-id': 'abc-123-def' })).toBe('abc-123-def');
    for (const odd of ['short', 'x'.repeat(65), 'a b c d e f g', '"quoted-id"', '<script>xx']) {
      expect(requestIdOf({ 'x-request-id': odd })).toMatch(/^req_/);
    }
  });
});

describe('traces', () => {
  it('are continued with a new span', () => {
    const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
    const continued = traceOf({ traceparent: `00-${trace}-00f067aa0ba902b7-01` });
    expect(continued).toMatch(new RegExp(`^00-${trace}-[0-9a-f]{16}-01$`));
    expect(continued).not.toContain('00f067aa0ba902b7');
  });

  it('are ignored when malformed', () => {
    for (const odd of ['', 'x', `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`, `ff-${'a'.repeat(32)}-00f067aa0ba902b7-01`]) {
      expect(traceOf({ traceparent: odd })).toBeUndefined();
    }
  });
});

describe('Idempotency-Key', () => {
  it('has 16 to 255 visible characters', () => {
    const meta: Meta = {};
    readUnsafe({ 'idempotency-key': '0123456789abcdef' }, meta);
    expect(meta.idempotencyKey).toBe('0123456789abcdef');
    for (const odd of ['', 'short', 'x'.repeat(256), '0123456789 abcdef', '0123456789abcdeé']) {
      expect(() => readUnsafe({ 'idempotency-key': odd }, {})).toThrow('Idempotency-Key');
    }
  });
});

describe('preferences and positions', () => {
  it('are read from their headers', () => {
    expect(prefers({ prefer: 'respond-async, wait=2' }, 'respond-async')).toBe(true);
    expect(prefers({ prefer: 'wait=2;x, Tokens' }, 'tokens')).toBe(true);
    expect(prefers({}, 'tokens')).toBe(false);
    const meta: Meta = {};
    readAlways({ 'x-souk-position': 'ORDERS=12' }, meta);
    expect(meta).toEqual({ waitFor: 'ORDERS=12' });
  });
});

describe('preconditions', () => {
  it('name a version', () => {
    expect(versionWanted('"v12"')).toBe(12);
    expect(versionWanted('W/"v12.abc_-"')).toBe(12);
    expect(versionWanted('*')).toBeUndefined();
    for (const odd of ['v12', '"12"', '"v-1"', '"v1", "v2"', '']) expect(() => versionWanted(odd)).toThrow('If-Match');
  });

  it('compare tags weakly', () => {
    expect(alreadyHas('"a", W/"b"', '"b"')).toBe(true);
    expect(alreadyHas('W/"b"', 'W/"b"')).toBe(true);
    expect(alreadyHas('"a"', '"b"')).toBe(false);
    expect(alreadyHas(undefined, '"b"')).toBe(false);
  });
});
