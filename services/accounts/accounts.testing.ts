// Two nodes that both host accounts, on a nats-server of their own: what the integration tests of this domain start with.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CallingOptions, type Context, ServiceBroker, type ServiceSchema } from 'moleculer';
import type { InputOf, ResultOf } from '../../mixins/contract.ts';
import type { Meta } from '../../mixins/meta.ts';
import { contractMiddleware } from '../../mixins/middlewares/contracts.ts';
import { nodeMiddleware } from '../../mixins/middlewares/node.ts';
import { nodeOf } from '../../mixins/node.ts';
import type { Principal } from '../../mixins/principal.ts';
import { startNats, type TestNats } from '../../test/support/nats.ts';
import { contracts } from '../contracts.ts';
import type { accounts } from './accounts.contract.ts';
import accountsService from './accounts.service.ts';

type Own = (typeof accounts)['actions'];

export interface TestNode {
  readonly broker: ServiceBroker;
  call<N extends keyof Own & string>(name: N, params: InputOf<Own[N]>, meta?: Meta): Promise<ResultOf<Own[N]>>;
}

export interface Pair {
  readonly nats: TestNats;
  readonly a: TestNode;
  readonly b: TestNode;
  /** Stops node b and starts it again. */
  restartB(): Promise<TestNode>;
  stop(): Promise<void>;
}

export const PASSWORD = 'correct horse battery';
let counter = 0;

/** Sign-up parameters of somebody new. */
export function person(): { email: string; password: string; name: string } {
  counter++;
  return { email: `person${counter}@example.com`, password: PASSWORD, name: `Person ${counter}` };
}

export const client = (ip = '192.0.2.7', userAgent = 'Firefox/150 (test)'): Meta => ({ client: { ip, userAgent } });
export const as = (principal: Principal): Meta => ({ ...client(), principal });

export async function accepts(node: TestNode, accessToken: string): Promise<boolean> {
  return node.call('authenticate', { accessToken }).then(
    () => true,
    () => false,
  );
}

/** Waits for something and says how many milliseconds it took. */
export async function until(what: () => boolean | Promise<boolean>, within = 5_000): Promise<number> {
  const start = Date.now();
  while (!(await what())) {
    if (Date.now() - start > within) throw new Error('did not happen in time');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return Date.now() - start;
}

/** Other domains with personal data, as far as accounts sees them: each is asked for what it knows and told to forget it. */
function domainsWithPersonalData(): ServiceSchema[] {
  return contracts
    .filter(({ actions }) => 'exportFor' in actions || 'eraseFor' in actions)
    .map(({ name }) => ({
      name,
      actions: {
        exportFor: (ctx: Context<{ accountId: string }>) => (erased.has(ctx.params.accountId) ? {} : { kept: `by ${name}` }),
        eraseFor: (ctx: Context<{ accountId: string }>) => {
          erased.add(ctx.params.accountId);
          return { erased: 1 };
        },
      },
    }));
}

/** Accounts that other domains were told to forget. */
export const erased = new Set<string>();

async function startNode(nats: TestNats, nodeID: string): Promise<TestNode> {
  const broker = new ServiceBroker({
    nodeID,
    namespace: `accounts-${nats.port}`,
    logger: false,
    transporter: { type: 'NATS', options: { servers: [nats.url] } },
    requestTimeout: 8_000,
    middlewares: [
      nodeMiddleware({ log: { connection: { servers: nats.url } }, streams: [{ name: 'ACCOUNTS' }] }),
      contractMiddleware(contracts),
    ],
  });
  broker.createService(accountsService(broker));
  for (const domain of domainsWithPersonalData()) broker.createService(domain);
  await broker.start();
  return {
    broker,
    async call(name, params, meta = {}) {
      const options: CallingOptions = { meta: { ...meta }, nodeID };
      return broker.call(`accounts.${name}`, params as object, options);
    },
  };
}

export async function startPair(): Promise<Pair> {
  const nats = await startNats();
  const data = mkdtempSync(join(tmpdir(), 'souk-accounts-'));
  process.env.SOUK_DATA = data;
  const nodes = new Map<string, TestNode>();
  const stop = async (): Promise<void> => {
    await Promise.all([...nodes.values()].map(({ broker }) => broker.stop()));
    await nats.stop();
    rmSync(data, { recursive: true, force: true });
  };
  const start = async (name: string): Promise<TestNode> => {
    const node = await startNode(nats, name);
    nodes.set(name, node);
    return node;
  };
  const met = () => until(() => [...nodes.values()].every(({ broker }) => !nodeOf(broker).alone('accounts')));
  try {
    const pair = { nats, stop, a: await start('a'), b: await start('b') };
    await met();
    return {
      ...pair,
      async restartB() {
        await nodes.get('b')?.broker.stop();
        const b = await start('b');
        await met();
        return b;
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Files of a folder whose bytes contain a text. */
export function filesWith(folder: string, text: RegExp): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => text.test(bytesOf(path)));
}

/** The server writes some of its files anew under another name: one that has just gone holds nothing. */
function bytesOf(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}
