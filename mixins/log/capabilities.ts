// What the connected nats-server can do. Souk runs on 2.9 and up, and says what an older server costs.

export interface ServerFeatures {
  readonly version: string;
  /** Several filter subjects per consumer (2.10). */
  readonly filterSubjects: boolean;
  /** `sync_interval: always` is known to the server (2.10). */
  readonly syncAlways: boolean;
}

const MINIMUM = [2, 9] as const;

function parse(version: string): [number, number] {
  const match = /^(\d+)\.(\d+)/.exec(version);
  return match ? [Number(match[1]), Number(match[2])] : [0, 0];
}

const atLeast = ([major, minor]: readonly [number, number], wanted: readonly [number, number]): boolean =>
  major > wanted[0] || (major === wanted[0] && minor >= wanted[1]);

/** Features of a server version; throws one clear line when it is too old. */
export function featuresOf(version: string): ServerFeatures {
  const parsed = parse(version);
  if (!atLeast(parsed, MINIMUM)) throw new Error(`nats-server ${version} is too old: Souk needs 2.9 or newer`);
  return {
    version,
    filterSubjects: atLeast(parsed, [2, 10]),
    syncAlways: atLeast(parsed, [2, 10]),
  };
}

/** The warning to print at start, or undefined when nothing is missing. */
export function durabilityWarning(features: ServerFeatures): string | undefined {
  return features.syncAlways
    ? undefined
    : `nats-server ${features.version} syncs to disk every 2 minutes: a power failure can lose acknowledged orders. Use 2.10 or newer with sync_interval: always.`;
}
