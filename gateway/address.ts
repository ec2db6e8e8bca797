// Who is on the other end of the socket. Forwarding headers are believed only when a trusted proxy sent them,
// otherwise anyone could choose an address and escape the rate limits.
import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';

export interface Peer {
  /** The client's address in canonical form. */
  readonly ip: string;
  readonly https: boolean;
  /** Host that the client asked for. */
  readonly host: string;
}

const withoutMapping = (address: string): string => (address.startsWith('::ffff:') ? address.slice(7) : address);

export class TrustedProxies {
  readonly #list = new BlockList();
  readonly #any: boolean;

  /** Addresses and networks (`10.0.0.0/8`), separated by commas. @throws when one is neither */
  constructor(declared = '') {
    const entries = declared.split(',').flatMap((entry) => entry.trim() || []);
    this.#any = entries.length > 0;
    for (const entry of entries) this.#add(entry);
  }

  #add(entry: string): void {
    const [address = '', bits] = entry.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (!isIP(address)) throw new Error(`SOUK_TRUSTED_PROXIES: "${entry}" is neither an address nor a network`);
    if (bits === undefined) this.#list.addAddress(address, family);
    else this.#list.addSubnet(address, Number(bits), family);
  }

  trusts(address: string): boolean {
    return this.#any && isIP(address) !== 0 && this.#list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
  }

  /** The peer of a request: the last address that no trusted proxy vouches for. */
  peerOf(request: IncomingMessage): Peer {
    const socket = withoutMapping(request.socket.remoteAddress ?? '');
    const encrypted = 'encrypted' in request.socket;
    const host = request.headers.host ?? '';
    if (!this.trusts(socket)) return { ip: socket, https: encrypted, host };
    const proto = String(request.headers['x-forwarded-proto'] ?? '').trim();
    const forwardedHost = request.headers['x-forwarded-host'];
    return {
      ip: this.#forwarded(socket, request.headers['x-forwarded-for']),
      https: proto ? proto === 'https' : encrypted,
      host: typeof forwardedHost === 'string' ? forwardedHost : host,
    };
  }

  /** Reads the chain from the right, where our own proxies append, and stops at the first stranger. */
  #forwarded(socket: string, header: string | string[] | undefined): string {
    const chain = String(header ?? '').split(',');
    let client = socket;
    for (let i = chain.length - 1; i >= 0; i--) {
      const hop = withoutMapping((chain[i] as string).trim());
      if (!isIP(hop)) break;
      client = hop;
      if (!this.trusts(hop)) break;
    }
    return client;
  }
}

/** What an address counts as for limits: an IPv6 customer owns a whole /64. */
export function networkOf(ip: string): string {
  if (isIP(ip) !== 6) return ip;
  const [head = '', tail] = ip.split('::');
  const left = head.split(':').filter(Boolean);
  const right = tail === undefined ? [] : tail.split(':').filter(Boolean);
  const filled = [...left, ...Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0'), ...right];
  return `${filled.slice(0, 4).join(':')}::/64`;
}
