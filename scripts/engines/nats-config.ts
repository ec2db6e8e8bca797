// The configuration file of our own nats-server child. We write all of it, so that nothing depends on the machine's defaults.

export interface NatsConfigOptions {
  /** 0 lets the server choose a free port. */
  readonly port: number;
  /** Folder of the store, the pid file and the port file. */
  readonly dir: string;
  /** Such as `2.14.9`. */
  readonly version: string;
}

/** `[major, minor]` of a version such as `2.14.9` or `v2.9.10`; undefined when it is none. */
export function versionParts(version: string): readonly [number, number] | undefined {
  const match = /(\d+)\.(\d+)/.exec(version);
  return match ? [Number(match[1]), Number(match[2])] : undefined;
}

export function isAtLeast(version: string, major: number, minor: number): boolean {
  const parts = versionParts(version);
  return parts !== undefined && (parts[0] > major || (parts[0] === major && parts[1] >= minor));
}

/** Loopback only, no monitoring port, every acknowledged message synced to disk where the server can do that. */
export function natsConfig({ port, dir, version }: NatsConfigOptions): string {
  const sync = isAtLeast(version, 2, 10) ? '\n  sync_interval: always' : '';
  return `# Written by Souk at every start; changes are lost.
listen: "127.0.0.1:${port === 0 ? -1 : port}"
pid_file: ${JSON.stringify(`${dir}/nats-server.pid`)}
ports_file_dir: ${JSON.stringify(`${dir}/ports`)}
max_payload: 8MB
jetstream {
  store_dir: ${JSON.stringify(dir)}${sync}
}
`;
}
