// A position token says how far in the log something is: `CARTS=9,ORDERS=1042`, last sequence per stream.

export type Positions = Record<string, number>;

/** Reads a token; parts that are not `STREAM=number` are ignored, since the token comes from outside. */
export function parsePosition(token: string | undefined): Positions {
  const positions: Positions = {};
  if (!token || token.length > 1024) return positions;
  for (const part of token.split(',')) {
    const match = /^([A-Z][A-Z0-9_]{0,31})=(\d{1,15})$/.exec(part.trim());
    if (match?.[1] && match[2]) positions[match[1]] = Number(match[2]);
  }
  return positions;
}

/** The furthest of two tokens that we wrote ourselves, stream by stream. */
export function joinPositions(one: string | undefined, other: string | undefined): string | undefined {
  if (!one || !other) return one || other;
  // Mostly one has grown out of the other: what begins with the whole of it is at least as far.
  if (other.startsWith(one)) return other;
  if (one.startsWith(other)) return one;
  return other.split(',').reduce((token, part) => {
    const at = part.indexOf('=');
    return advance(token, part.slice(0, at), Number(part.slice(at + 1)));
  }, one);
}

/** The token after `stream` was written at `seq`. */
export function advance(token: string | undefined, stream: string, seq: number): string {
  if (!token) return `${stream}=${seq}`;
  const prefix = `${stream}=`;
  const parts = token.split(',');
  const index = parts.findIndex((part) => part.startsWith(prefix));
  if (index < 0) return `${token},${prefix}${seq}`;
  const known = Number(parts[index]?.slice(prefix.length));
  return known >= seq ? token : parts.with(index, `${prefix}${seq}`).join(',');
}
