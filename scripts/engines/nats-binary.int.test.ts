// The ways to a nats-server, each with the others taken away: programs are small scripts, the release comes from a server of the test.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { findNatsServer, versionOf } from './nats-binary.ts';
import { downloadRelease, type Release, releasePlatform } from './nats-release.ts';

const platform = releasePlatform() ?? 'linux-amd64';
let root: string;
let path: string;
let server: Server;
let files: Map<string, Buffer>;
let said: string[];

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'souk-find-'));
  path = join(root, 'bin');
  mkdirSync(path);
  files = new Map();
  said = [];
  server = createServer((request, response) => {
    const file = files.get(request.url ?? '');
    response.writeHead(file ? 200 : 404).end(file);
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
});
afterEach(() => {
  server.close();
  rmSync(root, { recursive: true, force: true });
});

const script = (file: string, body: string): void => {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `#!/bin/sh\n${body}\n`);
  chmodSync(file, 0o755);
};
const natsScript = (file: string, version: string): void => script(file, `echo "nats-server: v${version}"`);
const base = (): string => `http://127.0.0.1:${(server.address() as { port: number }).port}`;
const release = (pins: Release['pins'] = {}): Release => ({ version: '2.99.1', base: base(), pins });
const find = (using: Release = release()) =>
  findNatsServer({ root, env: { PATH: path }, say: (line) => said.push(line), release: using });

/** Publishes a release archive whose server reports this version. Returns its SHA-256. */
function publish(version = '2.99.1'): string {
  const folder = `nats-server-v2.99.1-${platform}`;
  natsScript(join(root, 'build', folder, 'nats-server'), version);
  const archive = join(root, 'release.tar.gz');
  execFileSync('tar', ['-czf', archive, '-C', join(root, 'build'), folder]);
  const bytes = readFileSync(archive);
  files.set(`/v2.99.1/${folder}.tar.gz`, bytes);
  return createHash('sha256').update(bytes).digest('hex');
}
const listSum = (sum: string): void =>
  void files.set(
    '/v2.99.1/SHA256SUMS',
    Buffer.from(`${'0'.repeat(64)}  other.zip\n${sum}  nats-server-v2.99.1-${platform}.tar.gz\n`),
  );

describe('finding a nats-server', () => {
  it('takes the one on the PATH before anything else, and says nothing', async () => {
    natsScript(join(path, 'nats-server'), '2.10.1');
    natsScript(join(root, '.engines/nats-server-2.99.1'), '2.99.1');
    expect(await find()).toEqual({ path: join(path, 'nats-server'), version: '2.10.1' });
    expect(said).toEqual([]);
  });

  it.each(['2.8.4', 'nonsense'])('passes over one on the PATH that reports %s, and takes the kept copy', async (version) => {
    natsScript(join(path, 'nats-server'), version);
    natsScript(join(root, '.engines/nats-server-2.99.1'), '2.99.1');
    expect(await find()).toMatchObject({ version: '2.99.1' });
  });

  it('downloads the release when there is none, and keeps it for the next start', async () => {
    const sum = publish();
    const kept = join(root, '.engines/nats-server-2.99.1');
    expect(await find(release({ [platform]: sum }))).toEqual({ path: kept, version: '2.99.1' });
    files.clear();
    expect(await find()).toMatchObject({ path: kept });
  });

  it('goes on to go install when the release cannot be had', async () => {
    script(
      join(path, 'go'),
      `printf '#!/bin/sh\\necho "nats-server: v2.14.9"\\n' > "$GOBIN/nats-server"; /bin/chmod +x "$GOBIN/nats-server"`,
    );
    expect(await find()).toEqual({ path: join(root, '.engines/nats-server-2.14.9'), version: '2.14.9' });
    expect(said.join('\n')).toMatch(/the download failed: .* answered 404/);
  });

  it('given root and a Debian, then takes the package at last', async () => {
    script(
      join(path, 'apt-get'),
      `[ "$1" = install ] && printf '#!/bin/sh\\necho "nats-server: v2.9.10"\\n' > ${path}/nats-server && /bin/chmod +x ${path}/nats-server; true`,
    );
    script(join(path, 'go'), 'echo "go: cannot reach the proxy" >&2; exit 1');
    const isRoot = process.getuid?.() === 0;
    if (isRoot) expect(await find()).toMatchObject({ version: '2.9.10' });
    else await expect(find()).rejects.toThrow('NATS_URL');
    expect(said).toContain('  go install failed: go: cannot reach the proxy');
  });

  it('given nothing at all, then says in one message what to do', async () => {
    await expect(find()).rejects.toThrow(
      /^No nats-server found or obtainable\. Install nats-server 2\.10 or newer .* or set NATS_URL .*$/,
    );
    expect(readdirSync(root)).not.toContain('.engines');
  });

  it('takes a version only from a program that runs', () => {
    expect(versionOf(join(path, 'missing'))).toBeUndefined();
  });
});

describe('downloading the release', () => {
  const target = (): string => join(root, '.engines/nats-server');

  it('compares the pinned SHA-256 and keeps nothing of a download that differs', async () => {
    publish();
    const wrong = downloadRelease(target(), platform, release({ [platform]: 'f'.repeat(64) }));
    await expect(wrong).rejects.toThrow(/^the SHA-256 of nats-server-v2\.99\.1-.*\.tar\.gz is [0-9a-f]{64}, expected f{64}$/);
    expect(existsSync(dirname(target()))).toBe(false);
  });

  it("given a platform without a pin, then compares the release's own list", async () => {
    listSum(publish());
    await downloadRelease(target(), platform, release());
    expect(versionOf(target())).toBe('2.99.1');
    publish('2.99.2');
    await expect(downloadRelease(target(), platform, release())).rejects.toThrow('the SHA-256 of');
    expect(versionOf(target())).toBe('2.99.1');
  });

  it('given a list that does not name the archive, then refuses', async () => {
    publish();
    files.set('/v2.99.1/SHA256SUMS', Buffer.from(`${'0'.repeat(64)}  other.zip\n`));
    await expect(downloadRelease(target(), platform, release())).rejects.toThrow('does not list');
  });

  it('given an archive that is none, then leaves nothing half done', async () => {
    const junk = Buffer.from('not an archive');
    files.set(`/v2.99.1/nats-server-v2.99.1-${platform}.tar.gz`, junk);
    const pins = { [platform]: createHash('sha256').update(junk).digest('hex') };
    await expect(downloadRelease(target(), platform, release(pins))).rejects.toThrow();
    expect(readdirSync(dirname(target()))).toEqual([]);
  });

  it('given no network, then fails with the address and the reason', async () => {
    await expect(downloadRelease(target(), platform, { ...release(), base: 'http://127.0.0.1:1' })).rejects.toThrow(
      /^http:\/\/127\.0\.0\.1:1\/v2\.99\.1\/.* cannot be reached \(.*\)$/,
    );
  });

  it.each([
    ['linux', 'x64', 'linux-amd64'],
    ['linux', 'arm64', 'linux-arm64'],
    ['darwin', 'arm64', 'darwin-arm64'],
    ['win32', 'x64', undefined],
    ['linux', 'mips', undefined],
  ])('on %s %s it is the archive for %s', (system, cpu, expected) => {
    expect(releasePlatform(system, cpu)).toBe(expected);
  });
});
