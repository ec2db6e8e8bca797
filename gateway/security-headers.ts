// Headers that take away from a browser what an answer does not need.
import type { Exchange } from './exchange.ts';

const COMMON = ['X-Content-Type-Options', 'nosniff', 'Referrer-Policy', 'strict-origin-when-cross-origin'] as const;
/** Data is never a page: nothing may run in it, nobody may frame it. */
const DATA_POLICY = "default-src 'none'; frame-ancestors 'none'; sandbox";
const HSTS = 'max-age=31536000; includeSubDomains';

function common({ headers, peer }: Exchange): void {
  headers.push(...COMMON);
  if (peer.https) headers.push('Strict-Transport-Security', HSTS);
}

export function secureData(exchange: Exchange): void {
  common(exchange);
  exchange.headers.push('Content-Security-Policy', DATA_POLICY);
}

/** For our own pages: their style and script are allowed by the hash of their text, everything else is not. */
export function securePage(exchange: Exchange, sources: { readonly style: string; readonly script?: string }): void {
  common(exchange);
  const script = sources.script ? ` script-src '${sources.script}';` : '';
  const policy = `default-src 'none'; style-src '${sources.style}';${script} img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;
  exchange.headers.push('Content-Security-Policy', policy, 'X-Frame-Options', 'DENY');
}
