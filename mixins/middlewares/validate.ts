// Parameters are checked by the contract's schema on the called node. Schemas live in the contract module and are looked up
// by action name: Moleculer would deep-clone and broadcast anything that sits in an action definition.
import type * as z from 'zod';
import type { ActionContract } from '../contract.ts';
import { failure } from '../errors.ts';

export interface FieldError {
  /** Dotted path such as `lines.0.quantity`; empty for the whole input. */
  readonly field: string;
  readonly message: string;
}

export function fieldErrors(error: z.ZodError): FieldError[] {
  return error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({ field: [...issue.path, key].join('.'), message: 'Unknown field' }))
      : [{ field: issue.path.join('.'), message: issue.message }],
  );
}

/** The parsed parameters. @throws INVALID_INPUT with `data.errors: FieldError[]` */
export function parseParams(contract: ActionContract, params: unknown): unknown {
  const parsed = contract.params.safeParse(params ?? {});
  if (parsed.success) return parsed.data;
  const errors = fieldErrors(parsed.error);
  const [first] = errors;
  throw failure('INVALID_INPUT', first ? `${first.field || 'input'}: ${first.message}` : undefined, { errors });
}
