// Every nats-server version that this machine has: what must hold on old and new servers is tested on each of them.
import { existsSync, readdirSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import { type NatsBinary, versionOf } from '../../scripts/engines/nats-binary.ts';

/** Distinct versions on the PATH and under `.engines/`; an empty list when there is none, and then `startNats()` gets one. */
export function installedServers(root = process.cwd(), env = process.env): NatsBinary[] {
  const engines = join(root, '.engines');
  const cached = existsSync(engines) ? readdirSync(engines).filter((name) => name.startsWith('nats-server-')) : [];
  const candidates = [
    ...(env.PATH ?? '')
      .split(delimiter)
      .filter(isAbsolute)
      .map((folder) => join(folder, 'nats-server')),
    ...cached.map((name) => join(engines, name)),
  ];
  const found = new Map<string, NatsBinary>();
  for (const path of candidates) {
    const version = existsSync(path) ? versionOf(path) : undefined;
    if (version !== undefined && !found.has(version)) found.set(version, { path, version });
  }
  return [...found.values()];
}

/** Rows for `describe.each`: the label and what to give to `startNats`. */
export function serverTable(): [label: string, binary: NatsBinary | undefined][] {
  const servers = installedServers();
  return servers.length === 0 ? [['nats-server', undefined]] : servers.map((server) => [`nats-server ${server.version}`, server]);
}
