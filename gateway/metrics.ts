// The numbers of this node for Prometheus: requests by route pattern, calls by action, event-loop lag and the process.
// Names and outcomes are the only labels, so the number of samples is bounded by the number of routes and actions.
import type { ActionHandler, ActionSchema, Context, Middleware, Service, ServiceBroker } from 'moleculer';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { codeOf } from '../mixins/errors.ts';
import { nodeOf } from '../mixins/node.ts';
import { type Outcome, Red } from './red.ts';

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];
const OUTCOMES: readonly Outcome[] = ['ok', 'refused', 'failed'];

export class NodeMetrics {
  readonly registry = new Registry();
  readonly #routes = new Red();
  readonly #actions = new Red();
  readonly #requestSeconds: Histogram;

  constructor() {
    const registers = [this.registry];
    collectDefaultMetrics({ register: this.registry, eventLoopMonitoringPrecision: 10 });
    this.#requestSeconds = new Histogram({
      name: 'souk_http_request_seconds',
      help: 'Time to answer HTTP requests, all routes',
      buckets: SECONDS,
      registers,
    });
    expose(this.registry, 'souk_http', 'HTTP requests', 'route', this.#routes);
    expose(this.registry, 'souk_action', 'Calls handled by this node', 'action', this.#actions);
  }

  /** `route` is a pattern such as `GET /api/orders/:id`, never a path. */
  request(route: string, outcome: Outcome, seconds: number): void {
    this.#routes.record(route, outcome, seconds);
    this.#requestSeconds.observe(seconds);
  }

  /** Counts every local action. Belongs into the broker's middlewares. */
  middleware(): Middleware {
    const actions = this.#actions;
    return {
      name: 'metrics',
      created: (broker: ServiceBroker) => exposeLags(this.registry, broker),
      localAction(next: ActionHandler, action: ActionSchema): ActionHandler {
        const name = action.name ?? '';
        if (name.startsWith('$') || name === 'gateway.rest') return next;
        return async function (this: Service, ctx: Context) {
          const start = performance.now();
          try {
            const result: unknown = await next.call(this, ctx);
            actions.record(name, 'ok', (performance.now() - start) / 1_000);
            return result;
          } catch (error) {
            actions.record(name, isRefusal(error) ? 'refused' : 'failed', (performance.now() - start) / 1_000);
            throw error;
          }
        };
      },
    };
  }
}

/** A refusal is the shop working as it should. */
function isRefusal(error: unknown): boolean {
  const status = (error as { code?: unknown } | undefined)?.code;
  return codeOf(error) !== undefined && typeof status === 'number' && status < 500;
}

function expose(registry: Registry, prefix: string, what: string, label: string, red: Red): void {
  const registers = [registry];
  new Counter({
    name: `${prefix}_total`,
    help: `${what} by ${label} and outcome`,
    labelNames: [label, 'outcome'],
    registers,
    collect() {
      this.reset();
      for (const [name, tally] of red.entries()) {
        for (const outcome of OUTCOMES) if (tally[outcome] > 0) this.inc({ [label]: name, outcome }, tally[outcome]);
      }
    },
  });
  new Counter({
    name: `${prefix}_seconds_total`,
    help: `${what}: seconds spent, by ${label}`,
    labelNames: [label],
    registers,
    collect() {
      this.reset();
      for (const [name, tally] of red.entries()) this.inc({ [label]: name }, tally.seconds);
    },
  });
}

async function lagsOf(broker: ServiceBroker): Promise<{ reaction: string; lag: number }[]> {
  try {
    return await nodeOf(broker).lags();
  } catch {
    return [];
  }
}

/** How far the reactions that run here are behind; no figures while the log does not answer. */
function exposeLags(registry: Registry, broker: ServiceBroker): void {
  const name = 'souk_reaction_lag';
  registry.removeSingleMetric(name);
  new Gauge({
    name,
    help: 'Messages that a reaction has still to handle, by reaction',
    labelNames: ['reaction'],
    registers: [registry],
    async collect() {
      this.reset();
      for (const { reaction, lag } of await lagsOf(broker)) this.set({ reaction }, lag);
    },
  });
}

/** The metrics of this process: a node has one broker. */
export const nodeMetrics = new NodeMetrics();
