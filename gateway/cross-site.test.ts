import { Origins } from './cross-site.ts';

const origins = new Origins('https://shop.example.com');
const peer = { ip: '203.0.113.9', https: true, host: 'api.example.com' };
const defend = (headers: Record<string, string>) => () => origins.defend(headers, peer);

describe('cross-site requests', () => {
  it('are refused by what the browser says about them', () => {
    expect(defend({ 'sec-fetch-site': 'cross-site' })).toThrow('This request came from another site');
    expect(defend({ 'sec-fetch-site': 'same-site', origin: 'https://evil.example.com' })).toThrow();
  });

  it('are refused by their Origin when the browser says nothing', () => {
    expect(defend({ origin: 'https://evil.example' })).toThrow();
    expect(defend({ origin: 'http://api.example.com' })).toThrow();
    expect(defend({ origin: 'null' })).toThrow();
  });

  it('pass from the own origin, from the allow list and from programs', () => {
    expect(defend({ 'sec-fetch-site': 'same-origin', origin: 'https://api.example.com' })).not.toThrow();
    expect(defend({ 'sec-fetch-site': 'none' })).not.toThrow();
    expect(defend({ origin: 'https://api.example.com' })).not.toThrow();
    expect(defend({ 'sec-fetch-site': 'cross-site', origin: 'https://shop.example.com' })).not.toThrow();
    expect(defend({})).not.toThrow();
  });

  it('compares whole origins, not parts of them', () => {
    expect(origins.allows('https://s')).toBe(false);
    expect(origins.allows('https://shop.example.com.evil.example')).toBe(false);
    expect(() => new Origins('shop.example.com')).toThrow('SOUK_ORIGINS');
    expect(() => new Origins('https://shop.example.com/path')).toThrow('SOUK_ORIGINS');
  });
});
