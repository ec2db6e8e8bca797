// `npm run seed`: fills the running shop with the demo catalogue and logins, unless that was done before.
import { reasonOf, runEntry, StartFailure } from './runtime/failure.ts';
import { joinShop } from './runtime/join.ts';
import { DEMO_LOGINS, seedIfEmpty } from './seed/seed.ts';

const NEEDED = ['accounts', 'catalog', 'stock'];
const WAIT_MS = 10_000;

await runEntry(async () => {
  const broker = await joinShop(process.env, 'seed');
  try {
    await broker.waitForServices(NEEDED, WAIT_MS).catch((error: unknown) => {
      throw new StartFailure(`The running shop lacks some of ${NEEDED.join(', ')} (${reasonOf(error)})`, error);
    });
    const seeded = await seedIfEmpty(broker);
    console.log(seeded ? `The demo shop is set up; sign in as ${DEMO_LOGINS[0]?.email}` : 'The demo shop was set up before');
  } finally {
    await broker.stop();
  }
});
