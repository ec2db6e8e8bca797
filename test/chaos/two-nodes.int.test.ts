// Two nodes that both carry the whole shop, as real processes on one log: requests go to both in turn, one of them is killed on the
// way, and the auditor finds every promise kept.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ServiceBroker } from 'moleculer';
import { brokerOptions, nodeSettings } from '../../moleculer.config.ts';
import type { Acknowledged } from '../../scripts/prove/audit/evidence.ts';
import { Auditor } from '../../scripts/prove/auditor.ts';
import { Http } from '../../scripts/prove/drive/http.ts';
import { freePort, NodeProcess } from '../../scripts/prove/drive/node-process.ts';
import { Staff } from '../../scripts/prove/drive/staff.ts';
import { count, inParallel, PRICE, pause, times, visitors } from '../../scripts/prove/scenario.ts';
import { loadWithCrash } from '../../scripts/prove/scenarios/crash-load.ts';
import { DEMO_LOGINS } from '../../scripts/seed/seed.ts';
import { startNats, type TestNats } from '../support/nats.ts';

const STOCK = Object.fromEntries(times(6, (n) => [`TWO-${n}`, 100_000]));
/** Too little of each, so that orders of two things find one of them gone. */
const SCARCE = Object.fromEntries(times(5, (n) => [`TWO-SCARCE-${n}`, 30]));
const FLASH = 'TWO-FLASH';
const UNITS = 50;
const BUYERS = 400;
/** Longer than it takes until an open request of a dead node may be done by another one. */
const PATIENCE_MS = 45_000;

const nodes: NodeProcess[] = [];
const ports: number[] = [];
const acknowledged: Acknowledged[] = [];
let nats: TestNats;
let dataFolder: string;
let http: Http;
let staff: Staff;
let auditor: Auditor;

/** Both nodes sign with the same keys: they share the folder that holds them. */
async function startNode(which: number): Promise<void> {
  const env = { NATS_URL: nats.url, PORT: String(ports[which]), SOUK_HOST: '127.0.0.1', SOUK_DATA: dataFolder };
  const quiet = { SOUK_RATE_LIMIT: 'off', SOUK_ACCESS_LOG: 'errors', SOUK_LOG_LEVEL: 'error', SOUK_NODE_ID: `shop-${which}` };
  const logFile = join(dataFolder, `node-${which}.log`);
  nodes[which] = await NodeProcess.start({ entry: 'scripts/node.ts', ready: 'ready after', env: { ...env, ...quiet }, logFile });
}

/** An administrator, made from the operator's side. */
async function makeAdmin(): Promise<void> {
  const settings = { ...nodeSettings({ SOUK_LOG_LEVEL: 'fatal' }, nats.url), nodeID: 'operator', hosting: false };
  const operator = new ServiceBroker(brokerOptions(settings));
  await operator.start();
  await operator.waitForServices('accounts');
  const admin = DEMO_LOGINS.find(({ role }) => role === 'admin');
  await operator.call('accounts.ensure', admin && { ...admin });
  await operator.stop();
}

beforeAll(async () => {
  nats = await startNats();
  dataFolder = mkdtempSync(join(tmpdir(), 'souk-two-'));
  ports.push(await freePort(), await freePort());
  await startNode(0);
  await startNode(1);
  await makeAdmin();
  http = new Http(
    ports.map((port) => `http://127.0.0.1:${port}`),
    64,
  );
  staff = new Staff(http);
  await staff.signIn();
  const stock = { ...STOCK, ...SCARCE, [FLASH]: UNITS };
  await staff.offer(Object.keys(stock).map((sku) => ({ sku, title: sku, price: PRICE })));
  for (const [sku, units] of Object.entries(stock)) await staff.receive(sku, units);
  auditor = new Auditor(() => nats.url, { staff, acknowledged });
}, 90_000);

afterAll(async () => {
  await http?.close();
  for (const node of nodes) await node.stop();
  await nats?.stop();
  rmSync(dataFolder, { recursive: true, force: true });
}, 60_000);

it('given purchases at both, when one is killed on the way, then every order is finished by the other', async () => {
  const { confirmed, broken } = await loadWithCrash({ http, acknowledged }, Object.keys(STOCK), {
    beforeMs: 3_000,
    afterMs: 3_000,
    crash: async () => nodes[1]?.kill(),
  });
  expect(broken).toEqual([]);
  expect(confirmed).toBeGreaterThan(50);
  expect(await auditor.newViolations(Object.keys(STOCK))).toEqual([]);
}, 150_000);

it('given a flash sale at both, when one is killed on the way, then exactly the units there are get sold', async () => {
  await startNode(1);
  const buyers = visitors({ http, acknowledged }, BUYERS, PATIENCE_MS);
  await inParallel(buyers, 64, async (buyer) => {
    await buyer.arrive();
    await buyer.add(FLASH, 1);
  });
  const sale = inParallel(buyers, 64, (buyer) => buyer.checkout());
  await pause(150);
  await nodes[1]?.kill();
  const results = await sale;
  const settled = await inParallel(results, 16, async (result, n) =>
    'orderId' in result ? ((await buyers[n]?.order(result.orderId)) ?? result) : result,
  );
  expect(count(settled, 'confirmed')).toBe(UNITS);
  expect(await auditor.newViolations([FLASH])).toEqual([]);
}, 150_000);

it('given too little stock, declined cards and cancellations, when one is killed on the way, then nothing stays behind', async () => {
  await startNode(1);
  const skus = Object.keys(SCARCE);
  const buyers = visitors({ http, acknowledged }, 300, PATIENCE_MS);
  const load = inParallel(buyers, 48, async (buyer, n) => {
    await buyer.arrive();
    await buyer.add(skus[n % 5] ?? '', 1 + (n % 2));
    await buyer.add(skus[(n + 1 + (n % 3)) % 5] ?? '', 1);
    const told = await buyer.checkout(n % 7 === 0 ? 'pm_card_chargeDeclined' : 'pm_card_visa');
    if ('orderId' in told && n % 3 === 0) await buyer.cancel(told.orderId);
  });
  await pause(300);
  await nodes[1]?.kill();
  await load;
  expect(await auditor.newViolations(skus)).toEqual([]);
}, 150_000);
