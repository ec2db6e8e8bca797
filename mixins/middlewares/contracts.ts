// The one middleware around every action that has a contract: access, parameters, idempotency key, read position.
// Moleculer calls it once per action when a service is created.
import type { ActionHandler, ActionSchema, Context, Middleware, ServiceBroker } from 'moleculer';
import { Actors, type ActorsOf } from '../actor/actors.ts';
import type { ActionContract, Contract } from '../contract.ts';
import { newId } from '../ids.ts';
import { joinPositions } from '../log/position.ts';
import type { Meta } from '../meta.ts';
import { nodeOf } from '../node.ts';
import { guard } from './access.ts';
import { once } from './idempotency.ts';
import { requestActor } from './requests.ts';
import { parseParams } from './validate.ts';

/** Every action of the contracts by its full name. */
export function actionIndex(contracts: readonly Contract[]): ReadonlyMap<string, ActionContract> {
  return new Map(
    contracts.flatMap(({ name, actions }) => Object.entries(actions).map(([key, action]) => [`${name}.${key}`, action] as const)),
  );
}

const isUnsafe = ({ rest }: ActionContract): boolean => rest !== undefined && !rest.startsWith('GET ');

/** Moleculer copies a called action's meta over its caller's: of parallel calls the last one would erase what the others wrote. */
function joinPositionsOf(meta: Meta): void {
  let position = meta.position;
  Object.defineProperty(meta, 'position', {
    configurable: true,
    enumerable: true,
    get: () => position,
    set: (other: string | undefined) => {
      position = joinPositions(position, other);
    },
  });
}

export function contractMiddleware(contracts: readonly Contract[]): Middleware {
  const index = actionIndex(contracts);
  let requests: ActorsOf<typeof requestActor>;
  return {
    name: 'contracts',
    created(broker: ServiceBroker) {
      requests = new Actors(requestActor, () => nodeOf(broker).log, { alone: () => false, keep: 1_000 });
    },
    localAction(next: ActionHandler, action: ActionSchema): ActionHandler {
      const contract = index.get(action.name ?? '');
      if (!contract) return next;
      const unsafe = isUnsafe(contract);
      return async function (this: unknown, ctx: Context<unknown, Meta>) {
        guard(contract, ctx);
        ctx.params = parseParams(contract, ctx.params);
        ctx.meta.requestId ??= newId('req');
        joinPositionsOf(ctx.meta);
        const { idempotencyKey, waitFor } = ctx.meta;
        if (waitFor && !unsafe) await nodeOf(ctx.broker).reached(waitFor);
        if (!idempotencyKey || !unsafe) return next.call(this as never, ctx as never);
        delete ctx.meta.idempotencyKey;
        return once(requests, ctx, idempotencyKey, async () => next.call(this as never, ctx as never) as unknown);
      } as unknown as ActionHandler;
    },
  } as Middleware;
}
