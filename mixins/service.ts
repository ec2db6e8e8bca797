// `defineService(contract, node => parts)`: a Moleculer service whose handlers are checked against the contract.
// A missing action, a wrong result, an unknown action or event name is a compile error; domain code needs no casts.
import type { CallingOptions, Context, Logger, ServiceBroker, ServiceSchema } from 'moleculer';
import type { Actors } from './actor/actors.ts';
import type { ActorDefinition, Deciders, DomainEvent } from './actor/definition.ts';
import type { ActionContract, ActionMap, Contract, EventMap, InputOf, ParamsOf, ResultOf } from './contract.ts';
import { failure } from './errors.ts';
import type { FollowHandler } from './log/follower.ts';
import type { Log } from './log/log.ts';
import { joinPositions } from './log/position.ts';
import type { Meta, Origin } from './meta.ts';
import { type Following, nodeOf } from './node.ts';
import type { ReactionDefinition } from './reaction/definition.ts';
import { Reaction } from './reaction/reaction.ts';
import type { ViewDefinition, ViewDocument } from './view/definition.ts';
import type { View } from './view/view.ts';

/** A call of another domain's action, typed by its contract. */
export type Call<A> = <K extends keyof A & string>(name: K, params: InputOf<A[K]>, origin?: Origin) => Promise<ResultOf<A[K]>>;

/** The part of a context that calls on behalf of somebody. */
export interface Caller<A> extends Origin {
  call<K extends keyof A & string>(name: K, params: InputOf<A[K]>): Promise<ResultOf<A[K]>>;
}

/** The context of an action: Moleculer's, with typed parameters, meta and calls. */
export type ActionContext<P, A> = Omit<Context<P, Meta>, 'call' | 'params'> & {
  readonly params: P;
  call<K extends keyof A & string>(name: K, params: InputOf<A[K]>): Promise<ResultOf<A[K]>>;
};

/** What a service gets from its node. */
export interface ServiceNode<A, E> {
  readonly broker: ServiceBroker;
  readonly id: string;
  readonly log: Log;
  readonly logger: Logger;
  now(): number;
  newId(prefix: string): string;
  /** Calls as the system, or on behalf of an origin (whose written positions then grow). */
  readonly call: Call<A>;
  /** A caller on behalf of an origin, for code that serves actions and reactions alike. */
  as(origin: Origin): Caller<A>;
  /** True while no other node hosts this service. */
  alone(): boolean;
  actors<S, Ev extends DomainEvent, D extends Deciders<S, Ev>>(
    definition: ActorDefinition<S, Ev, D>,
    keep?: number,
  ): Actors<S, Ev, D>;
  view<Doc extends ViewDocument>(definition: ViewDefinition<Doc>): View<Doc>;
  reaction(definition: ReactionDefinition<E>): ReactionDefinition<E>;
  follow(stream: string, handler: FollowHandler): Following;
  /** Runs `work` every `ms` milliseconds while the service runs, never twice at once; a failure is logged and tried again. */
  every(ms: number, name: string, work: () => Promise<void>): void;
}

export interface ServiceParts<C extends Contract, A, E> {
  readonly actions: {
    readonly [K in keyof C['actions']]: (ctx: ActionContext<ParamsOf<C['actions'][K]>, A>) => Promise<ResultOf<C['actions'][K]>>;
  };
  readonly reactions?: readonly ReactionDefinition<E>[];
  started?(): Promise<void>;
  stopped?(): Promise<void>;
}

interface Timer {
  readonly ms: number;
  readonly name: string;
  work(): Promise<void>;
}

/** Binds `defineService` to the joined contracts, so that calls and events of every domain are known. */
export function bindDefineService<All extends Contract>() {
  type A = ActionMap<All>;
  type E = EventMap<All>;
  return <C extends All>(contract: C, build: (node: ServiceNode<A, E>) => ServiceParts<C, A, E>) =>
    (broker: ServiceBroker): ServiceSchema => {
      const timers: Timer[] = [];
      const node = serviceNode<A, E>(broker, contract.name, timers);
      const parts = build(node);
      return schemaOf(broker, contract, parts as unknown as ServiceParts<Contract, unknown, never>, timers, node);
    };
}

function serviceNode<A, E>(broker: ServiceBroker, name: string, timers: Timer[]): ServiceNode<A, E> {
  const souk = nodeOf(broker);
  const call = ((action: string, params: unknown, origin?: Origin) =>
    callFor(broker, action, params, origin)) as unknown as Call<A>;
  return {
    broker,
    id: broker.nodeID,
    get log() {
      return souk.log;
    },
    logger: broker.getLogger(name),
    now: () => souk.now(),
    newId: (prefix) => souk.newId(prefix),
    call,
    as: (origin) => ({ meta: origin.meta, call: (action, params) => call(action, params, origin) }),
    alone: () => souk.alone(name),
    actors: (definition, keep) => souk.actors(name, definition, keep),
    view: (definition) => souk.view(definition),
    reaction: (definition) => definition,
    follow: (stream, handler) => souk.follow(stream, handler),
    every: (ms, timer, work) => {
      timers.push({ ms, name: timer, work });
    },
  };
}

/** Calls with a copy of the origin's meta, so that parallel calls do not mix; what they wrote is added to the origin's position. */
async function callFor(broker: ServiceBroker, action: string, params: unknown, origin: Origin | undefined): Promise<unknown> {
  if (!origin) return broker.call(action, params as never);
  const calling = broker.call(action, params as never, { meta: { ...origin.meta } } as CallingOptions) as Promise<unknown> & {
    ctx?: Origin;
  };
  const result = await calling;
  const position = joinPositions(origin.meta.position, calling.ctx?.meta.position);
  if (position) origin.meta.position = position;
  return result;
}

function schemaOf(
  broker: ServiceBroker,
  contract: Contract,
  parts: ServiceParts<Contract, unknown, never>,
  timers: readonly Timer[],
  node: ServiceNode<unknown, unknown>,
): ServiceSchema {
  const reactions = (parts.reactions ?? []).map((definition) => new Reaction(definition, node.logger as never));
  const stops: (() => Promise<void>)[] = [];
  let starting: Promise<unknown> | undefined;
  return {
    name: contract.name,
    // Runs again what an operator found among the dead letters; answers when it was handled.
    actions: {
      ...Object.fromEntries(
        Object.entries(contract.actions).map(([key, action]) => [key, actionSchema(action, parts.actions[key])]),
      ),
      replayDeadLetter: {
        visibility: 'public',
        async handler(ctx: Context<{ reaction: string; seq: number; stream?: string }>) {
          const reaction = reactions.find((one) => one.name === ctx.params.reaction);
          if (!reaction) throw failure('NOT_FOUND', 'This service has no such reaction');
          await reaction.replay(ctx.params.seq, ctx.params.stream);
          return { replayed: true };
        },
      },
    },
    async started() {
      const souk = nodeOf(broker);
      await souk.startFollowers();
      await souk.caughtUp();
      await parts.started?.();
      // After `started`, so that a reaction finds its own service callable.
      starting = new Promise((resolve) => setImmediate(resolve))
        .then(() => Promise.all(reactions.map((reaction) => souk.startReaction(reaction))))
        .catch((error: unknown) => broker.fatal(`Reactions of ${contract.name} could not start`, error as Error, true));
      stops.push(...timers.map((timer) => startTimer(timer, node.logger)));
    },
    async stopped() {
      await starting;
      await Promise.all(reactions.map((reaction) => nodeOf(broker).stopReaction(reaction)));
      await Promise.all(stops.splice(0).map((stop) => stop()));
      await parts.stopped?.();
    },
  } as unknown as ServiceSchema;
}

function actionSchema(contract: ActionContract, handler: unknown): object {
  return { visibility: contract.access === 'internal' ? 'public' : 'published', handler };
}

/** Returns how to stop it: no new run, and the one at work is waited for. */
function startTimer({ ms, name, work }: Timer, logger: Logger): () => Promise<void> {
  let busy: Promise<void> | undefined;
  const timer = setInterval(() => {
    busy ??= work()
      .catch((error: unknown) => logger.error({ err: error, timer: name }, 'a timer failed and will run again'))
      .finally(() => {
        busy = undefined;
      });
  }, ms);
  return async () => {
    clearInterval(timer);
    await busy;
  };
}
