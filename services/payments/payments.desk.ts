// Talks to the provider and records what it says. Provider calls happen outside the actor's mailbox: read the payment, call the
// provider, append its answer. Two callers at once end the same, since the provider decides and both record its decision.
import type { ActorsOf } from '../../mixins/actor/actors.ts';
import { codeOf, type SoukError } from '../../mixins/errors.ts';
import type { Origin } from '../../mixins/meta.ts';
import type { Money } from '../../mixins/money.ts';
import { isAlive } from './payment.observe.ts';
import { holdsMoney, isCaptured, isOpen, judgeAttempt, judgeRefund, type PaymentState, refundable } from './payment.state.ts';
import { type paymentActor, toPayment } from './payment.ts';
import { paymentErrors, paymentIdOf } from './payments.contract.ts';
import { type Decline, MAX_ATTEMPTS, type Payment } from './payments.schema.contract.ts';
import type { Effect, Intent, PaymentProvider, Timing } from './provider.ts';

export interface AttemptParams {
  readonly orderId: string;
  readonly accountId?: string | undefined;
  readonly amount: Money;
  readonly method: string;
  readonly attempt: number;
}

export interface RefundParams {
  readonly orderId: string;
  readonly amount: Money;
  readonly reason: string;
  readonly key: string;
}

interface Known {
  readonly state: PaymentState;
  readonly version: number;
}

/** The refund that a cancellation makes; one per payment. */
const CANCEL_KEY = 'cancel';
const MAX_ROUNDS = 5;

const timingOf = ({ meta }: Origin): Timing => (meta.historic ? { at: meta.historic.at } : {});
const shown = (orderId: string, { state, version }: Known): Payment => toPayment(paymentIdOf(orderId), state, version);

export class PaymentDesk {
  readonly #actors: ActorsOf<typeof paymentActor>;
  readonly #provider: PaymentProvider;

  constructor(actors: ActorsOf<typeof paymentActor>, provider: PaymentProvider) {
    this.#actors = actors;
    this.#provider = provider;
  }

  /** The payment, or undefined when nothing was ever tried or closed. */
  async find(orderId: string): Promise<Payment | undefined> {
    const known = await this.#actors.read(paymentIdOf(orderId));
    return known.version === 0 ? undefined : shown(orderId, known);
  }

  /** @throws PAYMENT_NOT_FOUND when nothing was ever tried for the order */
  async get(orderId: string): Promise<Payment> {
    return shown(orderId, await this.#existing(orderId));
  }

  /** The provider's intent of the latest attempt. @throws PAYMENT_NOT_FOUND when there is none */
  async intentOf(orderId: string): Promise<{ readonly intentId: string; readonly status: PaymentState['status'] }> {
    const { intentId, status } = (await this.#existing(orderId)).state;
    if (intentId === undefined) throw paymentErrors('PAYMENT_NOT_FOUND', undefined, { orderId });
    return { intentId, status };
  }

  /**
   * Makes an attempt once; repeating it answers with what is known and touches nothing. When an earlier attempt turns out to have
   * gone through, that is the answer.
   * @throws PAYMENT_CLOSED, PAYMENT_AMOUNT_MISMATCH, PAYMENT_IN_PLACE, PAYMENT_ATTEMPT_UNKNOWN, PAYMENT_ATTEMPTS_EXHAUSTED, PAYMENT_PROVIDER_UNAVAILABLE
   */
  async authorise(params: AttemptParams, origin: Origin): Promise<Payment> {
    const { orderId, attempt, amount, accountId, method } = params;
    let known = await this.#caughtUp(params, origin);
    if (known.state.attempts.length < attempt && !holdsMoney(known.state)) {
      const request = {
        idempotencyKey: `${orderId}:${attempt}`,
        orderId,
        ...(accountId === undefined ? {} : { accountId }),
        attempt,
        amount: amount.amount,
        currency: amount.currency,
        methodToken: method,
      };
      const { intent } = await reach(() => this.#provider.authorise(request, timingOf(origin)));
      known = await this.#record(intent, origin);
    }
    judgeAttempt(known.state, { amount, attempt: known.state.attempts.length });
    return shown(orderId, known);
  }

  /** Takes the authorised money. @throws PAYMENT_NOT_FOUND, PAYMENT_CLOSED, PAYMENT_NOT_AUTHORISED, PAYMENT_PROVIDER_UNAVAILABLE */
  async capture(orderId: string, origin: Origin): Promise<Payment> {
    const known = await this.#existing(orderId);
    const { state } = known;
    if (isCaptured(state)) return shown(orderId, known);
    if (state.closed) throw paymentErrors('PAYMENT_CLOSED', undefined, { orderId });
    const { intentId } = state;
    if (state.status !== 'authorised' || intentId === undefined) throw notAuthorised(state);
    const effect = await this.#truth(intentId, () => this.#provider.capture(intentId, timingOf(origin)));
    const after = await this.#record(effect.intent, origin);
    if (isCaptured(after.state)) return shown(orderId, after);
    throw after.state.status === 'authorised' ? unavailable() : notAuthorised(after.state);
  }

  /** Closes the payment, then gives back whatever it holds. Repeating it finishes what was left. */
  async cancel(orderId: string, reason: string, origin: Origin): Promise<Payment> {
    const closed = await this.#actors.send(paymentIdOf(orderId), 'close', { reason }, origin);
    return shown(orderId, await this.#giveBack(orderId, closed, origin));
  }

  /** Gives a part of the captured money back, once per key. */
  async refund(params: RefundParams, origin: Origin): Promise<Payment> {
    const { orderId, amount, reason, key } = params;
    const known = await this.#existing(orderId);
    if (known.state.currency !== amount.currency)
      throw paymentErrors('PAYMENT_AMOUNT_MISMATCH', 'Refund in the currency of the payment');
    if (judgeRefund(known.state, key, amount.amount) === 'made') return shown(orderId, known);
    const after = await this.#refund(known, { key, amount: amount.amount, reason }, origin);
    return shown(orderId, after);
  }

  /** Asks the provider how the payment stands and records it; finishes a cancellation that was interrupted. */
  async refresh(orderId: string, origin: Origin): Promise<Payment> {
    let known: Known = await this.#existing(orderId);
    const { intentId } = known.state;
    if (intentId !== undefined) known = await this.#record(await this.#retrieve(intentId), origin);
    if (known.state.closed) known = await this.#giveBack(orderId, known, origin);
    return shown(orderId, known);
  }

  /** Records what a webhook speaks of. Its content is only a hint: the provider is asked. Old, double and strange news change nothing. */
  async hear(intentId: string, origin: Origin): Promise<void> {
    const intent = await this.#retrieve(intentId);
    try {
      const known = await this.#record(intent, origin);
      if (known.state.closed) await this.#giveBack(intent.orderId, known, origin);
    } catch (error) {
      if (!isNoPlace(error)) throw error;
    }
  }

  async #existing(orderId: string): Promise<Known> {
    const known = await this.#actors.read(paymentIdOf(orderId));
    if (known.version === 0) throw paymentErrors('PAYMENT_NOT_FOUND', undefined, { orderId });
    return known;
  }

  /** The payment ready for an attempt: an attempt whose answer was lost is recorded first, one that still waits is given up. */
  async #caughtUp(params: AttemptParams, origin: Origin): Promise<Known> {
    const { orderId } = params;
    let known = await this.#withLost(orderId, params.attempt, await this.#actors.read(paymentIdOf(orderId)), origin);
    if (holdsMoney(known.state)) return known;
    const { intentId } = known.state;
    if (judgeAttempt(known.state, params) === 'new' && isOpen(known.state) && intentId !== undefined) {
      const { intent } = await this.#truth(intentId, () => this.#provider.void(intentId, timingOf(origin)));
      known = await this.#record(intent, origin);
      if (!holdsMoney(known.state)) judgeAttempt(known.state, params);
    }
    return known;
  }

  /** Attempts before this one that reached the provider while its answer never reached us. */
  async #withLost(orderId: string, attempt: number, found: Known, origin: Origin): Promise<Known> {
    let known = found;
    for (let lost = known.state.attempts.length + 1; lost < Math.min(attempt, MAX_ATTEMPTS) && !known.state.closed; lost++) {
      const intent = await reach(() => this.#provider.find(orderId, lost));
      if (!intent) return known;
      known = await this.#record(intent, origin);
    }
    return known;
  }

  /** Appends what is new in the provider's record. Money of an intent that has no place in the payment is given back at once. */
  async #record(intent: Intent, origin: Origin): Promise<Known> {
    const observation = { provider: this.#provider.name, intent };
    try {
      return await this.#actors.send(paymentIdOf(intent.orderId), 'observe', observation, origin);
    } catch (error) {
      if (isNoPlace(error) && isAlive(intent)) await this.#return(intent, origin);
      throw error;
    }
  }

  async #return(intent: Intent, origin: Origin): Promise<void> {
    const { refused } = await reach(() => this.#provider.void(intent.id, timingOf(origin)));
    if (!refused) return;
    const request = { intentId: intent.id, key: CANCEL_KEY, amount: intent.amount, reason: 'paid twice' };
    await reach(() => this.#provider.refund(request, timingOf(origin)));
  }

  /** Voids or refunds until a closed payment holds nothing; what the provider answers decides the next round. */
  async #giveBack(orderId: string, closed: Known, origin: Origin): Promise<Known> {
    let known = closed;
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const { state } = known;
      const { intentId } = state;
      if (intentId !== undefined && (state.status === 'authorised' || isOpen(state))) {
        const { intent } = await this.#truth(intentId, () => this.#provider.void(intentId, timingOf(origin)));
        known = await this.#record(intent, origin);
      } else if (refundable(state) > 0 && !state.refunds[CANCEL_KEY]) {
        known = await this.#refund(
          known,
          { key: CANCEL_KEY, amount: refundable(state), reason: state.closeReason ?? 'cancelled' },
          origin,
        );
      } else {
        await this.#returnStray(orderId, state, origin);
        return known;
      }
    }
    throw unavailable();
  }

  /** An attempt may have reached the provider while its node died before it was recorded. */
  async #returnStray(orderId: string, state: PaymentState, origin: Origin): Promise<void> {
    if (holdsMoney(state) || state.attempts.length >= MAX_ATTEMPTS) return;
    const stray = await reach(() => this.#provider.find(orderId, state.attempts.length + 1));
    if (stray && isAlive(stray)) await this.#return(stray, origin);
  }

  async #refund(known: Known, wish: { key: string; amount: number; reason: string }, origin: Origin): Promise<Known> {
    const { intentId } = known.state;
    if (intentId === undefined) throw paymentErrors('PAYMENT_NOT_CAPTURED');
    const effect = await this.#truth(intentId, () => this.#provider.refund({ intentId, ...wish }, timingOf(origin)));
    const after = await this.#record(effect.intent, origin);
    if (after.state.refunds[wish.key]) return after;
    throw effect.refused ? paymentErrors('REFUND_REFUSED', effect.refused.message, { code: effect.refused.code }) : unavailable();
  }

  /** The provider's answer, or when it did not arrive, what its books say by now. */
  async #truth(intentId: string, call: () => Promise<Effect>): Promise<{ readonly intent: Intent; readonly refused?: Decline }> {
    try {
      return await call();
    } catch {
      // Whether the call had its effect is unknown: only the provider's record can tell, and the caller compares with it.
      return { intent: await this.#retrieve(intentId) };
    }
  }

  #retrieve(intentId: string): Promise<Intent> {
    return reach(() => this.#provider.retrieve(intentId));
  }
}

/** A provider that cannot be reached is one kind of failure, whatever its client throws. */
async function reach<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (codeOf(error) === 'NOT_FOUND') throw paymentErrors('PAYMENT_NOT_FOUND');
    throw unavailable();
  }
}

const unavailable = (): SoukError => paymentErrors('PAYMENT_PROVIDER_UNAVAILABLE', undefined, { retryAfter: 1 });
const notAuthorised = ({ status, orderId }: PaymentState): SoukError =>
  paymentErrors('PAYMENT_NOT_AUTHORISED', undefined, { orderId, status });

/** Refusals of `observe`: the provider's intent does not belong into this payment. */
function isNoPlace(error: unknown): boolean {
  const code = codeOf(error);
  return code === 'PAYMENT_CLOSED' || code === 'PAYMENT_IN_PLACE' || code === 'PAYMENT_ATTEMPT_UNKNOWN';
}
