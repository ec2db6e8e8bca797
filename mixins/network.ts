// What an IP address counts as when something is counted per client.
import { isIP } from 'node:net';

const GROUPS = 8;

/** An IPv4 address stands for itself; an IPv6 customer owns a whole /64 and could otherwise come from a new address every time. */
export function networkOf(ip: string): string {
  if (isIP(ip) !== 6) return ip;
  const [head = '', tail = ''] = ip.split('::');
  const left = head.split(':').filter((group) => group !== '');
  const right = tail.split(':').filter((group) => group !== '');
  const zeros = new Array<string>(Math.max(0, GROUPS - left.length - right.length)).fill('0');
  return `${[...left, ...zeros, ...right].slice(0, GROUPS / 2).join(':')}::/64`;
}
