// Finds a nats-server to run, cheapest way first; gets one when the machine has none.
import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { reasonOf, StartFailure } from '../runtime/failure.ts';
import { canInstallPackages, executable, installPackage, isExecutable } from './machine.ts';
import { isAtLeast } from './nats-config.ts';
import { downloadRelease, RELEASE, type Release, releasePlatform } from './nats-release.ts';

const run = promisify(execFile);

/** Built by `go install`, where Go's checksum database vouches for the source. */
const GO_VERSION = '2.14.9';
const MINUTES = 60_000;

export interface NatsBinary {
  readonly path: string;
  /** Such as `2.14.9`. */
  readonly version: string;
}

export interface FindOptions {
  /** The project's folder; `.engines/` is kept in it. */
  readonly root: string;
  readonly env: NodeJS.ProcessEnv;
  /** Tells the person at the terminal what takes long. */
  readonly say: (line: string) => void;
  readonly release?: Release;
}

type Way = (options: FindOptions) => Promise<string | undefined>;

/** PATH, `.engines/`, official release, `go install`, Debian package; a `StartFailure` saying what to do when all fail. */
export async function findNatsServer(options: FindOptions): Promise<NatsBinary> {
  const ways: readonly Way[] = [onPath, cached, released, goInstalled, packaged];
  for (const way of ways) {
    const path = await way(options);
    const version = path === undefined ? undefined : versionOf(path);
    if (path !== undefined && version !== undefined) return { path, version };
  }
  throw new StartFailure(
    'No nats-server found or obtainable. Install nats-server 2.10 or newer (https://github.com/nats-io/nats-server/releases), or set NATS_URL to a running one.',
  );
}

/** The version a binary reports; undefined when it does not run or is older than 2.9. */
export function versionOf(binary: string): string | undefined {
  try {
    const text = execFileSync(binary, ['--version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], timeout: 10_000 });
    const version = /v(\d+\.\d+\.\d+)/.exec(text)?.[1];
    return version !== undefined && isAtLeast(version, 2, 9) ? version : undefined;
  } catch {
    return undefined;
  }
}

const enginePath = (root: string, version: string): string => join(root, '.engines', `nats-server-${version}`);

async function onPath({ env }: FindOptions): Promise<string | undefined> {
  return executable('nats-server', env);
}

async function cached({ root, release = RELEASE }: FindOptions): Promise<string | undefined> {
  return [GO_VERSION, release.version].map((version) => enginePath(root, version)).find(isExecutable);
}

async function released({ root, say, release = RELEASE }: FindOptions): Promise<string | undefined> {
  const platform = releasePlatform();
  if (platform === undefined) return undefined;
  say(`No nats-server here: downloading the official release ${release.version} …`);
  return attempt(say, 'the download', async () => {
    const target = enginePath(root, release.version);
    await downloadRelease(target, platform, release);
    return target;
  });
}

async function goInstalled({ root, env, say }: FindOptions): Promise<string | undefined> {
  const go = executable('go', env);
  if (go === undefined) return undefined;
  say(`Building nats-server ${GO_VERSION} with go install (about a minute) …`);
  return attempt(say, 'go install', async () => {
    const target = enginePath(root, GO_VERSION);
    mkdirSync(dirname(target), { recursive: true });
    const work = mkdtempSync(join(dirname(target), 'go-'));
    try {
      const module = `github.com/nats-io/nats-server/v2@v${GO_VERSION}`;
      await run(go, ['install', module], { env: { ...env, GOBIN: work }, timeout: 10 * MINUTES });
      renameSync(join(work, 'nats-server'), target);
    } finally {
      rmSync(work, { recursive: true, force: true });
    }
    return target;
  });
}

async function packaged({ env, say }: FindOptions): Promise<string | undefined> {
  if (!canInstallPackages(env)) return undefined;
  say('Installing the Debian package nats-server …');
  return attempt(say, 'apt-get', async () => {
    await installPackage('nats-server', env);
    return executable('nats-server', { PATH: `${env.PATH}${delimiter}/usr/sbin` });
  });
}

async function attempt(
  say: (line: string) => void,
  what: string,
  work: () => Promise<string | undefined>,
): Promise<string | undefined> {
  try {
    return await work();
  } catch (error) {
    say(`  ${what} failed: ${lastWords(error)}`);
    return undefined;
  }
}

/** A failed command says why in the last line of its error output. */
function lastWords(error: unknown): string {
  const output = typeof error === 'object' && error !== null && 'stderr' in error ? String(error.stderr).trim() : '';
  return output.split('\n').at(-1) || reasonOf(error);
}
