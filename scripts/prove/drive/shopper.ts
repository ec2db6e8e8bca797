// One visitor with a cart: what people do in the shop, over HTTP, and a record of every order they were told of.
import type { OrderStatus, OrderView } from '../../../services/orders/order.contract.ts';
import type { Acknowledged } from '../audit/evidence.ts';
import { type Answer, type Ask, type Http, insist, type Problem } from './http.ts';

export interface Shopping {
  readonly http: Http;
  /** Grows with every order that an answer speaks of. */
  readonly acknowledged: Acknowledged[];
  /** How long a request without a clear answer is repeated under its Idempotency-Key; neither repeated nor given a key when 0. */
  readonly patienceMs: number;
}

export interface Bought {
  readonly status: OrderStatus;
  readonly orderId: string;
}
export interface Refused {
  readonly status: 'refused';
  readonly code: string;
}

export const CONTACT = {
  email: 'ada@example.com',
  name: 'Ada Byron',
  address: { line1: '12 St James’s Square', city: 'London', postcode: 'SW1Y 4JH', country: 'GB' },
};

let keys = 0;
/** A new Idempotency-Key. */
export const newKey = (what: string): string => `prove-${what}-${process.pid}-${Date.now().toString(36)}-${++keys}`;

export class Shopper {
  readonly #shop: Shopping;
  #cookie = '';

  constructor(shop: Shopping) {
    this.#shop = shop;
  }

  /** Opens a session: the first answer of a cart brings the guest cookie. */
  async arrive(): Promise<void> {
    await this.ask('GET', '/api/cart', {});
    if (this.#cookie === '') throw new Error('No guest cookie was given');
  }

  async add(sku: string, quantity: number): Promise<Answer> {
    return this.ask('POST', '/api/cart/add', { body: { sku, quantity }, ...this.#keyFor('add') });
  }

  async checkout(paymentMethod = 'pm_card_visa'): Promise<Bought | Refused> {
    const body = checkoutBody(paymentMethod);
    return this.checkedOut(await this.ask('POST', '/api/cart/checkout', { body, ...this.#keyFor('checkout') }));
  }

  /** What an answer to a checkout means, remembered for the auditor. */
  async checkedOut(answer: Answer): Promise<Bought | Refused> {
    if (answer.status < 300) return this.#told(answer.body as OrderView);
    const { code, data } = answer.body as Problem;
    // The order came about although its answer was lost: the customer looks it up.
    if (code === 'CART_ALREADY_ORDERED' && data?.orderId) return this.order(data.orderId);
    if (data?.orderId && (code === 'OUT_OF_STOCK' || code === 'PAYMENT_FAILED'))
      this.#shop.acknowledged.push({ orderId: data.orderId, status: 'rejected' });
    return { status: 'refused', code };
  }

  async order(orderId: string): Promise<Bought> {
    const answer = await this.ask('GET', `/api/orders/${orderId}`, {});
    if (answer.status !== 200) throw new Error(`Order ${orderId}: ${answer.text}`);
    return this.#told(answer.body as OrderView);
  }

  async cancel(orderId: string): Promise<Bought | Refused> {
    const answer = await this.ask('DELETE', `/api/orders/${orderId}`, this.#keyFor('cancel'));
    if (answer.status < 300) return this.#told(answer.body as OrderView);
    return { status: 'refused', code: (answer.body as Problem).code };
  }

  /** The session, two different things in the cart, checkout. */
  async buy(skus: readonly [sku: string, quantity: number][], paymentMethod?: string): Promise<Bought | Refused> {
    await this.arrive();
    for (const [sku, quantity] of skus) {
      const answer = await this.add(sku, quantity);
      if (answer.status >= 300) return { status: 'refused', code: (answer.body as Problem).code };
    }
    return this.checkout(paymentMethod);
  }

  async ask(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, ask: Ask): Promise<Answer> {
    const { http, patienceMs } = this.#shop;
    const send = () => http.send(method, path, { ...ask, headers: { ...ask.headers, ...this.#identity() } });
    const answer = patienceMs > 0 ? await insist(send, patienceMs) : await send();
    this.#keepCookie(answer.headers['set-cookie']);
    return answer;
  }

  #keyFor(what: string): { key?: string } {
    return this.#shop.patienceMs > 0 ? { key: newKey(what) } : {};
  }

  #identity(): Record<string, string> {
    return this.#cookie === '' ? {} : { cookie: this.#cookie };
  }

  #keepCookie(given: string | string[] | undefined): void {
    const guest = [given ?? []].flat().find((cookie) => cookie.startsWith('souk_guest='));
    if (guest) this.#cookie = guest.slice(0, guest.indexOf(';'));
  }

  #told({ id, status, totals }: OrderView): Bought {
    this.#shop.acknowledged.push({ orderId: id, status, total: totals.total.amount });
    return { status, orderId: id };
  }
}

export const checkoutBody = (paymentMethod: string) => ({ contact: CONTACT, delivery: 'pickup', paymentMethod });
