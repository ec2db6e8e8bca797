import { brokerOptions, nodeSettings, streams } from './moleculer.config.ts';

const settings = nodeSettings({ SOUK_NODE_ID: 'n1' }, 'nats://souk:s3cret@nats:4222');

describe('the broker of a node', () => {
  const options = brokerOptions(settings);

  it('never waits for ever, and notices a lost node within 12 seconds', () => {
    expect(options).toMatchObject({ requestTimeout: 10_000, heartbeatInterval: 2, heartbeatTimeout: 6 });
  });

  it('waits for calls in flight when it stops', () => {
    expect(options.tracking).toMatchObject({ enabled: true });
    expect(options.tracking?.shutdownTimeout).toBeGreaterThan(options.requestTimeout ?? 0);
  });

  it("keeps NATS's own balancing and prefers services of the same node", () => {
    expect(options.disableBalancer).toBeUndefined();
    expect(options.registry).toMatchObject({ preferLocal: true });
  });

  it('does not tell its options to other nodes: the NATS password is in them', () => {
    expect(options.internalServices).toEqual({ $node: { actions: { options: false } } });
  });

  it('gives the transporter what NATS_URL says', () => {
    expect(options.transporter).toMatchObject({
      type: 'NATS',
      options: { servers: ['nats:4222'], user: 'souk', pass: 's3cret' },
    });
  });

  it('declares every stream once', () => {
    const names = ['ACCOUNTS', 'CARTS', 'CATALOG', 'LEDGER', 'ORDERS', 'PAYMENTS', 'STOCK'];
    expect(streams.map(({ name }) => name).sort()).toEqual(names);
  });
});

describe('a node that only calls others', () => {
  it('opens no log', () => {
    expect(brokerOptions({ ...settings, hosting: false }).middlewares).toEqual([]);
  });
});
