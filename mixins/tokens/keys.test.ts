// Keys: made once, shared by file or environment, rotated without breaking what was signed before.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readAccessToken, signAccessToken } from './access.ts';
import { openKeys, ROTATE_AFTER_MS } from './keys.file.ts';
import { createKeySet, parseKeySet, rotateKeySet } from './keys.ts';

const DAY = 24 * 3_600_000;
const who = { account: 'acc_1', session: 'ses_1', role: 'customer' } as const;

describe('a set of keys', () => {
  test('after a rotation new keys are in front and the old ones still there', () => {
    const first = createKeySet(1_000);
    const second = rotateKeySet(first, 2_000);
    expect(second.signing).toHaveLength(2);
    expect(second.signing[1]).toEqual(first.signing[0]);
    expect(second.secrets[1]).toEqual(first.secrets[0]);
    expect(second.signing[0]?.kid).not.toBe(first.signing[0]?.kid);
  });

  test('a signing key that was replaced days ago is dropped, its cookie secret is kept for the longest cookie', () => {
    const third = rotateKeySet(rotateKeySet(createKeySet(0), DAY), 4 * DAY);
    expect(third.signing).toHaveLength(2);
    expect(third.secrets).toHaveLength(3);
  });

  test('is read from plain and from base64 JSON', () => {
    const json = JSON.stringify(createKeySet(1));
    expect(parseKeySet(Buffer.from(json).toString('base64'), 'X')).toEqual(parseKeySet(json, 'X'));
  });

  test.each(['', 'nonsense', '{}', '{"signing":[{"kid":"a","key":"AAAA","createdAt":1}],"secrets":[]}'])(
    'the text %p is refused without being quoted',
    (text) => {
      expect(() => parseKeySet(text, 'SOUK_JWT_KEYS')).toThrow(/^SOUK_JWT_KEYS does not hold a valid set of keys$/);
    },
  );
});

describe('the keys of a node', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'souk-keys-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  test('are made on first start, readable by the owner only, and found again', () => {
    const first = openKeys({ env: {}, directory });
    const again = openKeys({ env: {}, directory });
    expect(again.signing().kid).toBe(first.signing().kid);
    expect(statSync(join(directory, 'keys', 'keys.json')).mode & 0o777).toBe(0o600);
  });

  test('come from the environment when given, and no file is made', () => {
    const set = createKeySet(1);
    const keys = openKeys({ env: { SOUK_JWT_KEYS: JSON.stringify(set) }, directory });
    expect(keys.signing().kid).toBe(set.signing[0]?.kid);
    expect(() => statSync(join(directory, 'keys'))).toThrow(/ENOENT/);
    expect(() => keys.rotate()).toThrow(/SOUK_JWT_KEYS/);
  });

  test('a token signed before a rotation still verifies, and another node learns the new key from the file', () => {
    const now = Date.now();
    const here = openKeys({ env: {}, directory });
    const there = openKeys({ env: {}, directory });
    const before = signAccessToken(here, who, now).token;
    here.rotate();
    const after = signAccessToken(here, who, now).token;
    expect(readAccessToken(here, before, now)).toMatchObject(who);
    expect(readAccessToken(there, after, now)).toMatchObject(who);
    expect(readAccessToken(there, before, now)).toMatchObject(who);
  });

  test('rotate by themselves after thirty days, and not before', () => {
    let now = 1_000_000;
    const keys = openKeys({ env: {}, directory, now: () => now });
    const { kid } = keys.signing();
    expect(keys.rotateWhenOld()).toBe(false);
    now += ROTATE_AFTER_MS;
    expect(keys.rotateWhenOld()).toBe(true);
    expect(keys.signing().kid).not.toBe(kid);
    expect(keys.publicKey(kid)).toBeDefined();
  });

  test('two nodes that find them old rotate them once', () => {
    let now = 1_000_000;
    const nodes = [1, 2].map(() => openKeys({ env: {}, directory, now: () => now }));
    now += ROTATE_AFTER_MS;
    expect(nodes.map((keys) => keys.rotateWhenOld())).toEqual([true, false]);
    expect(new Set(nodes.map((keys) => keys.signing().kid)).size).toBe(1);
  });

  test('while another process rotates it is left to that one, unless it crashed', () => {
    const keys = openKeys({ env: {}, directory });
    const { kid } = keys.signing();
    const lock = join(directory, 'keys', 'rotating');
    mkdirSync(lock);
    keys.rotate();
    expect(keys.signing().kid).toBe(kid);
    utimesSync(lock, 1_000, 1_000);
    keys.rotate();
    expect(keys.signing().kid).not.toBe(kid);
  });

  test('a broken file stops the start with a line that names it and none of its content', () => {
    openKeys({ env: {}, directory });
    const path = join(directory, 'keys', 'keys.json');
    writeFileSync(path, readFileSync(path, 'utf8').slice(0, 40));
    expect(() => openKeys({ env: {}, directory })).toThrow(`${path} does not hold a valid set of keys`);
  });
});
