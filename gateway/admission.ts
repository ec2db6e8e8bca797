// What happens to a request before its action is called: who sent it, whether another site made them, how often they come,
// whether the contract lets them in, and which parameters they bring. Every refusal here is cheaper than a call.
import { parse } from 'node:querystring';
import type { Context } from 'moleculer';
import { failure } from '../mixins/errors.ts';
import { newId } from '../mixins/ids.ts';
import type { Meta } from '../mixins/meta.ts';
import { checkAccess } from '../mixins/middlewares/access.ts';
import { signGuest } from '../mixins/tokens/guest.ts';
import type { Keys } from '../mixins/tokens/keys.ts';
import { networkOf } from './address.ts';
import { hasBody, type Params, readParams } from './body.ts';
import type { Origins } from './cross-site.ts';
import { type Exchange, queryOf, type WebRequest } from './exchange.ts';
import type { Identities, Identity } from './identity.ts';
import { DEFAULT_LIMIT, type Limit, type Limiter, limitHeaders, type Verdict } from './rate-limit.ts';
import { readAlways, readUnsafe, versionWanted } from './request-meta.ts';
import type { Route } from './routing.ts';
import { closesSession, guestCookie, opensSession } from './session-cookies.ts';

const NO_PARAMS: Readonly<Params> = Object.freeze({});
/** Guests are free to make, so all guests of one address together get this many times the limit of one. */
const GUESTS_PER_ADDRESS = 10;
/** Wrong bearer tokens and API keys from one address. */
const GUESSES: Limit = { rate: 1, burst: 10 };

export interface Gate {
  readonly keys: Keys;
  readonly identities: Identities;
  readonly origins: Origins;
  /** Absent when limits are switched off; replaced when a shared one is connected. */
  limiter: Limiter | undefined;
}

/**
 * Lets a request in, or throws what to answer. Afterwards `ctx.meta` says who acts and `request.$params` what they want.
 * @throws UNAUTHENTICATED, CROSS_SITE, RATE_LIMITED, FORBIDDEN and what reading headers and body may throw
 */
export async function admit(gate: Gate, ctx: Context<unknown, Meta>, request: WebRequest, route: Route): Promise<void> {
  const { exchange, headers } = request;
  exchange.route = route;
  const identity = await identify(gate, request);
  exchange.principal = identity.principal;
  exchange.cookies = identity.cookies;
  if (route.unsafe && !identity.explicit) gate.origins.defend(headers, exchange.peer);
  if (gate.limiter) await limit(gate.limiter, exchange, route);
  if (identity.stale && route.contract.access !== 'public') {
    throw failure('UNAUTHENTICATED', 'The session has expired: refresh it or sign in again');
  }
  if (exchange.principal.kind === 'anonymous' && route.domain === 'carts') mintGuest(gate, exchange);
  checkAccess(route.contract, exchange.principal);
  const { meta } = ctx;
  meta.principal = exchange.principal;
  meta.requestId = exchange.requestId;
  meta.client = { ip: exchange.peer.ip, userAgent: (headers['user-agent'] ?? '').slice(0, 400) };
  readAlways(headers, meta);
  if (route.unsafe) readUnsafe(headers, meta);
  request.$params = await paramsOf(request, route);
}

async function identify({ identities, limiter }: Gate, { headers, exchange }: WebRequest): Promise<Identity> {
  try {
    return await identities.identify(headers);
  } catch (error) {
    // Checking a credential is work, so guessing them is limited by address, whatever the route.
    if (limiter) refuseAbove(exchange, await limiter.take(`guesses|${networkOf(exchange.peer.ip)}`, GUESSES, Date.now()));
    throw error;
  }
}

function mintGuest({ keys }: Gate, exchange: Exchange): void {
  const id = newId('gst');
  exchange.principal = { kind: 'guest', id };
  exchange.headers.push(...guestCookie(signGuest(keys, id), exchange.peer.https));
}

async function limit(limiter: Limiter, exchange: Exchange, route: Route): Promise<void> {
  const { principal, peer } = exchange;
  const allowance = route.contract.limit ?? DEFAULT_LIMIT;
  const now = Date.now();
  const known = principal.kind === 'account' && !opensSession(route.action);
  const guest = principal.kind === 'guest' && !opensSession(route.action);
  const who = known ? (principal.scopes ? principal.via : principal.id) : guest ? principal.id : networkOf(peer.ip);
  const verdict = await limiter.take(`${route.action}|${who}`, allowance, now);
  refuseAbove(exchange, verdict);
  if (guest) {
    const shared: Limit = { rate: allowance.rate * GUESTS_PER_ADDRESS, burst: allowance.burst * GUESTS_PER_ADDRESS };
    const all = await limiter.take(`${route.action}|guests|${networkOf(peer.ip)}`, shared, now);
    if (!all.allowed) refuseAbove(exchange, all);
  }
}

function refuseAbove({ headers }: Exchange, verdict: Verdict): void {
  limitHeaders(headers, verdict);
  if (!verdict.allowed) throw failure('RATE_LIMITED', 'Slow down', { retryAfter: Math.ceil(verdict.retryAfter) });
}

/** Path before query before body, and what the contract wants from headers and cookies. */
async function paramsOf(request: WebRequest, route: Route): Promise<Params> {
  const query = readQuery(queryOf(request));
  const body = route.unsafe && hasBody(request) ? await readParams(request, route) : NO_PARAMS;
  const params: Params = { ...body, ...query, ...(request.$params as Params) };
  const { fields, action } = route;
  const condition = request.headers['if-match'];
  if (condition !== undefined && route.unsafe) {
    if (!fields.has('ifMatch')) throw failure('INVALID_INPUT', 'If-Match is not supported here', { field: 'If-Match' });
    const version = versionWanted(condition);
    if (version !== undefined) params.ifMatch = version;
  }
  const { refresh } = request.exchange.cookies;
  if (refresh !== undefined && params.refreshToken === undefined && fields.has('refreshToken')) {
    if (opensSession(action) || closesSession(action)) params.refreshToken = refresh;
  }
  if (route.contract.body === 'text' && fields.has('signature')) {
    const signature = request.headers['stripe-signature'] ?? request.headers['souk-signature'];
    if (typeof signature === 'string') params.signature = signature;
  }
  return params;
}

function readQuery(text: string): Readonly<Params> {
  if (text === '') return NO_PARAMS;
  const query = parse(text, '&', '=', { maxKeys: 200 });
  if (Object.hasOwn(query, '__proto__')) throw failure('INVALID_INPUT', '__proto__: Unknown field', { field: '__proto__' });
  return query;
}
