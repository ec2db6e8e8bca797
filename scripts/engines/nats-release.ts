// Gets the official nats-server release: downloaded over TLS, its SHA-256 compared, then unpacked into `.engines/`.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { reasonOf } from '../runtime/failure.ts';

export interface Release {
  readonly version: string;
  /** `<base>/v<version>/<asset>` */
  readonly base: string;
  /** SHA-256 by asset platform, such as `linux-amd64`. */
  readonly pins: Readonly<Record<string, string>>;
}

/**
 * The newest release whose checksums were known to us first-hand when this was written: they are the ones in the
 * official image's recipe (nats-io/nats-docker, 2.14.x/alpine3.22/Dockerfile). For a platform without a pin the release's own
 * SHA256SUMS file is used; that proves a whole download from the same origin, not more.
 */
export const RELEASE: Release = {
  version: '2.14.5',
  base: 'https://github.com/nats-io/nats-server/releases/download',
  pins: {
    'linux-amd64': '5e3b603d47c447bda1f77f9ac16dbf91c90aac4ff3681f8fbbc7201e4ed99355',
    'linux-arm64': '673a98d3faa79dde3f9ebf16d6dfac36a5f694e7ad2015e4954dd7939c85cd4c',
    'linux-arm7': 'c8796b63a8603fdebabd63146ac3d3997c29a2829fdd2af6db320f4a287f2e71',
  },
};

const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64', arm: 'arm7' };

/** `linux-amd64` and the like; undefined where no release is known to fit. */
export function releasePlatform(platform: string = process.platform, arch: string = process.arch): string | undefined {
  const cpu = ARCHITECTURES[arch];
  return cpu !== undefined && (platform === 'linux' || platform === 'darwin') ? `${platform}-${cpu}` : undefined;
}

/** Downloads, verifies and unpacks the release to `target`. Throws with the reason when any of that fails; leaves nothing behind. */
export async function downloadRelease(target: string, platform: string, release: Release = RELEASE): Promise<void> {
  const name = `nats-server-v${release.version}-${platform}`;
  const url = `${release.base}/v${release.version}`;
  const archive = await get(`${url}/${name}.tar.gz`);
  const expected = release.pins[platform] ?? listedSum(await get(`${url}/SHA256SUMS`), `${name}.tar.gz`);
  const actual = createHash('sha256').update(archive).digest('hex');
  if (actual !== expected) throw new Error(`the SHA-256 of ${name}.tar.gz is ${actual}, expected ${expected}`);
  unpack(archive, `${name}/nats-server`, target);
}

async function get(url: string): Promise<Buffer> {
  const response = await fetch(url, { signal: AbortSignal.timeout(180_000) }).catch((error: unknown) => {
    // fetch says only that it failed; the reason is in its cause.
    const cause = error instanceof Error ? (error.cause ?? error) : error;
    throw new Error(`${url} cannot be reached (${reasonOf(cause)})`);
  });
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return Buffer.from(await response.arrayBuffer());
}

function listedSum(sums: Buffer, asset: string): string {
  const line = sums
    .toString('utf8')
    .split('\n')
    .map((text) => text.trim().split(/\s+\*?/))
    .find(([, file]) => file === asset);
  if (line?.[0] === undefined) throw new Error(`SHA256SUMS of the release does not list ${asset}`);
  return line[0].toLowerCase();
}

/** Unpacks beside the target and renames, so that a killed start never leaves half a binary under its name. */
function unpack(archive: Buffer, member: string, target: string): void {
  mkdirSync(dirname(target), { recursive: true });
  const work = mkdtempSync(join(dirname(target), 'download-'));
  try {
    const file = join(work, 'release.tar.gz');
    writeFileSync(file, archive);
    execFileSync('tar', ['-xzf', file, '-C', work, member], { stdio: 'pipe' });
    chmodSync(join(work, member), 0o755);
    renameSync(join(work, member), target);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
