// The node's log lines: pino JSON for machines, one short line for a person at a terminal. Secrets never pass, whatever is logged.
import type { LoggerOptions } from 'pino';

export interface LogSettings {
  readonly level: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';
  /** `json` for collectors, `pretty` for people. */
  readonly format: 'json' | 'pretty';
}

/** Field names whose value is never written, at any of the first four levels of what is logged. */
const SECRET_FIELDS = [
  'password',
  'currentPassword',
  'newPassword',
  'passwordHash',
  'secret',
  'clientSecret',
  'token',
  'accessToken',
  'refreshToken',
  'apiKey',
  'authorization',
  'cookie',
  'set-cookie',
  'card',
  'cardNumber',
  'cvc',
  'pass',
];

const at = (depth: number, field: string): string => `${'*.'.repeat(depth)}${field}`.replace(/\.?set-cookie$/, '["set-cookie"]');

/** Paths in pino's notation. */
export const REDACTED: readonly string[] = SECRET_FIELDS.flatMap((field) => [0, 1, 2, 3].map((depth) => at(depth, field)));

export function pinoOptions({ level }: LogSettings): LoggerOptions {
  return {
    level,
    base: null,
    redact: { paths: [...REDACTED], censor: '[hidden]' },
    hooks: {
      // Moleculer itself writes the sentence first, and pino would drop the object or error that follows it.
      logMethod(args, method) {
        const [message, fields]: readonly unknown[] = args;
        const misplaced = typeof message === 'string' && typeof fields === 'object' && fields !== null;
        if (misplaced) method.apply(this, [fields instanceof Error ? { err: fields } : fields, message]);
        else method.apply(this, args);
      },
    },
  };
}

interface LogLine {
  readonly level: number;
  readonly time: number;
  readonly mod?: string;
  readonly msg?: string;
  readonly [field: string]: unknown;
}

const LEVELS: Readonly<Record<number, string>> = { 10: 'TRACE', 20: 'DEBUG', 30: 'INFO ', 40: 'WARN ', 50: 'ERROR', 60: 'FATAL' };
const NOISE = new Set(['level', 'time', 'mod', 'svc', 'ver', 'ns', 'nodeID', 'msg']);

/** One JSON line of pino as a person reads it. */
export function prettyLine(json: string): string {
  const line = JSON.parse(json) as LogLine;
  const fields = Object.entries(line).filter(([key]) => !NOISE.has(key));
  const rest = fields.map(([key, value]) => `${key}=${readable(value)}`).join(' ');
  const time = new Date(line.time).toISOString().slice(11, 23);
  return `${time} ${LEVELS[line.level] ?? line.level} ${line.mod ?? ''}: ${[line.msg, rest].filter(Boolean).join('  ')}\n`;
}

function readable(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'object' && value !== null && 'stack' in value) return String(value.stack);
  return JSON.stringify(value);
}

/** Where pretty lines go: the error output, so that what a command prints stays clean. */
export const prettyDestination = { write: (json: string): void => void process.stderr.write(prettyLine(json)) };
