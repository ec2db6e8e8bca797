// The administrator over HTTP: puts products on sale, fills the stock, breaks the payment provider, reads every list.

import type { OrderRow } from '../../../services/orders/order.contract.ts';
import type { Faults, Payment } from '../../../services/payments/payments.schema.contract.ts';
import type { StockLevel } from '../../../services/stock/stock.contract.ts';
import { DEMO_LOGINS } from '../../seed/seed.ts';
import { type Answer, type Ask, type Http, insist } from './http.ts';

const PATIENCE_MS = 30_000;

export interface NewProduct {
  readonly sku: string;
  readonly title: string;
  /** Minor units. */
  readonly price: number;
  readonly more?: object;
}

export class Staff {
  readonly #http: Http;
  #token = '';

  constructor(http: Http) {
    this.#http = http;
  }

  async signIn(): Promise<void> {
    const admin = DEMO_LOGINS.find(({ role }) => role === 'admin');
    const body = { email: admin?.email, password: admin?.password };
    const answer = await this.#http.send('POST', '/api/users/signin', { body, headers: { prefer: 'tokens' } });
    this.#token = (expectOk(answer).body as { accessToken: string }).accessToken;
  }

  /** Puts products on sale, some hundred in one file. */
  async offer(products: readonly NewProduct[]): Promise<void> {
    for (let from = 0; from < products.length; from += 500) {
      const lines = products.slice(from, from + 500).map(({ sku, title, price, more }) =>
        JSON.stringify({
          title,
          slug: sku.toLowerCase(),
          status: 'active',
          ...more,
          variants: [{ sku, price: { amount: price, currency: 'GBP' } }],
        }),
      );
      const answer = await this.ask('POST', '/api/products/import?format=jsonl', { body: lines.join('\n') });
      const { refused } = answer.body as { refused: unknown[] };
      if (refused.length > 0) throw new Error(`The import refused ${JSON.stringify(refused[0])}`);
    }
  }

  async receive(sku: string, quantity: number): Promise<void> {
    await this.ask('PUT', `/api/inventory/${sku}`, {
      body: { change: quantity, reason: 'received', reference: `opening-${sku}` },
    });
  }

  async level(sku: string): Promise<StockLevel> {
    return (await this.ask('GET', `/api/inventory/${sku}`)).body as StockLevel;
  }

  /** Each call sets all switches; none means that the provider behaves. */
  async faults(faults: Partial<Faults>): Promise<void> {
    await this.ask('POST', '/api/payments/faults', { body: faults });
  }

  orders(): Promise<OrderRow[]> {
    return this.#all<OrderRow>('/api/orders/admin/all', 'items', 'cursor');
  }

  payments(): Promise<Payment[]> {
    return this.#all<Payment>('/api/payments', 'payments', 'after');
  }

  /** @throws when it is refused */
  async ask(method: 'GET' | 'POST' | 'PUT', path: string, ask: Ask = {}): Promise<Answer> {
    const headers = { ...ask.headers, authorization: `Bearer ${this.#token}` };
    return expectOk(await insist(() => this.#http.send(method, path, { ...ask, headers }), PATIENCE_MS));
  }

  async #all<Row>(path: string, field: string, cursor: string): Promise<Row[]> {
    const rows: Row[] = [];
    for (let after: string | undefined; ; ) {
      const answer = await this.ask('GET', `${path}?limit=100${after ? `&${cursor}=${encodeURIComponent(after)}` : ''}`);
      const page = answer.body as { next?: string } & Record<string, Row[]>;
      rows.push(...(page[field] ?? []));
      if (page.next === undefined) return rows;
      after = page.next;
    }
  }
}

function expectOk(answer: Answer): Answer {
  if (answer.status >= 300) throw new Error(`HTTP ${answer.status}: ${answer.text}`);
  return answer;
}
