// Settings of a process from its environment; a value that cannot be used is refused in one line that names its variable.
import { StartFailure } from './failure.ts';

/** A whole number within bounds, or the default when the variable is not set. */
export function wholeNumber(env: NodeJS.ProcessEnv, name: string, otherwise: number, least = 0, most = 9_999_999): number {
  const text = env[name];
  if (text === undefined || text === '') return otherwise;
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= least && value <= most))
    throw new StartFailure(`${name}: "${text}" is not a whole number from ${least} to ${most}`);
  return value;
}

/** One of the choices, or the default when the variable is not set. */
export function choice<const T extends string>(env: NodeJS.ProcessEnv, name: string, choices: readonly T[], otherwise: T): T {
  const text = env[name];
  if (text === undefined || text === '') return otherwise;
  const chosen = choices.find((one) => one === text);
  if (chosen === undefined) throw new StartFailure(`${name}: "${text}" is none of ${choices.join(', ')}`);
  return chosen;
}
