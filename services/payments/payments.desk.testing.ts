// Two nodes of the shop that share one simulated provider over a nats-server of their own, with nothing else around them, and
// ways to stand between a node and the provider. What the tests of the desk start with.
import { Actors } from '../../mixins/actor/actors.ts';
import { Log } from '../../mixins/log/log.ts';
import { money } from '../../mixins/money.ts';
import { startNats, type TestNats } from '../../test/support/nats.ts';
import { paymentActor } from './payment.ts';
import { payments } from './payments.contract.ts';
import { PaymentDesk } from './payments.desk.ts';
import { Faults } from './payments.schema.contract.ts';
import type { PaymentProvider } from './provider.ts';
import { Books, LEDGER } from './simulated/books.ts';
import { intentIdOf } from './simulated/intent.ts';
import { SimulatedProvider } from './simulated/simulated.provider.ts';

export const AMOUNT = money(1_000);
let count = 0;
export const newOrder = (): string => `ord_${++count}`;
export const origin = () => ({ meta: {} });
export const attempt = (orderId: string, method = 'pm_card_visa', n = 1) => ({
  orderId,
  accountId: 'acc_1',
  amount: AMOUNT,
  method,
  attempt: n,
});

/** `ok` or the code of the refusal, of each. */
export async function outcomes(...work: Promise<unknown>[]): Promise<unknown[]> {
  const settled = await Promise.allSettled(work);
  return settled.map((one) => (one.status === 'fulfilled' ? 'ok' : (one.reason as { type?: string }).type));
}

export async function until(done: () => Promise<boolean>, within = 5_000): Promise<void> {
  for (const end = Date.now() + within; !(await done()); ) {
    if (Date.now() > end) throw new Error('it did not happen in time');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

type Wrap = (provider: SimulatedProvider) => PaymentProvider;

interface TestNode {
  readonly log: Log;
  readonly desk: PaymentDesk;
  readonly provider: SimulatedProvider;
  /** Ids of the webhooks that were accepted. */
  readonly heard: string[];
  stop(): Promise<void>;
}

async function startNode(server: TestNats, wrap: Wrap): Promise<TestNode> {
  const log = await Log.connect({ connection: { servers: server.url } });
  await log.declare(payments.streams ?? []);
  const heard: string[] = [];
  const provider: SimulatedProvider = new SimulatedProvider({
    books: new Books(() => log),
    secret: 'shared by both nodes',
    deliver: async (body, signature) => {
      const { eventId, intentId } = provider.verify(body, signature);
      await desk.hear(intentId, origin());
      heard.push(eventId);
    },
    onError: (what, error) => {
      throw new Error(what, { cause: error });
    },
    lateMs: 60,
    refundMs: 60,
  });
  const desk = new PaymentDesk(new Actors(paymentActor, () => log, { alone: () => false }), wrap(provider));
  return {
    log,
    desk,
    provider,
    heard,
    async stop() {
      await provider.stop();
      await log.close();
    },
  };
}

export interface Booked {
  /** Taken minus given back. */
  readonly kept: number;
  /** Still reserved. */
  readonly held: number;
  readonly effects: readonly string[];
}

export class TwoNodes {
  readonly #server: TestNats;
  readonly a: TestNode;
  readonly b: TestNode;

  private constructor(server: TestNats, a: TestNode, b: TestNode) {
    this.#server = server;
    this.a = a;
    this.b = b;
  }

  static async start(): Promise<TwoNodes> {
    const server = await startNats();
    const same: Wrap = (provider) => provider;
    return new TwoNodes(server, await startNode(server, same), await startNode(server, same));
  }

  /** One more node; `wrap` may stand between it and the provider. */
  start(wrap: Wrap = (provider) => provider): Promise<TestNode> {
    return startNode(this.#server, wrap);
  }

  behave(): void {
    for (const node of [this.a, this.b]) node.provider.faults = Faults.parse({});
  }

  /** The nats-server dies as in a crash and comes back. */
  async crash(): Promise<void> {
    await this.#server.kill();
    await this.#server.restart();
  }

  async stop(): Promise<void> {
    await Promise.all([this.a.stop(), this.b.stop()]);
    await this.#server.stop();
  }

  /** How many messages the stream got so far. */
  messages(stream: string): Promise<number> {
    return this.a.log.end(stream);
  }

  become(orderId: string, status: string): Promise<void> {
    return until(async () => (await this.a.desk.find(orderId))?.status === status);
  }

  /** What the provider's own books say of an order, all attempts together. */
  async books(orderId: string): Promise<Booked> {
    let kept = 0;
    let held = 0;
    const effects: string[] = [];
    for (let n = 1; n <= 5; n++) {
      for await (const { body } of this.a.log.steps(LEDGER, intentIdOf(orderId, n))) {
        for (const { type, data } of body.events as { type: string; data: { amount: number } }[]) {
          effects.push(type);
          if (type === 'intent.authorised') held += data.amount;
          if (type === 'intent.captured') [kept, held] = [kept + data.amount, held - data.amount];
          if (type === 'intent.refunded') kept -= data.amount;
          if (type === 'intent.refundFailed') kept += data.amount;
          // Voiding a challenge that was not answered gives nothing back.
          if (type === 'intent.voided') held -= Math.min(held, data.amount);
        }
      }
    }
    return { kept, held, effects };
  }
}

type Operation = 'authorise' | 'capture' | 'void' | 'refund';

/** A provider whose one operation is carried out by `instead`, which gets the real one. */
const replacing =
  (operation: Operation, instead: (real: () => Promise<unknown>) => Promise<unknown>): Wrap =>
  (provider) =>
    new Proxy(provider, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name);
        if (typeof value !== 'function') return value;
        return (...args: unknown[]): unknown => {
          const real = (): Promise<unknown> => value.apply(target, args);
          return name === operation ? instead(real) : real();
        };
      },
    });

/** The answer of the operation never arrives, whether or not it `happens`. */
export function deaf(operation: Operation, happens: boolean): Wrap {
  return replacing(operation, async (real) => {
    if (happens) await real();
    throw new Error('socket hang up');
  });
}

/** The operation waits at a gate; `waiting` says that it has arrived there, `open` lets it through. */
export function gated(operation: Operation): { readonly wrap: Wrap; readonly waiting: Promise<void>; open(): void } {
  const gate = Promise.withResolvers<void>();
  const arrival = Promise.withResolvers<void>();
  const wrap = replacing(operation, async (real) => {
    arrival.resolve();
    await gate.promise;
    return real();
  });
  return { wrap, waiting: arrival.promise, open: () => gate.resolve() };
}
