// The whole shop with its views in MongoDB: what was written before is found by a start that reads no view from the log.

import { Place } from '../support/launched.ts';
import { hasMongo, startMongo, type TestMongo } from '../support/mongo.ts';

/** Says aloud that nothing was tested, instead of passing silently. */
const suite = (name: string, tests: () => void): void => {
  if (hasMongo()) describe(name, tests);
  else it('NOT TESTED: a shop on MongoDB needs MONGO_URL, or ferretdb on the PATH or in .engines', () => {});
};

suite('npm start with MONGO_URL', () => {
  let place: Place;
  let mongo: TestMongo;
  beforeAll(async () => {
    place = await Place.make();
    mongo = await startMongo();
  });
  afterAll(async () => {
    await place.clear();
    await mongo.stop();
  });

  const signIn = async (): Promise<string> => {
    const body = JSON.stringify({ email: 'admin@souk.test', password: 'souk-demo' });
    const response = await fetch(`${place.url}/api/users/signin`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    return response.headers
      .getSetCookie()
      .map((cookie) => cookie.split(';')[0])
      .join('; ');
  };
  const emails = async (): Promise<string[]> => {
    const response = await fetch(`${place.url}/api/users/admin/users`, { headers: { cookie: await signIn() } });
    const { items } = (await response.json()) as { items: { email: string }[] };
    return items.map(({ email }) => email).sort();
  };

  it('lists the demo accounts, also after a restart', async () => {
    const expected = ['admin', 'agent', 'customer', 'seller'].map((role) => `${role}@souk.test`);
    const env = { MONGO_URL: mongo.url, SOUK_DEMO: 'on' };
    const first = await place.open(env);
    expect(await emails()).toEqual(expected);
    first.signal('SIGTERM');
    expect(await first.exit).toBe(0);
    await place.open(env);
    expect(await emails()).toEqual(expected);
  });
});
