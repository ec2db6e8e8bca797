// Whole nodes for tests that cross domains: real services over a real nats-server, built exactly as the launcher builds them.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ServiceBroker } from 'moleculer';
import { nodeSettings } from '../../moleculer.config.ts';
import { httpUrl, startBroker } from '../../scripts/runtime/host.ts';
import type { LogSettings } from '../../scripts/runtime/logging.ts';
import { chooseServices, findServices } from '../../scripts/runtime/services.ts';
import { startNats, type TestNats } from './nats.ts';

export interface ShopOptions {
  /** Names of services, all of them unless given. */
  readonly services?: readonly string[];
  /** How many nodes carry these services; 1 unless given. Only one of several can have the gateway on a fixed port. */
  readonly nodes?: number;
  /** Environment of the services, such as `{ SOUK_RATE_LIMIT: 'off' }`. */
  readonly env?: Readonly<Record<string, string>>;
  /** Least level of log lines; `fatal` unless given. */
  readonly level?: LogSettings['level'];
}

export interface TestShop {
  readonly nats: TestNats;
  /** The first node. */
  readonly broker: ServiceBroker;
  readonly brokers: readonly ServiceBroker[];
  /** Of the first node's gateway; empty without one. */
  readonly url: string;
  readonly dataFolder: string;
  /** Starts one more node with these services (the same ones unless given). */
  addNode(services?: readonly string[]): Promise<ServiceBroker>;
  /** Stops every node and the server, and removes their files. */
  stop(): Promise<void>;
}

/** Call it in `beforeAll` and `stop()` in `afterAll`. The gateway listens on a free port. */
export async function startShop(options: ShopOptions = {}): Promise<TestShop> {
  const nats = await startNats();
  const dataFolder = mkdtempSync(join(tmpdir(), 'souk-shop-'));
  Object.assign(process.env, { SOUK_DATA: dataFolder, SOUK_PORT: '0', SOUK_HOST: '127.0.0.1', ...options.env });
  const known = findServices(process.cwd());
  const brokers: ServiceBroker[] = [];
  const addNode = async (services = options.services): Promise<ServiceBroker> => {
    const settings = nodeSettings(
      { ...process.env, SOUK_NODE_ID: `node-${brokers.length + 1}` },
      nats.url,
      options.level ?? 'fatal',
    );
    const broker = await startBroker(settings, chooseServices(known, services?.join(',')));
    brokers.push(broker);
    await allSeeEachOther(brokers);
    return broker;
  };
  const stop = async (): Promise<void> => {
    await Promise.all(brokers.map((broker) => broker.stop()));
    await nats.stop();
    rmSync(dataFolder, { recursive: true, force: true });
  };
  try {
    const broker = await addNode();
    for (let more = options.nodes ?? 1; more > 1; more--) await addNode();
    const hasGateway = broker.services.some(({ name }) => name === 'gateway');
    return { nats, broker, brokers, url: hasGateway ? httpUrl(broker) : '', dataFolder, addNode, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** A call may go to any node that has the service only when everybody knows everybody. */
async function allSeeEachOther(brokers: readonly ServiceBroker[]): Promise<void> {
  const known = (broker: ServiceBroker): number =>
    broker.registry.nodes.list({ onlyAvailable: true, withServices: false }).length;
  for (const deadline = Date.now() + 5_000; brokers.some((broker) => known(broker) < brokers.length); ) {
    if (Date.now() > deadline) throw new Error('The nodes of this test did not find each other');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
