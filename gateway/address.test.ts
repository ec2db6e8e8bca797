import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { networkOf, TrustedProxies } from './address.ts';

function request(remoteAddress: string, headers: Record<string, string> = {}): IncomingMessage {
  const socket = new Socket();
  Object.defineProperty(socket, 'remoteAddress', { value: remoteAddress });
  const message = new IncomingMessage(socket);
  Object.assign(message.headers, headers);
  return message;
}

describe('TrustedProxies', () => {
  it('ignores forwarding headers of strangers', () => {
    const peer = new TrustedProxies('10.0.0.0/8').peerOf(
      request('203.0.113.9', { 'x-forwarded-for': '1.2.3.4', 'x-forwarded-proto': 'https', host: 'shop' }),
    );
    expect(peer).toEqual({ ip: '203.0.113.9', https: false, host: 'shop' });
  });

  it('believes a trusted proxy and takes the last untrusted hop', () => {
    const peer = new TrustedProxies('10.0.0.0/8, ::1').peerOf(
      request('::ffff:10.0.0.7', {
        'x-forwarded-for': '6.6.6.6, 198.51.100.4, 10.1.1.1',
        'x-forwarded-proto': 'https',
        'x-forwarded-host': 'shop.example',
      }),
    );
    expect(peer).toEqual({ ip: '198.51.100.4', https: true, host: 'shop.example' });
  });

  it('stops at rubbish in the chain', () => {
    expect(new TrustedProxies('10.0.0.1').peerOf(request('10.0.0.1', { 'x-forwarded-for': '1.1.1.1, <b>' })).ip).toBe('10.0.0.1');
  });

  it('trusts nobody by default and refuses a typo', () => {
    expect(new TrustedProxies().trusts('127.0.0.1')).toBe(false);
    expect(() => new TrustedProxies('localhost')).toThrow('SOUK_TRUSTED_PROXIES');
  });
});

describe('networkOf', () => {
  it('counts an IPv6 client by its /64', () => {
    expect(networkOf('2001:db8:1:2:3:4:5:6')).toBe('2001:db8:1:2::/64');
    expect(networkOf('2001:db8::1')).toBe('2001:db8:0:0::/64');
    expect(networkOf('203.0.113.9')).toBe('203.0.113.9');
  });
});
