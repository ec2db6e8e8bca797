// The people and things of the access matrix: one shop, eight kinds of callers, orders and products that belong to some of them.
import { startShop, type TestShop } from '../support/shop.ts';

export const CALLERS = ['anonymous', 'guest', 'customer', 'otherCustomer', 'seller', 'otherSeller', 'agent', 'admin'] as const;
export type Caller = (typeof CALLERS)[number];
type Account = Exclude<Caller, 'anonymous' | 'guest'>;

const ROLES: Readonly<Record<Account, string>> = {
  customer: 'customer',
  otherCustomer: 'customer',
  seller: 'seller',
  otherSeller: 'seller',
  agent: 'agent',
  admin: 'admin',
};
export const PASSWORD = 'correct horse battery';
/** One red pixel. */
const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==';

export interface Sent {
  readonly status: number;
  readonly code: string;
  readonly body: Record<string, unknown>;
  readonly headers: Headers;
}

export interface Sending {
  readonly body?: unknown;
  /** Sent as it is instead of JSON. */
  readonly raw?: { readonly type: string; readonly bytes: string | Uint8Array<ArrayBuffer> };
  readonly headers?: Readonly<Record<string, string>>;
}

/** How one caller proves who they are. */
export type Credentials = Readonly<Record<string, string>>;

export class World {
  readonly shop: TestShop;
  readonly #credentials = new Map<Caller, Credentials>();
  readonly ids = new Map<Account, string>();
  #count = 0;

  private constructor(shop: TestShop) {
    this.shop = shop;
  }

  static async open(): Promise<World> {
    const world = new World(await startShop({ env: { SOUK_RATE_LIMIT: 'off' } }));
    for (const caller of Object.keys(ROLES) as Account[]) {
      const { id, credentials } = await world.account(ROLES[caller]);
      world.ids.set(caller, id);
      world.#credentials.set(caller, credentials);
    }
    world.#credentials.set('anonymous', {});
    world.#credentials.set('guest', await world.guest());
    return world;
  }

  close(): Promise<void> {
    return this.shop.stop();
  }

  /** Something nobody has used yet. */
  fresh(prefix: string): string {
    return `${prefix}-${++this.#count}`;
  }

  credentials(caller: Caller): Credentials {
    return this.#credentials.get(caller) ?? {};
  }

  async send(credentials: Credentials, method: string, path: string, { body, raw, headers = {} }: Sending = {}): Promise<Sent> {
    const type = raw?.type ?? (body === undefined ? undefined : 'application/json');
    const payload = raw?.bytes ?? (body === undefined ? undefined : JSON.stringify(body));
    const response = await fetch(`${this.shop.url}/api${path}`, {
      method,
      headers: { ...credentials, ...headers, ...(type ? { 'content-type': type } : {}) },
      ...(payload === undefined ? {} : { body: payload }),
    });
    const text = await response.text();
    const isJson = (response.headers.get('content-type') ?? '').includes('json');
    const parsed: Record<string, unknown> = isJson && text ? JSON.parse(text) : { text };
    const code = response.status >= 400 ? String(parsed.code) : '';
    return { status: response.status, code, body: parsed, headers: response.headers };
  }

  /** Sends as one of the callers and insists on success. */
  async must(caller: Caller | Credentials, method: string, path: string, sending?: Sending): Promise<Record<string, unknown>> {
    const credentials = typeof caller === 'string' ? this.credentials(caller) : caller;
    const sent = await this.send(credentials, method, path, sending);
    if (sent.status >= 400) throw new Error(`${method} ${path}: ${sent.status} ${JSON.stringify(sent.body)}`);
    return sent.body;
  }

  /** A new account of this role, signed in. */
  async account(role: string): Promise<{ id: string; credentials: Credentials }> {
    const email = `${this.fresh(role)}@example.com`;
    await this.shop.broker.call('accounts.ensure', { email, name: `A ${role}`, role, password: PASSWORD });
    return this.signIn(email);
  }

  async signIn(email: string): Promise<{ id: string; credentials: Credentials }> {
    const sending = { body: { email, password: PASSWORD }, headers: { prefer: 'tokens' } };
    const answer = await this.must({}, 'POST', '/users/signin', sending);
    return { id: (answer.account as { id: string }).id, credentials: { authorization: `Bearer ${String(answer.accessToken)}` } };
  }

  /** A new account like the caller's, for actions that end sessions. */
  async like(caller: Caller): Promise<Credentials> {
    if (caller === 'anonymous') return {};
    if (caller === 'guest') return this.guest();
    return (await this.account(ROLES[caller])).credentials;
  }

  async guest(): Promise<Credentials> {
    const { headers } = await this.send({}, 'GET', '/cart');
    const [cookie = ''] = headers.getSetCookie();
    return { cookie: cookie.slice(0, cookie.indexOf(';')) };
  }

  /** A product of the seller with stock. */
  async product(status: 'active' | 'draft' = 'active'): Promise<{ id: string; sku: string; slug: string }> {
    const sku = this.fresh('SKU');
    const body = {
      title: `Product ${sku}`,
      slug: sku.toLowerCase(),
      status,
      variants: [{ sku, price: { amount: 500, currency: 'GBP' } }],
    };
    const product = await this.must('seller', 'POST', '/products', { body });
    await this.must('seller', 'PUT', `/inventory/${sku}`, { body: { change: 100, reason: 'received' } });
    return { id: String(product.id), sku, slug: String(product.slug) };
  }

  /** A product with one image; tells the image's hash. */
  async image(): Promise<{ id: string; hash: string }> {
    const { id } = await this.product();
    const raw = { type: 'image/png', bytes: new Uint8Array(Buffer.from(PIXEL, 'base64')) };
    const { image } = await this.must('seller', 'POST', `/products/${id}/images`, { raw });
    return { id, hash: (image as { hash: string }).hash };
  }

  pixel(): Sending {
    return { raw: { type: 'image/png', bytes: new Uint8Array(Buffer.from(PIXEL, 'base64')) } };
  }

  /** An order of the caller for something of the seller. */
  async order(caller: Caller, paymentMethod = 'pm_card_visa'): Promise<{ id: string; version: number }> {
    const { sku } = await this.product();
    const credentials = caller === 'guest' ? this.credentials('guest') : this.credentials(caller);
    await this.must(credentials, 'POST', '/cart/add', { body: { sku, quantity: 1 } });
    const address = { line1: '12 St James’s Square', city: 'London', postcode: 'SW1Y 4JH', country: 'GB' };
    const contact = { email: 'ada@example.com', name: 'Ada Byron', address };
    const order = await this.must(credentials, 'POST', '/cart/checkout', { body: { contact, paymentMethod } });
    return { id: String(order.id), version: Number(order.version) };
  }
}
