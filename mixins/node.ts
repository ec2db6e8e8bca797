// What a domain gets from the node that hosts it: the log, actors, views, reactions, followers, typed calls, timers.
import type { Logger, ServiceBroker, ServiceSchema } from 'moleculer';
import DbService from 'moleculer-db';
import { Actors } from './actor/actors.ts';
import type { ActorDefinition, Deciders, DomainEvent } from './actor/definition.ts';
import { newId } from './ids.ts';
import { Follower, type FollowHandler } from './log/follower.ts';
import { Log, type LogOptions } from './log/log.ts';
import { parsePosition } from './log/position.ts';
import type { StreamDeclaration } from './log/streams.ts';
import { DEAD_STREAM } from './reaction/dead-letters.ts';
import type { ViewAdapter } from './view/adapter.ts';
import type { ViewDefinition, ViewDocument } from './view/definition.ts';
import { MemoryViewAdapter } from './view/memory-adapter.ts';
import { View } from './view/view.ts';

/** How long a read waits for its view to reach the position that the client has seen. */
const WAIT_FOR_VIEW_MS = 2_000;

export interface NodeOptions {
  readonly log: LogOptions;
  readonly streams: readonly StreamDeclaration[];
  /** Creates the store of a view; NeDB in memory unless given. */
  readonly viewAdapter?: <Doc extends ViewDocument>(definition: ViewDefinition<Doc>) => ViewAdapter<Doc>;
}

export interface Following {
  ready(): Promise<void>;
  position(): number;
  reached(seq: number, timeout: number): Promise<boolean>;
}

const nodes = new WeakMap<ServiceBroker, SoukNode>();

/** The node of a broker; made by the node middleware when the broker is created. */
export function nodeOf(broker: ServiceBroker): SoukNode {
  const node = nodes.get(broker);
  if (!node) throw new Error('This broker has no Souk node: add nodeMiddleware() to its middlewares');
  return node;
}

export class SoukNode {
  readonly broker: ServiceBroker;
  readonly logger: Logger;
  readonly #options: NodeOptions;
  readonly #followers = new Map<string, Follower>();
  readonly #views: View<ViewDocument>[] = [];
  #log: Log | undefined;
  #started = false;
  #hosts = new Map<string, number>();

  constructor(broker: ServiceBroker, options: NodeOptions) {
    this.broker = broker;
    this.logger = broker.getLogger('souk');
    this.#options = options;
    broker.localBus.on('$services.changed', () => this.#hosts.clear());
    nodes.set(broker, this);
  }

  get log(): Log {
    if (!this.#log) throw new Error('The log is connected when the broker starts');
    return this.#log;
  }

  get views(): readonly View<ViewDocument>[] {
    return this.#views;
  }

  now(): number {
    return Date.now();
  }

  newId(prefix: string): string {
    return newId(prefix);
  }

  /** True while no other node hosts this service. */
  alone(service: string): boolean {
    let count = this.#hosts.get(service);
    if (count === undefined) {
      count = this.broker.registry.services.services.filter((item: { name: string }) => item.name === service).length;
      this.#hosts.set(service, count);
    }
    return count <= 1;
  }

  actors<S, E extends DomainEvent, D extends Deciders<S, E>>(
    service: string,
    definition: ActorDefinition<S, E, D>,
    keep?: number,
  ): Actors<S, E, D> {
    return new Actors(definition, () => this.log, { alone: () => this.alone(service), ...(keep ? { keep } : {}) });
  }

  /** Delivers the last message of each actor of a stream and then everything live. */
  follow(stream: string, handler: FollowHandler): Following {
    let follower = this.#followers.get(stream);
    if (!follower || follower.started) {
      follower = new Follower(
        stream,
        () => this.log,
        (error, message) => this.logger.error({ err: error, stream, seq: message.seq }, 'a follower failed on a message'),
      );
      this.#followers.set(this.#followers.has(stream) ? `${stream}#${this.#followers.size}` : stream, follower);
    }
    follower.add(handler);
    return follower;
  }

  view<Doc extends ViewDocument>(definition: ViewDefinition<Doc>): View<Doc> {
    const adapter = this.#options.viewAdapter?.(definition) ?? new MemoryViewAdapter<Doc>(definition.indexes ?? []);
    let view: View<Doc> | undefined;
    const source = this.follow(definition.stream, (message) => view?.apply(message));
    view = new View(definition, adapter, source, (error) =>
      this.logger.error({ err: error, view: definition.name }, 'a view could not be written'),
    );
    this.#views.push(view as unknown as View<ViewDocument>);
    this.broker.createService(collectionService(definition.name, adapter, () => view.open()));
    return view;
  }

  /** Waits until this node has followed every stream as far as the position token says; gives up silently after two seconds. */
  async reached(token: string | undefined, streams?: readonly string[]): Promise<void> {
    if (!token) return;
    const waits = Object.entries(parsePosition(token))
      .filter(([stream]) => !streams || streams.includes(stream))
      .flatMap(([stream, seq]) => [
        ...this.#views.filter((view) => view.definition.stream === stream).map((view) => view.reached(seq, WAIT_FOR_VIEW_MS)),
        this.#followers.get(stream)?.reached(seq, WAIT_FOR_VIEW_MS),
      ]);
    await Promise.all(waits);
  }

  /** Called by the node middleware before any service starts. */
  async connect(): Promise<void> {
    this.#log = await Log.connect(this.#options.log);
    if (this.#log.warning) this.logger.warn(this.#log.warning);
    await this.#log.declare([...this.#options.streams, DEAD_STREAM]);
  }

  /** Starts what services have asked to follow. Services loaded later call it again through their own start. */
  async startFollowers(): Promise<void> {
    for (const follower of this.#followers.values()) if (!follower.started) await follower.start();
    this.#started = true;
  }

  /** Resolves when every view and follower of this node has caught up. */
  async caughtUp(): Promise<void> {
    await Promise.all([...this.#followers.values()].map((follower) => follower.ready()));
    await Promise.all(this.#views.map((view) => view.ready()));
  }

  get started(): boolean {
    return this.#started;
  }

  /** Stream positions that this node has followed to. */
  positions(): Record<string, number> {
    return Object.fromEntries([...this.#followers].map(([stream, follower]) => [stream, follower.position()]));
  }

  async close(): Promise<void> {
    await Promise.all([...this.#followers.values()].map((follower) => follower.stop()));
    await this.#log?.close();
  }
}

/** A moleculer-db service around a view's collection. Its generic actions are off: a caller's query never reaches the store. */
function collectionService(name: string, adapter: object, connected: () => void): ServiceSchema {
  const off = ['find', 'count', 'list', 'create', 'insert', 'get', 'update', 'remove'];
  return {
    name: `view-${name}`,
    mixins: [DbService as unknown as ServiceSchema],
    actions: Object.fromEntries(off.map((action) => [action, false])),
    created(this: { adapter: object; broker: ServiceBroker }) {
      // Set here and not in the schema, which Moleculer clones.
      this.adapter = adapter;
      (adapter as { init(broker: ServiceBroker, service: unknown): void }).init(this.broker, this);
    },
    async started() {
      connected();
    },
  } as unknown as ServiceSchema;
}
