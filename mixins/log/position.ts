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

/** The furthest of two tokens, stream by stream. */
export function joinPositions(one: string | undefined, other: string | undefined): string | undefined {
  if (!one || !other || one === other) return one || other;
  return Object.entries(parsePosition(other)).reduce<string>((token, [stream, seq]) => advance(token, stream, seq), one);
}

/** The token after `stream` was written at `seq`. */
export function advance(token: string | undefined, stream: string, seq: number): string {
  if (!token) return `${stream}=${seq}`;
  const positions = parsePosition(token);
  positions[stream] = Math.max(positions[stream] ?? 0, seq);
  return Object.entries(positions)
    .map(([name, at]) => `${name}=${at}`)
    .join(',');
}
