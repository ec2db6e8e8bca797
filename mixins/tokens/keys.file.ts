// Where a node gets its keys: `SOUK_JWT_KEYS` when set, otherwise `<data directory>/keys/keys.json`, made on first start.
// Nodes on several machines need the variable or a shared directory; each would sign with keys of its own otherwise.

import { randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { failure } from '../errors.ts';
import { createKeySet, fixedKeys, type KeySet, type Keys, parseKeySet, rotateKeySet } from './keys.ts';

/** The file is looked at again at most this often, when a token names a key id that is not known. */
const LOOK_AGAIN_MS = 250;
/** Rotating takes milliseconds. */
const LOCK_STALE_MS = 30_000;
/** A signing key in a file is replaced when it is older than this. */
export const ROTATE_AFTER_MS = 30 * 24 * 3_600_000;

export interface KeySource {
  /** Environment of the process; only `SOUK_JWT_KEYS` is read. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Data directory of this node; keys live in its folder `keys`. */
  readonly directory: string;
  readonly now?: () => number;
}

export interface OpenKeys extends Keys {
  /** Puts new keys in front; the old ones go on verifying. Refused (CONFLICT) for keys from the environment, whose owner rotates them. */
  rotate(): void;
  /** Rotates when the signing key is older than 30 days; false when it is not, or when it is not ours to rotate. */
  rotateWhenOld(): boolean;
}

/** The keys of this node. Throws one clear line when the variable or the file is not usable. */
export function openKeys({ env, directory, now = Date.now }: KeySource): OpenKeys {
  const given = env.SOUK_JWT_KEYS;
  if (given) {
    const refuse = (): never => {
      throw failure('CONFLICT', 'Keys given by SOUK_JWT_KEYS are rotated by changing the variable');
    };
    return { ...fixedKeys(parseKeySet(given, 'SOUK_JWT_KEYS')), rotate: refuse, rotateWhenOld: () => false };
  }
  return new FileKeys(join(directory, 'keys'), now);
}

/** The keys of this process, by its environment: `SOUK_JWT_KEYS`, or the data directory `SOUK_DATA` (`data` unless set). */
export function processKeys(): OpenKeys {
  return openKeys({ env: process.env, directory: process.env.SOUK_DATA || 'data' });
}

class FileKeys implements OpenKeys {
  readonly #folder: string;
  readonly #path: string;
  readonly #now: () => number;
  #keys: Keys;
  #changed = 0;
  #looked = 0;

  constructor(folder: string, now: () => number) {
    this.#folder = folder;
    this.#path = join(folder, 'keys.json');
    this.#now = now;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.#create();
    this.#keys = fixedKeys(this.#read());
  }

  signing() {
    return this.#keys.signing();
  }

  publicKey(kid: string) {
    return this.#keys.publicKey(kid) ?? (this.#lookAgain() ? this.#keys.publicKey(kid) : undefined);
  }

  secret() {
    return this.#keys.secret();
  }

  secretOf(kid: string) {
    return this.#keys.secretOf(kid) ?? (this.#lookAgain() ? this.#keys.secretOf(kid) : undefined);
  }

  rotate(): void {
    this.#alone(() => this.#replace());
    this.#load();
  }

  rotateWhenOld(): boolean {
    const rotated = this.#alone(() => {
      const [current] = this.#read().signing;
      if (!current || this.#now() - current.createdAt < ROTATE_AFTER_MS) return false;
      this.#replace();
      return true;
    });
    this.#load();
    return rotated === true;
  }

  #replace(): void {
    renameSync(this.#write(rotateKeySet(this.#read(), this.#now())), this.#path);
  }

  /**
   * Two processes that rotate at once would overwrite each other's new key. Whoever comes second leaves it to the first:
   * there are new keys afterwards either way. A lock left behind by a crash is taken over.
   */
  #alone<T>(work: () => T): T | undefined {
    const lock = join(this.#folder, 'rotating');
    const since = statSync(lock, { throwIfNoEntry: false })?.mtimeMs;
    if (since !== undefined && Date.now() - since > LOCK_STALE_MS) rmSync(lock, { recursive: true, force: true });
    try {
      mkdirSync(lock);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return undefined;
      throw error;
    }
    try {
      return work();
    } finally {
      rmSync(lock, { recursive: true, force: true });
    }
  }

  /** Linking a finished draft is atomic: of several nodes that start at once, one makes the keys and all use them. */
  #create(): void {
    if (this.#modified() !== undefined) return;
    const draft = this.#write(createKeySet(this.#now()));
    try {
      linkSync(draft, this.#path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    } finally {
      rmSync(draft, { force: true });
    }
  }

  #write(set: KeySet): string {
    const draft = join(this.#folder, `.draft-${randomBytes(6).toString('hex')}`);
    writeFileSync(draft, JSON.stringify(set, null, 2), { mode: 0o600 });
    return draft;
  }

  #read(): KeySet {
    this.#changed = this.#modified() ?? 0;
    return parseKeySet(readFileSync(this.#path, 'utf8'), this.#path);
  }

  #load(): void {
    this.#keys = fixedKeys(this.#read());
  }

  /** Another process may have rotated. True when the file was read again. */
  #lookAgain(): boolean {
    const now = Date.now();
    if (now - this.#looked < LOOK_AGAIN_MS) return false;
    this.#looked = now;
    const modified = this.#modified();
    if (modified === undefined || modified === this.#changed) return false;
    this.#load();
    return true;
  }

  #modified(): number | undefined {
    return statSync(this.#path, { throwIfNoEntry: false })?.mtimeMs;
  }
}
