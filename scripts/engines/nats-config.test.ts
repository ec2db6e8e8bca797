import { isAtLeast, natsConfig } from './nats-config.ts';

describe('the configuration of our nats-server', () => {
  const options = { port: 4222, dir: '/data/nats', version: '2.14.9' };

  it('listens on loopback only and opens no monitoring port', () => {
    const text = natsConfig(options);
    expect(text).toContain('listen: "127.0.0.1:4222"');
    expect(text).not.toMatch(/http|monitor/);
  });

  it('lets the server choose a port when none is given', () => {
    expect(natsConfig({ ...options, port: 0 })).toContain('"127.0.0.1:-1"');
  });

  it.each([
    ['2.14.9', true],
    ['2.10.0', true],
    ['2.9.10', false],
  ])('given server %s, then every message is synced to disk: %s', (version, synced) => {
    expect(natsConfig({ ...options, version }).includes('sync_interval: always')).toBe(synced);
  });

  it('keeps a folder with spaces and quotes in one string', () => {
    expect(natsConfig({ ...options, dir: '/my "shop"' })).toContain('store_dir: "/my \\"shop\\""');
  });
});

describe('comparing versions', () => {
  it.each([
    ['2.10.1', 2, 10, true],
    ['v2.9.25', 2, 10, false],
    ['3.0.0', 2, 10, true],
    ['none', 2, 9, false],
  ])('%s is at least %i.%i: %s', (version, major, minor, expected) => {
    expect(isAtLeast(version, major, minor)).toBe(expected);
  });
});
