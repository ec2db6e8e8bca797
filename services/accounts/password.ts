// Passwords are kept as argon2id in PHC strings. Hashing costs 19 MiB and tens of milliseconds on purpose, so it runs
// behind a gate: a flood of sign-ins is answered with 503 instead of taking the node down.
import { type Argon2Parameters, argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import type { Gate } from './gate.ts';

const derive = promisify(argon2);

/** OWASP's second recommendation for argon2id: memory in KiB, passes, lanes. */
const COST = { memory: 19_456, passes: 2, parallelism: 1 };
const TAG_LENGTH = 32;
const PHC = /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,3}),p=(\d{1,2})\$([A-Za-z0-9+/]{11,64})\$([A-Za-z0-9+/]{22,86})$/;

const base64 = (bytes: Buffer): string => bytes.toString('base64').replaceAll('=', '');

/** The same characters typed on another keyboard must be the same password. */
const messageOf = (password: string): string => password.normalize('NFKC');

export class Passwords {
  readonly #gate: Gate;
  /** Checked when there is no account, so that the answer takes as long as for a real one. */
  readonly #decoy = phcOf(COST, randomBytes(16), randomBytes(TAG_LENGTH));

  constructor(gate: Gate) {
    this.#gate = gate;
  }

  /** PHC string of a new password. Throws SIGN_IN_BUSY. */
  async hash(password: string): Promise<string> {
    const nonce = randomBytes(16);
    const parameters: Argon2Parameters = { ...COST, message: messageOf(password), nonce, tagLength: TAG_LENGTH };
    return phcOf(COST, nonce, await this.#gate.run(() => derive('argon2id', parameters)));
  }

  /** Whether a password belongs to a PHC string; for null it takes as long and is false. Throws SIGN_IN_BUSY. */
  async verify(password: string, phc: string | null): Promise<boolean> {
    const [, memory, passes, parallelism, salt = '', tag = ''] = PHC.exec(phc ?? this.#decoy) ?? [];
    if (memory === undefined) throw new Error('A stored password hash is not a PHC string');
    const wanted = Buffer.from(tag, 'base64');
    const parameters: Argon2Parameters = {
      memory: Number(memory),
      passes: Number(passes),
      parallelism: Number(parallelism),
      message: messageOf(password),
      nonce: Buffer.from(salt, 'base64'),
      tagLength: wanted.length,
    };
    const given = await this.#gate.run(() => derive('argon2id', parameters));
    return timingSafeEqual(given, wanted) && phc !== null;
  }
}

function phcOf({ memory, passes, parallelism }: typeof COST, salt: Buffer, tag: Buffer): string {
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${base64(salt)}$${base64(tag)}`;
}
