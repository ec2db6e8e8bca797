// Payments of orders. Charging, capturing and giving back is internal: only an order's saga does it; customers see their own.
import { randomBytes } from 'node:crypto';
import { codeOf } from '../../mixins/errors.ts';
import type { Origin } from '../../mixins/meta.ts';
import { money } from '../../mixins/money.ts';
import { hasRole } from '../../mixins/principal.ts';
import { defineService } from '../contracts.ts';
import { paymentActor } from './payment.ts';
import { owns } from './payments.access.ts';
import { orderIdOf, paymentErrors, payments } from './payments.contract.ts';
import { PaymentDesk } from './payments.desk.ts';
import type { Faults, Payment } from './payments.schema.contract.ts';
import { Sweep } from './payments.sweep.ts';
import { paymentsView } from './payments.view.ts';
import { Books } from './simulated/books.ts';
import { SimulatedProvider } from './simulated/simulated.provider.ts';
import { tokenise } from './simulated/tokens.ts';

const SWEEP_MS = 5_000;

export default defineService(payments, (node) => {
  const provider = new SimulatedProvider({
    books: new Books(() => node.log),
    // Without a shared secret each node only accepts the webhooks it sends to itself.
    secret: process.env.SIMULATED_WEBHOOK_SECRET ?? randomBytes(32).toString('hex'),
    deliver: async (body, signature) => {
      await node.broker.call('payments.webhook', { body, signature }, { nodeID: node.id });
    },
    onError: (what, error) => node.logger.warn({ err: error }, what),
  });
  const desk = new PaymentDesk(node.actors(paymentActor), provider);
  const view = node.view(paymentsView);
  const sweep = new Sweep(view, desk, (orderId, error) =>
    node.logger.warn({ err: error, orderId }, 'a payment could not be reconciled'),
  );
  node.every(SWEEP_MS, 'reconcile payments', async () => {
    await sweep.run(node.now());
  });

  /** The payment when the caller may see it; otherwise it does not exist. */
  async function visible(orderId: string, origin: Origin): Promise<Payment> {
    return hasRole(origin.meta.principal, 'admin', 'agent') ? desk.get(orderId) : own(orderId, origin);
  }

  /** The payment when it is the caller's own: nobody answers a bank in another's name. */
  async function own(orderId: string, origin: Origin): Promise<Payment> {
    const payment = await desk.get(orderId);
    if (!owns(payment, origin.meta.principal)) await mustOwn(orderId, origin);
    return payment;
  }

  async function mustOwn(orderId: string, origin: Origin): Promise<void> {
    const access = await node.call('orders.access', { orderId }, origin).catch((error: unknown) => {
      if (codeOf(error)?.endsWith('NOT_FOUND')) return {};
      throw error;
    });
    if (!owns(access, origin.meta.principal)) throw paymentErrors('PAYMENT_NOT_FOUND', undefined, { orderId });
  }

  /** Tells the switches to the other nodes that simulate the provider. */
  async function tellOthers(faults: Faults): Promise<void> {
    const hosts: { name: string; node: { id: string; available: boolean } }[] = node.broker.registry.services.services;
    const others = hosts.filter((host) => host.name === 'payments' && host.node.available && host.node.id !== node.id);
    const params = { ...faults, onlyHere: true };
    await Promise.all(others.map((host) => node.broker.call('payments.faults', params, { nodeID: host.node.id })));
  }

  return {
    actions: {
      async charge(ctx) {
        const { orderId, paymentMethod } = ctx.params;
        await mustOwn(orderId, ctx);
        await ctx.call('orders.pay', { orderId, method: paymentMethod });
        return desk.get(orderId);
      },

      async tokenise(ctx) {
        return tokenise(ctx.params, node.now());
      },

      async query(ctx) {
        const { status, accountId, orderId, from, to, limit, after } = ctx.params;
        const where = {
          ...(status === undefined ? {} : { status }),
          ...(accountId === undefined ? {} : { accountId }),
          ...(orderId === undefined ? {} : { orderId }),
          ...(from === undefined && to === undefined
            ? {}
            : { createdAt: { $gte: from ?? 0, $lt: to ?? Number.MAX_SAFE_INTEGER } }),
        };
        const { items, next } = await view.find({ where, sort: '-createdAt', limit, ...(after === undefined ? {} : { after }) });
        const found = items.map(({ watch: _ours, ...payment }) => payment);
        return { payments: found, ...(next === undefined ? {} : { next }) };
      },

      async ofOrder(ctx) {
        return visible(ctx.params.orderId, ctx);
      },

      async get(ctx) {
        return visible(orderIdOf(ctx.params.id), ctx);
      },

      async confirm(ctx) {
        const { orderId } = await visible(orderIdOf(ctx.params.id), ctx);
        return desk.refresh(orderId, ctx);
      },

      async challenge(ctx) {
        const { intentId, status } = await desk.intentOf((await own(orderIdOf(ctx.params.id), ctx)).orderId);
        if (status !== 'requires_action') throw paymentErrors('PAYMENT_NO_ACTION', undefined, { status });
        const { refused } = await provider.answer(intentId, ctx.params.outcome);
        return { accepted: refused === undefined };
      },

      async refundPart(ctx) {
        const { id, reason, key } = ctx.params;
        const payment = await desk.get(orderIdOf(id));
        const amount = ctx.params.amount ?? payment.amount.amount - payment.refunded.amount;
        return desk.refund({ orderId: payment.orderId, amount: money(amount), reason, key }, ctx);
      },

      async webhook(ctx) {
        const { eventId, intentId } = provider.verify(ctx.params.body, ctx.params.signature);
        // What it causes carries the provider's event in the log.
        await desk.hear(intentId, { meta: { requestId: eventId } });
        return { received: true as const };
      },

      async state(ctx) {
        const payment = await desk.find(ctx.params.orderId);
        return payment ? { payment } : {};
      },

      async authorise(ctx) {
        return desk.authorise(ctx.params, ctx);
      },

      async capture(ctx) {
        return desk.capture(ctx.params.orderId, ctx);
      },

      async cancel(ctx) {
        return desk.cancel(ctx.params.orderId, ctx.params.reason, ctx);
      },

      async refund(ctx) {
        return desk.refund(ctx.params, ctx);
      },

      async reconcile(ctx) {
        return sweep.run(node.now(), ctx.params.olderThanMs);
      },

      async faults(ctx) {
        if (process.env.NODE_ENV === 'production') throw paymentErrors('NOT_IN_PRODUCTION');
        const { onlyHere, ...faults } = ctx.params;
        provider.faults = faults;
        if (!onlyHere) await tellOthers(faults);
        return faults;
      },
    },

    async stopped() {
      await provider.stop();
    },
  };
});
