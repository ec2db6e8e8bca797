import { natsConnection } from './nats-url.ts';

describe('reading NATS_URL', () => {
  it('given one address, then the default port is filled in', () => {
    expect(natsConnection('nats://nats.shop')).toMatchObject({ servers: ['nats.shop:4222'] });
  });

  it('given a cluster with credentials, then every server and the identity are kept', () => {
    expect(natsConnection('nats://souk:s%40fe@a:4222, nats://b:5222')).toMatchObject({
      servers: ['a:4222', 'b:5222'],
      user: 'souk',
      pass: 's@fe',
    });
  });

  it('given a token, then it is used as one', () => {
    expect(natsConnection('nats://t0ken@a')).toMatchObject({ token: 't0ken' });
  });

  it('given tls://, then the connection is encrypted', () => {
    expect(natsConnection('tls://a')).toMatchObject({ tls: {} });
    expect(natsConnection('nats://a')).not.toHaveProperty('tls');
  });

  it('never gives up reconnecting', () => {
    expect(natsConnection('nats://a').maxReconnectAttempts).toBe(-1);
  });

  it.each(['', 'a:4222', 'http://a', 'nats://', 'nonsense'])('given %j, then one line names the variable', (text) => {
    expect(() => natsConnection(text)).toThrow(/^NATS_URL is not a NATS address/);
  });

  it('given a credentials file that is not there, then one line names the variable', () => {
    expect(() => natsConnection('nats://a', '/nowhere.creds')).toThrow(/^SOUK_NATS_CREDS: \/nowhere.creds cannot be read/);
  });
});
