// Two nodes that both host payments, on a nats-server of their own, beside an orders service that only knows who owns what:
// what the integration tests of this domain's service start with. Every log line of both nodes is kept.
import { inspect } from 'node:util';
import { type CallingOptions, type Context, Loggers, ServiceBroker, type ServiceSchema } from 'moleculer';
import type { InputOf, ResultOf } from '../../mixins/contract.ts';
import type { Meta } from '../../mixins/meta.ts';
import { contractMiddleware } from '../../mixins/middlewares/contracts.ts';
import { nodeMiddleware } from '../../mixins/middlewares/node.ts';
import { money } from '../../mixins/money.ts';
import { nodeOf } from '../../mixins/node.ts';
import type { Principal } from '../../mixins/principal.ts';
import { startNats, type TestNats } from '../../test/support/nats.ts';
import { contracts } from '../contracts.ts';
import { payments } from './payments.contract.ts';
import paymentsService from './payments.service.ts';

type Own = (typeof payments)['actions'];

export interface TestNode {
  readonly broker: ServiceBroker;
  call<N extends keyof Own & string>(name: N, params: InputOf<Own[N]>, meta?: Meta): Promise<ResultOf<Own[N]>>;
}

export interface Pair {
  readonly nats: TestNats;
  readonly a: TestNode;
  readonly b: TestNode;
  /** Everything that was logged, down to trace. */
  readonly lines: readonly string[];
  stop(): Promise<void>;
}

export const CUSTOMER: Principal = { kind: 'account', id: 'acc_customer', role: 'customer', via: 'ses_1' };
export const STRANGER: Principal = { kind: 'account', id: 'acc_stranger', role: 'customer', via: 'ses_2' };
export const AGENT: Principal = { kind: 'account', id: 'acc_agent', role: 'agent', via: 'ses_3' };
export const GUEST: Principal = { kind: 'guest', id: 'gst_1' };
export const as = (principal: Principal): Meta => ({ principal });

export async function until(what: () => Promise<boolean>, within = 5_000): Promise<void> {
  for (const end = Date.now() + within; !(await what()); ) {
    if (Date.now() > end) throw new Error('it did not happen in time');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Orders named `ord_guest…` are the guest's, all others the customer's; paying makes attempt 1 over 10 pounds. */
const orders: ServiceSchema = {
  name: 'orders',
  actions: {
    access({ params: { orderId } }: Context<{ orderId: string }>) {
      const owner = orderId.startsWith('ord_guest') ? { guestId: 'gst_1' } : { accountId: 'acc_customer' };
      return { ...owner, sellerIds: [], status: 'awaiting_payment' };
    },
    pay(ctx: Context<{ orderId: string; method: string }>) {
      const { orderId, method } = ctx.params;
      return ctx.call('payments.authorise', { orderId, amount: money(1_000), method, attempt: 1 });
    },
  },
};

class Recorder extends Loggers.Base<object> {
  readonly #lines: string[];
  constructor(lines: string[]) {
    super({});
    this.#lines = lines;
  }
  override getLogHandler() {
    return (_type: string, args: unknown[]): void => {
      this.#lines.push(args.map((arg) => inspect(arg, { depth: 12 })).join(' '));
    };
  }
}

async function startNode(nats: TestNats, nodeID: string, lines: string[]): Promise<TestNode> {
  const broker = new ServiceBroker({
    nodeID,
    namespace: `payments-${nats.port}`,
    logger: new Recorder(lines),
    logLevel: 'trace',
    transporter: { type: 'NATS', options: { servers: [nats.url] } },
    requestTimeout: 8_000,
    middlewares: [
      nodeMiddleware({ log: { connection: { servers: nats.url } }, streams: payments.streams ?? [] }),
      contractMiddleware(contracts),
    ],
  });
  broker.createService(paymentsService(broker));
  broker.createService(orders);
  await broker.start();
  return {
    broker,
    async call(name, params, meta = {}) {
      const options: CallingOptions = { meta: { ...meta }, nodeID };
      return broker.call(`payments.${name}`, params as object, options);
    },
  };
}

export async function startPair(): Promise<Pair> {
  const nats = await startNats();
  const lines: string[] = [];
  const a = await startNode(nats, 'a', lines);
  const b = await startNode(nats, 'b', lines);
  await until(async () => [a, b].every(({ broker }) => !nodeOf(broker).alone('payments')));
  return {
    nats,
    a,
    b,
    lines,
    async stop() {
      await Promise.all([a.broker.stop(), b.broker.stop()]);
      await nats.stop();
    },
  };
}
