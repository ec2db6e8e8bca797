// A gateway with the echo domain on a real nats-server, for tests over real sockets.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ServiceBroker, type ServiceSchema } from 'moleculer';
import gatewayService from '../../gateway/gateway.service.ts';
import { contractMiddleware } from '../../mixins/middlewares/contracts.ts';
import { nodeMiddleware } from '../../mixins/middlewares/node.ts';
import type { Role } from '../../mixins/principal.ts';
import { signAccessToken } from '../../mixins/tokens/access.ts';
import { signGuest } from '../../mixins/tokens/guest.ts';
import { type OpenKeys, openKeys } from '../../mixins/tokens/keys.file.ts';
import { startNats, type TestNats } from '../support/nats.ts';
import { echo } from './echo.contract.ts';
import echoService from './echo.service.ts';

export interface TestGateway {
  readonly url: string;
  readonly broker: ServiceBroker;
  readonly nats: TestNats;
  token(account: string, role: Role, now?: number): string;
  guest(id: string): string;
  stop(): Promise<void>;
}

/** Accounts as far as the gateway needs them: one API key. */
const accountsDouble: ServiceSchema = {
  name: 'accounts',
  actions: {
    authenticate: async (ctx: { params: { apiKey?: string } }) => {
      if (ctx.params.apiKey === 'sk_good_key') {
        return { kind: 'account', id: 'acc_machine', role: 'customer', via: 'key_1', scopes: ['echo:read'] };
      }
      throw Object.assign(new Error('no'), { type: 'UNAUTHENTICATED', code: 401 });
    },
  },
} as unknown as ServiceSchema;

export async function startGateway(env: Record<string, string> = {}): Promise<TestGateway> {
  const nats = await startNats();
  const directory = mkdtempSync(join(tmpdir(), 'souk-gateway-'));
  const settings = { SOUK_PORT: '0', SOUK_HOST: '127.0.0.1', SOUK_DATA: directory, SOUK_ACCESS_LOG: 'errors', ...env };
  const broker = new ServiceBroker({
    nodeID: 'test',
    logger: false,
    tracking: { enabled: true },
    requestTimeout: 1_000,
    skipProcessEventRegistration: true,
    middlewares: [
      nodeMiddleware({ log: { connection: { servers: nats.url } }, streams: [{ name: 'ACCOUNTS' }] }),
      contractMiddleware([echo]),
    ],
  });
  broker.createService(accountsDouble);
  broker.createService(echoService(broker));
  const service = broker.createService(gatewayService(broker, [echo], settings));
  await broker.start();
  const keys: OpenKeys = openKeys({ env: {}, directory });
  return {
    url: `http://127.0.0.1:${(service as unknown as { listening(): number }).listening()}`,
    broker,
    nats,
    token: (account, role, now = Date.now()) => signAccessToken(keys, { account, session: 'ses_test', role }, now).token,
    guest: (id) => signGuest(keys, id),
    async stop() {
      await broker.stop();
      await nats.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
