import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { acceptedBy, represent } from './representation.ts';

const page = () => ({
  items: Array.from({ length: 20 }, (_, i) => ({ id: `prd_${i}`, title: `Mug number ${i}`, price: 100 + i })),
});
const both = acceptedBy('gzip, deflate, br');

describe('representations', () => {
  it('of a frozen result are made once', async () => {
    const result = Object.freeze(page());
    expect(represent(result)).toBe(represent(result));
    const first = await represent(result).encoded('br');
    expect(represent(result).encoded('br')).toBe(first);
    expect(JSON.parse(brotliDecompressSync(first).toString())).toEqual(result);
  });

  it('of a result that may still change are made anew', () => {
    const result = page();
    const before = represent(result);
    result.items.pop();
    expect(represent(result).bytes.equals(before.bytes)).toBe(false);
    expect(represent(result).tag).not.toBe(before.tag);
  });

  it('are compressed in the best form that the client and the moment allow', async () => {
    expect(represent(Object.freeze(page())).preferred(both)).toBe('br');
    expect(represent(page()).preferred(both)).toBe('gzip');
    expect(represent(page()).preferred(acceptedBy('br'))).toBe('br');
    expect(represent(page()).preferred(acceptedBy('identity'))).toBeUndefined();
    expect(JSON.parse(gunzipSync(await represent(page()).encoded('gzip')).toString())).toEqual(page());
  });

  it('of small results are not worth compressing', () => {
    expect(represent({ ok: true }).worthCompressing).toBe(false);
    expect(represent(page()).worthCompressing).toBe(true);
  });

  it('of nothing is JSON null', () => {
    expect(represent(undefined).bytes.toString()).toBe('null');
  });
});

describe('Accept-Encoding', () => {
  it('is honoured with its weights', () => {
    expect(acceptedBy('br;q=0, gzip;q=0.5')).toEqual({ br: false, gzip: true });
    expect(acceptedBy('*')).toEqual({ br: true, gzip: true });
    expect(acceptedBy('*;q=0')).toEqual({ br: false, gzip: false });
    expect(acceptedBy(undefined)).toEqual({ br: false, gzip: false });
  });
});
