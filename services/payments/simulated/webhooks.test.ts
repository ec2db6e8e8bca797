// Webhooks are believed only when they are signed, recent and whole; the fault switches change when they come, not what they say.
import { Faults } from '../payments.schema.contract.ts';
import { sign, verify, type WebhookEvent, WebhookSender } from './webhooks.ts';

const SECRET = 'a secret';
const NOW = 1_700_000_000_000;
const event: WebhookEvent = { id: 'evt_1', type: 'intent.authorised', intentId: 'pi_ord_1_1' };
const body = JSON.stringify(event);
const refusal = (raw: string, signature: string | undefined, now = NOW) => {
  try {
    return verify(SECRET, raw, signature, now);
  } catch (error) {
    return (error as { type: string }).type;
  }
};

it('accepts what was signed over exactly these bytes', () => {
  expect(refusal(body, sign(SECRET, body, NOW))).toEqual(event);
});

it.each([
  ['no signature', body, undefined, NOW],
  ['another secret', body, sign('another', body, NOW), NOW],
  ['a changed byte', body.replace('pi_ord_1', 'pi_ord_2'), sign(SECRET, body, NOW), NOW],
  ['added white space', `${body} `, sign(SECRET, body, NOW), NOW],
  ['a changed time', body, sign(SECRET, body, NOW).replace(`t=${NOW}`, `t=${NOW + 1}`), NOW],
  ['a recorded webhook played back later', body, sign(SECRET, body, NOW), NOW + 300_001],
  ['garbage for a signature', body, 't=1,v1=zz', NOW],
  ['a signed body that is not JSON', '{', sign(SECRET, '{', NOW), NOW],
  ['a signed body that is no event', '{"id":1}', sign(SECRET, '{"id":1}', NOW), NOW],
  ['a signed null', 'null', sign(SECRET, 'null', NOW), NOW],
])('refuses %s', (_title, raw, signature, now) => {
  expect(refusal(raw, signature, now)).toBe('WEBHOOK_REFUSED');
});

describe('sending', () => {
  const until = async (done: () => boolean): Promise<void> => {
    for (const end = Date.now() + 2_000; !done() && Date.now() < end; ) await new Promise((resolve) => setTimeout(resolve, 5));
  };
  const setup = (faults: Partial<Faults>, failures = 0) => {
    const got: string[] = [];
    const givenUp: string[] = [];
    let failing = failures;
    const sender = new WebhookSender({
      secret: SECRET,
      faults: () => Faults.parse(faults),
      deliver: async (raw, signature) => {
        if (failing-- > 0) throw new Error('not now');
        got.push(verify(SECRET, raw, signature, Date.now()).id);
      },
      onGivenUp: ({ id }) => givenUp.push(id),
      retryMs: 1,
    });
    return { sender, got, givenUp };
  };

  it('delivers once, and again until it was accepted', async () => {
    const { sender, got } = setup({}, 2);
    sender.send(event);
    await until(() => got.length > 0);
    await sender.stop();
    expect(got).toEqual(['evt_1']);
  });

  it('gives up after a few refusals and says so', async () => {
    const { sender, got, givenUp } = setup({}, 100);
    sender.send(event);
    await until(() => givenUp.length > 0);
    expect([got, givenUp]).toEqual([[], ['evt_1']]);
  });

  it('duplicates, loses and delays when told to', async () => {
    const { sender, got } = setup({ duplicateWebhooks: 1, loseEvery: 2, delayMs: 20 });
    for (let n = 1; n <= 4; n++) sender.send({ ...event, id: `evt_${n}` });
    await until(() => got.length === 4);
    await sender.stop();
    expect(got.toSorted()).toEqual(['evt_1', 'evt_1', 'evt_3', 'evt_3']);
  });

  it('drops what waits when it stops, as a dying process would', async () => {
    const { sender, got } = setup({ delayMs: 600_000 });
    sender.send(event);
    await sender.stop();
    sender.send(event);
    expect(got).toEqual([]);
  });
});
