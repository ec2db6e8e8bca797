// What an answer means for the session of a browser: cookies appear, disappear, and a guest's cart follows its owner.
import type { ServiceBroker } from 'moleculer';
import { codeOf } from '../mixins/errors.ts';
import { SignedIn } from '../services/accounts/accounts.schema.contract.ts';
import type { Exchange, WebRequest } from './exchange.ts';
import type { Identities } from './identity.ts';
import type { GatewayLogger } from './logging.ts';
import { prefers } from './request-meta.ts';
import { closesSession, endedCookies, forgottenGuest, opensSession, sessionCookies, withoutTokens } from './session-cookies.ts';

/** After these a refresh token is worth nothing any more. */
const ENDED: ReadonlySet<string> = new Set(['SESSION_ENDED', 'ACCOUNT_BLOCKED']);

export class Sessions {
  readonly #broker: ServiceBroker;
  readonly #identities: Identities;
  readonly #logger: GatewayLogger;

  constructor(broker: ServiceBroker, identities: Identities, logger: GatewayLogger) {
    this.#broker = broker;
    this.#identities = identities;
    this.#logger = logger;
  }

  /** Turns the tokens of a new session into cookies. Returns what the client may see. */
  async opened(request: WebRequest, result: unknown): Promise<unknown> {
    const { exchange, headers } = request;
    const session = SignedIn.parse(result);
    await this.#adoptCart(exchange, session.account.id);
    if (prefers(headers, 'tokens')) return session;
    exchange.headers.push(...sessionCookies(session, exchange.peer.https, Date.now()));
    return withoutTokens(session);
  }

  /** Answers and refusals of other actions; cookies that are worth nothing any more are removed. */
  closed({ exchange }: WebRequest): void {
    exchange.headers.push(...endedCookies(exchange.peer.https));
  }

  refused({ exchange }: WebRequest, error: unknown): void {
    if (exchange.route && opensSession(exchange.route.action) && exchange.cookies.refresh && ENDED.has(codeOf(error) ?? '')) {
      exchange.headers.push(...endedCookies(exchange.peer.https));
    }
  }

  after(request: WebRequest, result: unknown): unknown {
    const action = request.exchange.route?.action ?? '';
    if (opensSession(action)) return this.opened(request, result);
    if (closesSession(action)) this.closed(request);
    return result;
  }

  /** The cart that was filled before signing in. When it cannot be moved now, the cookie stays and the next refresh tries again. */
  async #adoptCart(exchange: Exchange, accountId: string): Promise<void> {
    const guestId = exchange.cookies.guest ? this.#identities.guestOf(exchange.cookies.guest) : undefined;
    if (guestId === undefined) return;
    try {
      await this.#broker.call('carts.adopt', { guestId, accountId }, { meta: { requestId: exchange.requestId } });
      exchange.headers.push(...forgottenGuest(exchange.peer.https));
    } catch (error) {
      this.#logger.warn(
        { err: error, requestId: exchange.requestId },
        'the cart of a guest could not be moved to the account yet',
      );
    }
  }
}
