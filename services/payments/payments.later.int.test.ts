// Results that come later, by webhook or not at all: late decisions, challenges, refunds that the bank sends back.
import { money } from '../../mixins/money.ts';
import { paymentIdOf } from './payments.contract.ts';
import { attempt, newOrder, origin, TwoNodes, until } from './payments.desk.testing.ts';
import { Faults } from './payments.schema.contract.ts';
import { intentIdOf } from './simulated/intent.ts';

let nodes: TwoNodes;
beforeAll(async () => {
  nodes = await TwoNodes.start();
});
afterEach(() => nodes.behave());
afterAll(() => nodes?.stop());

describe('results that come later', () => {
  it('arrive by webhook, however often, and change the payment once', async () => {
    nodes.a.provider.faults = Faults.parse({ duplicateWebhooks: 3, delayMs: 40, echo: true });
    const orderId = newOrder();
    expect(await nodes.a.desk.authorise(attempt(orderId, 'pm_card_lateWebhook'), origin())).toMatchObject({ status: 'pending' });
    await nodes.become(orderId, 'authorised');
    await nodes.a.desk.capture(orderId, origin());
    await until(async () => nodes.a.heard.filter((id) => id.includes(orderId)).length === 12);
    expect(await nodes.a.desk.get(orderId)).toMatchObject({ status: 'captured', version: 3 });
  });

  it('are asked for when the webhook is lost', async () => {
    nodes.a.provider.faults = Faults.parse({ loseEvery: 1 });
    const orderId = newOrder();
    await nodes.a.desk.authorise(attempt(orderId, 'pm_card_lateWebhookDeclined'), origin());
    await until(async () => (await nodes.b.desk.refresh(orderId, origin())).status === 'declined');
  });

  it('are decided although the provider’s process died meanwhile', async () => {
    const dying = await nodes.start();
    const orderId = newOrder();
    await dying.desk.authorise(attempt(orderId, 'pm_card_lateWebhook'), origin());
    await dying.stop();
    await until(async () => (await nodes.b.desk.refresh(orderId, origin())).status === 'authorised');
  });

  it('of a cancelled order hold nothing', async () => {
    const orderId = newOrder();
    await nodes.a.desk.authorise(attempt(orderId, 'pm_card_lateWebhook'), origin());
    await nodes.b.desk.cancel(orderId, 'too slow', origin());
    await new Promise((resolve) => setTimeout(resolve, 120));
    expect(await nodes.books(orderId)).toMatchObject({ held: 0, kept: 0, effects: ['intent.processing', 'intent.voided'] });
  });

  it('a passed challenge authorises and a failed one declines', async () => {
    const [good, bad] = [newOrder(), newOrder()];
    for (const orderId of [good, bad]) {
      const payment = await nodes.a.desk.authorise(attempt(orderId, 'pm_card_threeDSecure2Required'), origin());
      expect(payment).toMatchObject({
        status: 'requires_action',
        action: { url: `/payments/${paymentIdOf(orderId)}/challenge` },
      });
    }
    await nodes.a.provider.answer(intentIdOf(good, 1), 'succeed');
    await nodes.b.provider.answer(intentIdOf(bad, 1), 'fail');
    await nodes.become(good, 'authorised');
    await nodes.become(bad, 'declined');
    expect((await nodes.a.desk.get(bad)).decline?.code).toBe('authentication_failed');
  });

  it('another card withdraws the challenge; answering it afterwards reserves nothing', async () => {
    const orderId = newOrder();
    await nodes.a.desk.authorise(attempt(orderId, 'pm_card_authenticationRequired'), origin());
    const payment = await nodes.b.desk.authorise(attempt(orderId, 'pm_card_mastercard', 2), origin());
    expect(payment.attempts.map((one) => [one.outcome, one.code])).toEqual([
      ['declined', 'abandoned'],
      ['authorised', undefined],
    ]);
    expect((await nodes.a.provider.answer(intentIdOf(orderId, 1), 'succeed')).refused?.code).toBe('intent_unexpected_state');
    expect(await nodes.books(orderId)).toMatchObject({ held: 1_000 });
  });

  it('another card after the challenge was secretly passed: the passed one counts', async () => {
    nodes.a.provider.faults = Faults.parse({ loseEvery: 1 });
    const orderId = newOrder();
    await nodes.a.desk.authorise(attempt(orderId, 'pm_card_authenticationRequired'), origin());
    await nodes.b.provider.answer(intentIdOf(orderId, 1), 'succeed');
    const payment = await nodes.a.desk.authorise(attempt(orderId, 'pm_card_mastercard', 2), origin());
    expect(['authorised', 'declined']).toContain(payment.attempts[0]?.outcome);
    expect(await nodes.books(orderId)).toMatchObject({ held: 1_000 });
  });

  it('a refund that the bank sends back is reported, by webhook or when it is lost by asking', async () => {
    for (const loseEvery of [0, 1]) {
      nodes.a.provider.faults = Faults.parse({ loseEvery });
      const orderId = newOrder();
      await nodes.a.desk.authorise(attempt(orderId, 'pm_card_refundFail'), origin());
      await nodes.a.desk.capture(orderId, origin());
      expect(await nodes.a.desk.cancel(orderId, 'no', origin())).toMatchObject({ status: 'refunded', refundFailed: false });
      await until(async () =>
        (loseEvery ? nodes.b.desk.refresh(orderId, origin()) : nodes.a.desk.get(orderId)).then((one) => one.refundFailed),
      );
      expect(await nodes.a.desk.get(orderId)).toMatchObject({ status: 'captured', refunded: money(0), closed: true });
    }
  });
});
