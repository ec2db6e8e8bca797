// Whose things are whose, route by route. Who may call at all comes from the contract; this table says who of those is refused
// because the thing is somebody else's. A route that is not in it fails the matrix.
import type { Caller, Credentials, Sending, World } from './world.ts';
import { PASSWORD } from './world.ts';

export interface Case {
  /** What is special about this case; empty for the plain one. */
  readonly name?: string;
  /** Values of the path's parameters and what is sent. */
  prepare(world: World, caller: Caller): Promise<Prepared> | Prepared;
  /** Of those whom the contract lets in, only these; all unless given. */
  readonly only?: readonly Caller[];
  /** Refusals that are no refusal of the caller: a rule of the domain, met by somebody who may. */
  readonly also?: readonly string[];
}

export interface Prepared extends Sending {
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: string;
  /** Instead of the caller's own, for actions that end sessions. */
  readonly credentials?: Credentials;
}

const nothing: Case = { prepare: () => ({}) };
const body = (value: object): Case => ({ prepare: () => ({ body: value }) });
const OWN_PRODUCT: readonly Caller[] = ['seller', 'admin'];
const ADDRESS = { name: 'Ada King', line1: '1 High Street', city: 'London', postcode: 'SW1Y 4JH', country: 'GB' };

const asNew = (sending: Sending): Case => ({
  prepare: async (world, caller) => ({ ...sending, credentials: await world.like(caller) }),
});

/** A thing of the customer, made anew for each caller. */
const addressOfCustomer = (sending: Sending = {}): Case => ({
  only: ['customer'],
  prepare: async (world) => {
    const book = await world.must('customer', 'GET', '/users/addresses');
    const [known] = book.addresses as { id: string }[];
    const made = known ? book : await world.must('customer', 'POST', '/users/addresses', { body: ADDRESS });
    const [address] = made.addresses as { id: string }[];
    return { path: { addressId: address?.id ?? '' }, ...sending };
  },
});
const onProduct = (sending: Sending): Case => ({
  only: OWN_PRODUCT,
  prepare: async (world) => ({ path: { id: (await world.product()).id }, ...sending }),
});
const onOrderOf = (owner: Caller, only: readonly Caller[], sending: Sending = {}, parameter = 'id'): Case => ({
  name: `an order of the ${owner}`,
  only,
  prepare: async (world) => ({ path: { [parameter]: (await world.order(owner)).id }, ...sending }),
});
const onPaymentOf = (owner: Caller, only: readonly Caller[], also: readonly string[], sending: Sending = {}): Case => ({
  name: `a payment of the ${owner}`,
  only,
  also,
  prepare: async (world) => ({ path: { id: `pay_${(await world.order(owner)).id}` }, ...sending }),
});
const category = async (world: World) => {
  const slug = world.fresh('category');
  await world.must('admin', 'POST', '/categories', { body: { slug, name: slug } });
  return { path: { slug } };
};
/** There is none, which only those learn who may look. */
const deadLetter: Case = { prepare: () => ({ path: { id: '999999' } }), also: ['DEAD_LETTER_NOT_FOUND'] };
const someAccount = (sending: Sending): Case => ({
  prepare: async (world) => ({ path: { accountId: (await world.account('customer')).id }, ...sending }),
});

export const TABLE: Readonly<Record<string, readonly Case[]>> = {
  'accounts.signUp': [
    { prepare: (world) => ({ body: { email: `${world.fresh('new')}@example.com`, password: PASSWORD, name: 'New' } }) },
  ],
  'accounts.signIn': [
    { ...body({ email: 'nobody@example.com', password: PASSWORD }), also: ['WRONG_CREDENTIALS', 'TOO_MANY_ATTEMPTS'] },
  ],
  'accounts.refresh': [{ ...body({ refreshToken: 'made-up' }), also: ['SESSION_ENDED'] }],
  'accounts.signOut': [asNew({ body: {} })],
  'accounts.currentUser': [nothing],
  'accounts.changeProfile': [body({ name: 'Changed' })],
  'accounts.addresses': [nothing],
  'accounts.addAddress': [{ ...asNew({ body: ADDRESS }) }],
  'accounts.changeAddress': [addressOfCustomer({ body: ADDRESS })],
  'accounts.removeAddress': [{ prepare: () => ({ path: { addressId: 'adr_unknown' } }) }],
  'accounts.chooseAddress': [addressOfCustomer()],
  'accounts.changePassword': [asNew({ body: { currentPassword: PASSWORD, newPassword: `${PASSWORD}!` } })],
  'accounts.sessions': [nothing],
  'accounts.revokeSession': [
    {
      name: 'a session of the customer',
      only: ['customer'],
      prepare: async (world) => {
        const { sessions } = await world.must('customer', 'GET', '/users/sessions');
        const email = String((await world.must('customer', 'GET', '/users/currentuser').then(userOf)).email);
        await world.signIn(email);
        const after = await world.must('customer', 'GET', '/users/sessions');
        const before = new Set((sessions as { id: string }[]).map(({ id }) => id));
        const added = (after.sessions as { id: string }[]).find(({ id }) => !before.has(id));
        return { path: { sessionId: added?.id ?? '' } };
      },
    },
  ],
  'accounts.revokeOtherSessions': [asNew({})],
  'accounts.apiKeys': [nothing],
  'accounts.createApiKey': [asNew({ body: { name: 'Machine', scopes: ['orders:read'] } })],
  'accounts.revokeApiKey': [
    {
      name: 'a key of the customer',
      only: ['customer'],
      prepare: async (world) => {
        const made = await world.must('customer', 'POST', '/users/keys', { body: { name: 'Machine', scopes: ['orders:read'] } });
        return { path: { keyId: (made.key as { id: string }).id } };
      },
    },
  ],
  'accounts.exportData': [nothing],
  'accounts.erase': [asNew({ body: { password: PASSWORD } })],
  'accounts.list': [nothing],
  'accounts.inspect': [someAccount({})],
  'accounts.block': [someAccount({ body: { reason: 'matrix' } })],
  'accounts.unblock': [someAccount({})],
  'accounts.setRole': [someAccount({ body: { role: 'seller' } })],
  'carts.get': [nothing],
  'carts.add': [{ prepare: async (world) => ({ body: { sku: (await world.product()).sku, quantity: 1 } }) }],
  'carts.change': [{ prepare: () => ({ path: { sku: 'NOT-THERE' }, body: { quantity: 1 } }), also: ['NOT_IN_CART'] }],
  'carts.remove': [nothing],
  'carts.accept': [nothing],
  'carts.checkout': [
    {
      also: ['CART_EMPTY'],
      prepare: () => ({
        body: {
          contact: { email: 'a@example.com', name: 'A', address: { line1: '1', city: 'L', postcode: 'P', country: 'GB' } },
          paymentMethod: 'pm_card_visa',
        },
      }),
    },
  ],
  'catalog.get': [
    { prepare: async (world) => ({ path: { idOrSlug: (await world.product()).slug } }) },
    { name: 'a draft', only: OWN_PRODUCT, prepare: async (world) => ({ path: { idOrSlug: (await world.product('draft')).id } }) },
  ],
  'catalog.create': [
    {
      prepare: (world) => {
        const sku = world.fresh('NEW');
        return { body: { title: sku, variants: [{ sku, price: { amount: 1, currency: 'GBP' } }] } };
      },
    },
  ],
  'catalog.update': [onProduct({ body: { title: 'Renamed' } })],
  'catalog.remove': [onProduct({})],
  'catalog.addImage': [
    { only: OWN_PRODUCT, prepare: async (world) => ({ path: { id: (await world.product()).id }, ...world.pixel() }) },
  ],
  'catalog.removeImage': [{ only: OWN_PRODUCT, prepare: async (world) => ({ path: await world.image() }) }],
  'catalog.image': [{ prepare: async (world) => ({ path: { hash: (await world.image()).hash, size: '320.webp' } }) }],
  'catalog.import': [
    {
      prepare: () => ({ query: '?format=jsonl&dryRun=true', raw: { type: 'application/x-ndjson', bytes: '{"title":"x"}\n' } }),
      also: ['IMPORT_UNREADABLE'],
    },
  ],
  'catalog.export': [{ prepare: () => ({ query: '?format=csv' }) }],
  'catalog.categories': [nothing],
  'catalog.createCategory': [{ prepare: (world) => ({ body: { slug: world.fresh('category'), name: 'Category' } }) }],
  'catalog.updateCategory': [{ prepare: async (world) => ({ ...(await category(world)), body: { name: 'Renamed' } }) }],
  'catalog.removeCategory': [{ prepare: category }],
  'ops.list': [nothing],
  'ops.show': [deadLetter],
  'ops.replay': [deadLetter],
  'ops.drop': [deadLetter],
  'orders.list': [nothing],
  'orders.listAll': [nothing],
  'orders.get': [
    onOrderOf('customer', ['customer', 'seller', 'agent', 'admin']),
    onOrderOf('guest', ['guest', 'seller', 'agent', 'admin']),
  ],
  'orders.cancel': [onOrderOf('customer', ['customer', 'agent', 'admin']), onOrderOf('guest', ['guest', 'agent', 'admin'])],
  'orders.update': [onOrderOf('customer', OWN_PRODUCT, { body: { status: 'packed' } })],
  'payments.charge': [
    {
      name: 'an order of the customer that waits for its payment',
      only: ['customer'],
      also: ['PAYMENT_IN_PLACE', 'ORDER_ALREADY_PAID'],
      prepare: async (world) => ({ body: { orderId: (await world.order('customer')).id, paymentMethod: 'pm_card_visa' } }),
    },
  ],
  'payments.tokenise': [body({ number: '4242424242424242', expMonth: 12, expYear: 2034, cvc: '123' })],
  'payments.query': [nothing],
  'payments.ofOrder': [
    onOrderOf('customer', ['customer', 'agent', 'admin'], {}, 'orderId'),
    onOrderOf('guest', ['guest', 'agent', 'admin'], {}, 'orderId'),
  ],
  'payments.get': [
    onPaymentOf('customer', ['customer', 'agent', 'admin'], []),
    onPaymentOf('guest', ['guest', 'agent', 'admin'], []),
  ],
  'payments.confirm': [
    onPaymentOf('customer', ['customer', 'agent', 'admin'], ['PAYMENT_NO_ACTION']),
    onPaymentOf('guest', ['guest', 'agent', 'admin'], ['PAYMENT_NO_ACTION']),
  ],
  'payments.challenge': [onPaymentOf('customer', ['customer'], ['PAYMENT_NO_ACTION'], { body: { outcome: 'succeed' } })],
  'payments.refundPart': [
    {
      prepare: async (world) => ({
        path: { id: `pay_${(await world.order('customer')).id}` },
        body: { amount: 1, reason: 'matrix', key: world.fresh('refund') },
      }),
    },
  ],
  'payments.webhook': [{ prepare: () => ({ raw: { type: 'application/json', bytes: '{}' } }), also: ['WEBHOOK_REFUSED'] }],
  'payments.faults': [body({})],
  'search.query': [nothing],
  'search.suggest': [{ prepare: () => ({ query: '?q=mug' }) }],
  'search.managed': [nothing],
  'stock.get': [{ prepare: async (world) => ({ path: { sku: (await world.product()).sku } }) }],
  'stock.check': [body({ items: [{ sku: 'ANY', quantity: 1 }] })],
  'stock.set': [
    {
      only: OWN_PRODUCT,
      prepare: async (world) => ({ path: { sku: (await world.product()).sku }, body: { change: 1, reason: 'counted' } }),
    },
  ],
};

const userOf = (answer: Record<string, unknown>): Record<string, unknown> => answer.currentUser as Record<string, unknown>;
