// Streams are declared here and created or updated at start. Nothing is ever deleted by a declaration.
import { DiscardPolicy, type JetStreamManager, nanos, RetentionPolicy, StorageType, type StreamConfig } from 'nats';
import type { ServerFeatures } from './capabilities.ts';
import { SLOTS } from './subject.ts';

export interface StreamDeclaration {
  /** Upper case; its subjects are `<lower case>.>` unless given. */
  readonly name: string;
  readonly subjects?: readonly string[];
  /** Money truth: its messages cannot be purged. */
  readonly denyPurge?: boolean;
  /**
   * Spreads the slots over this many streams, `NAME_0` and on: each syncs to disk by itself, and each has a leader of its own.
   * Must divide 64 and never change once there is data.
   */
  readonly partitions?: number;
  /** Milliseconds after which messages go; for-ever when absent. */
  readonly maxAge?: number;
  /** Milliseconds during which a repeated Nats-Msg-Id is recognised; 2 minutes when absent. */
  readonly duplicateWindow?: number;
}

/** Names of the streams that hold what is called by one name: itself, or its partitions. */
export function partitionNames({ name, partitions = 1 }: Pick<StreamDeclaration, 'name' | 'partitions'>): string[] {
  return partitions === 1 ? [name] : Array.from({ length: partitions }, (_, i) => `${name}_${i}`);
}

/** The streams of a declaration, each with its share of the slots. */
function shares(declaration: StreamDeclaration): { readonly name: string; readonly subjects: readonly string[] }[] {
  const { name, partitions = 1 } = declaration;
  const prefix = name.toLowerCase();
  if (partitions === 1) return [{ name, subjects: declaration.subjects ?? [`${prefix}.>`] }];
  const size = SLOTS / partitions;
  return partitionNames(declaration).map((partition, i) => ({
    name: partition,
    subjects: Array.from({ length: size }, (_, slot) => `${prefix}.${String(i * size + slot).padStart(2, '0')}.>`),
  }));
}

export interface StreamOptions {
  readonly replicas: number;
  readonly features: ServerFeatures;
}

type Share = ReturnType<typeof shares>[number];

function configOf(
  share: Share,
  declaration: StreamDeclaration,
  options: StreamOptions,
): Partial<StreamConfig> & { name: string } {
  return {
    name: share.name,
    subjects: [...share.subjects],
    storage: StorageType.File,
    retention: RetentionPolicy.Limits,
    discard: DiscardPolicy.New,
    allow_direct: true,
    num_replicas: options.replicas,
    deny_delete: declaration.denyPurge === true,
    deny_purge: declaration.denyPurge === true,
    max_age: nanos(declaration.maxAge ?? 0),
    duplicate_window: nanos(declaration.duplicateWindow ?? 120_000),
  };
}

/** Creates the stream with its partitions, or applies what changed in its declaration. Two nodes may do so at the same time. */
export async function ensureStream(jsm: JetStreamManager, declaration: StreamDeclaration, options: StreamOptions): Promise<void> {
  await Promise.all(shares(declaration).map((share) => ensureShare(jsm, share, declaration, options)));
}

async function ensureShare(
  jsm: JetStreamManager,
  share: Share,
  declaration: StreamDeclaration,
  options: StreamOptions,
): Promise<void> {
  const wanted = configOf(share, declaration, options);
  const existing = await jsm.streams.info(wanted.name).catch((error: unknown) => {
    if ((error as { api_error?: { code?: number } }).api_error?.code === 404) return undefined;
    throw error;
  });
  if (!existing) {
    await jsm.streams.add(wanted);
    return;
  }
  const current = existing.config as unknown as Record<string, unknown>;
  const drifted = Object.entries(wanted).some(([key, value]) => JSON.stringify(current[key]) !== JSON.stringify(value));
  if (drifted) await jsm.streams.update(wanted.name, { ...existing.config, ...wanted });
}
