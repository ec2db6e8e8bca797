// What a domain gets from the node that hosts it: the log, actors, views, reactions, followers, typed calls, timers.
import type { Logger, ServiceBroker, ServiceSchema } from 'moleculer';
import DbService from 'moleculer-db';
import { Actors } from './actor/actors.ts';
import type { ActorDefinition, Deciders, DomainEvent } from './actor/definition.ts';
import { newId } from './ids.ts';
import { Follower, type FollowHandler } from './log/follower.ts';
import { Log, type LogOptions } from './log/log.ts';
import { parsePosition } from './log/position.ts';
import { partitionNames, type StreamDeclaration } from './log/streams.ts';
import { DEAD_STREAM } from './reaction/dead-letters.ts';
import type { Reaction } from './reaction/reaction.ts';
import type { ViewAdapter } from './view/adapter.ts';
import type { ViewDefinition, ViewDocument } from './view/definition.ts';
import { MemoryViewAdapter } from './view/memory-adapter.ts';
import { View, type ViewFeeds } from './view/view.ts';

/** How long a read waits for its view to reach the position that the client has seen. */
const WAIT_FOR_VIEW_MS = 2_000;
/** After nodes came or went, this node trusts no cached state for so long: the other may be there without having been heard of. */
const UNSURE_MS = 60_000;

export interface NodeOptions {
  readonly log: LogOptions;
  readonly streams: readonly StreamDeclaration[];
  /** Where views are kept; NeDB in memory unless given. */
  readonly viewStore?: ViewStore;
}

/** A store of views that a node shares with others. */
export interface ViewStore {
  /** @throws one clear line when it cannot be reached */
  connect(): Promise<void>;
  adapter<Doc extends ViewDocument>(definition: ViewDefinition<Doc>): ViewAdapter<Doc>;
  close(): Promise<void>;
}

export interface Following {
  ready(): Promise<void>;
  position(): number;
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
  readonly #followers: Follower[] = [];
  readonly #views: View<ViewDocument>[] = [];
  readonly #reactions = new Set<Reaction>();
  #log: Log | undefined;
  #started = false;
  #hosts = new Map<string, number>();
  #unsureUntil = 0;
  #era = 0;

  constructor(broker: ServiceBroker, options: NodeOptions) {
    this.broker = broker;
    this.logger = broker.getLogger('souk');
    this.#options = options;
    broker.localBus.on('$services.changed', () => {
      this.#hosts.clear();
      this.#era++;
    });
    const unsure = () => {
      this.#era++;
      this.#unsureUntil = Date.now() + UNSURE_MS;
    };
    broker.localBus.on('$node.connected', unsure);
    broker.localBus.on('$node.disconnected', unsure);
    nodes.set(broker, this);
  }

  get log(): Log {
    if (!this.#log) throw new Error('The log is connected when the broker starts');
    return this.#log;
  }

  get views(): readonly View<ViewDocument>[] {
    return this.#views;
  }

  /** Reactions that run on this node. */
  get reactions(): ReadonlySet<Reaction> {
    return this.#reactions;
  }

  now(): number {
    return Date.now();
  }

  newId(prefix: string): string {
    return newId(prefix);
  }

  /** True while no other node hosts this service, and none has come or gone lately. */
  alone(service: string): boolean {
    if (Date.now() < this.#unsureUntil) return false;
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
    return new Actors(definition, () => this.log, {
      alone: () => this.alone(service),
      era: () => this.#era,
      ...(keep ? { keep } : {}),
    });
  }

  /** Delivers the last message of each actor of a stream and then everything live. */
  follow(stream: string, handler: FollowHandler): Following {
    const declared = this.#options.streams.find(({ name }) => name === stream) ?? { name: stream };
    const followers = partitionNames(declared).map((name) => this.#waiting(name));
    for (const follower of followers) follower.add(handler);
    return joined(followers);
  }

  /** The follower of a stream that has not started yet: handlers cannot join one that has. */
  #waiting(stream: string): Follower {
    let follower = this.#followers.find((one) => one.stream === stream && !one.started);
    if (!follower) {
      follower = this.#follower(stream);
      this.#followers.push(follower);
    }
    return follower;
  }

  view<Doc extends ViewDocument>(definition: ViewDefinition<Doc>): View<Doc> {
    const { name, stream } = definition;
    const shared = this.#options.viewStore?.adapter(definition);
    const adapter = shared ?? new MemoryViewAdapter<Doc>(definition.indexes ?? []);
    // Sequences of partitions cannot be compared, and a view tells old from new by them.
    if (this.#options.streams.some((one) => one.name === stream && (one.partitions ?? 1) > 1))
      throw new Error(`The view ${name} cannot follow ${stream}, which is partitioned`);
    const source = shared ? undefined : this.#waiting(stream);
    source?.add((message) => view.apply(message));
    const view: View<Doc> = new View(definition, adapter, this.#feeds(name, stream), source);
    this.#views.push(view as unknown as View<ViewDocument>);
    this.broker.createService(collectionService(name, adapter, () => view.open()));
    return view;
  }

  #feeds(name: string, stream: string): ViewFeeds {
    return {
      identity: async () => (await this.log.jsm.streams.info(stream)).created,
      open: async (handler, after) => {
        const follower = this.#follower(stream, after);
        follower.add(handler);
        await follower.start();
        return follower;
      },
      onError: (error) => this.logger.error({ err: error, view: name }, 'a view could not be written'),
    };
  }

  #follower(stream: string, after?: number): Follower {
    return new Follower({
      stream,
      log: () => this.log,
      onError: (error, seq) => this.logger.error({ err: error, stream, seq }, 'a follower failed on a message'),
      // Everything in memory may rest on what is gone: only a fresh start is safe.
      onLost: (name, seen, end) =>
        this.broker.fatal(
          `The log has lost messages: ${name} ends at ${end}, this node has seen ${seen}`,
          new Error('log lost'),
          true,
        ),
      ...(after === undefined ? {} : { after }),
    });
  }

  /** Runs a reaction; it belongs to the node until it is stopped. */
  async startReaction(reaction: Reaction): Promise<void> {
    this.#reactions.add(reaction);
    await reaction.start(this.log);
  }

  async stopReaction(reaction: Reaction): Promise<void> {
    await reaction.stop();
    this.#reactions.delete(reaction);
  }

  /** Messages of each reaction that nobody has handled yet. */
  async lags(): Promise<{ reaction: string; stream: string; lag: number }[]> {
    return Promise.all(
      [...this.#reactions].map(async (one) => ({ reaction: one.name, stream: one.stream, lag: await one.lag() })),
    );
  }

  /** Waits until this node has followed every stream as far as the position token says; gives up silently after two seconds. */
  async reached(token: string | undefined, streams?: readonly string[]): Promise<void> {
    if (!token) return;
    const waits = Object.entries(parsePosition(token))
      .filter(([stream]) => !streams || streams.includes(stream))
      .flatMap(([stream, seq]) => [
        ...this.#views.filter((view) => view.definition.stream === stream).map((view) => view.reached(seq, WAIT_FOR_VIEW_MS)),
        ...this.#followers
          .filter((follower) => follower.stream === stream)
          .map((follower) => follower.reached(seq, WAIT_FOR_VIEW_MS)),
      ]);
    await Promise.all(waits);
  }

  /** Called by the node middleware before any service starts. */
  async connect(): Promise<void> {
    await this.#options.viewStore?.connect();
    this.#log = await Log.connect(this.#options.log);
    if (this.#log.warning) this.logger.warn(this.#log.warning);
    await this.#log.declare([...this.#options.streams, DEAD_STREAM]);
  }

  /** Starts what services have asked to follow. Services loaded later call it again through their own start. */
  async startFollowers(): Promise<void> {
    await Promise.all(this.#followers.map((follower) => follower.start()));
    this.#started = true;
  }

  /** Resolves when every view and follower of this node has caught up. */
  async caughtUp(): Promise<void> {
    await Promise.all(this.#followers.map((follower) => follower.ready()));
    await Promise.all(this.#views.map((view) => view.ready()));
  }

  get started(): boolean {
    return this.#started;
  }

  /** Stream positions that everything on this node has followed to. */
  positions(): Record<string, number> {
    const positions: Record<string, number> = {};
    const sources = [
      ...this.#followers,
      ...this.#views.map((view) => ({ stream: view.definition.stream, position: () => view.position() })),
    ];
    for (const one of sources)
      positions[one.stream] = Math.min(positions[one.stream] ?? Number.POSITIVE_INFINITY, one.position());
    return positions;
  }

  /** Before services stop: reactions finish what they have begun while every action still answers. */
  async drain(): Promise<void> {
    await Promise.all([...this.#reactions].map((reaction) => this.stopReaction(reaction)));
  }

  async close(): Promise<void> {
    await Promise.all(this.#followers.map((follower) => follower.stop()));
    await Promise.all(this.#views.map((view) => view.close()));
    await this.#log?.close();
    await this.#options.viewStore?.close();
  }
}

/** The followers of a stream's partitions as one. */
function joined(followers: readonly Follower[]): Following {
  const [only] = followers;
  if (only && followers.length === 1) return only;
  return {
    ready: async () => void (await Promise.all(followers.map((follower) => follower.ready()))),
    position: () => followers.reduce((sum, follower) => sum + follower.position(), 0),
  };
}

/** A moleculer-db service around a view's collection. Its generic actions are off: a caller's query never reaches the store. */
function collectionService(name: string, adapter: object, connected: () => Promise<void>): ServiceSchema {
  const off = ['find', 'count', 'list', 'create', 'insert', 'get', 'update', 'remove'];
  return {
    name: `view-${name}`,
    collection: name,
    mixins: [DbService as unknown as ServiceSchema],
    actions: Object.fromEntries(off.map((action) => [action, false])),
    created(this: { adapter: object; broker: ServiceBroker }) {
      // Set here and not in the schema, which Moleculer clones.
      this.adapter = adapter;
      (adapter as { init(broker: ServiceBroker, service: unknown): void }).init(this.broker, this);
    },
    async started() {
      await connected();
    },
  } as unknown as ServiceSchema;
}
