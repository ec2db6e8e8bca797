// JSON Schema of what the contracts declare in zod, cut to what OpenAPI 3.1 wants.
import * as z from 'zod';

export type JsonSchema = { readonly [key: string]: unknown };

/** `input`: what a client may send, defaults are optional. `output`: what comes out, numbers of a query are numbers. */
export function schemaOf(schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any', target: 'draft-2020-12' });
  return rest;
}

export interface ObjectSchema extends JsonSchema {
  readonly type: 'object';
  readonly properties: Readonly<Record<string, JsonSchema>>;
  readonly required: readonly string[];
}

/** Parameters as an object schema; empty when the contract declares something else. */
export function objectSchemaOf(schema: z.ZodType, io: 'input' | 'output'): ObjectSchema {
  const { properties = {}, required = [], ...rest } = schemaOf(schema, io) as Partial<ObjectSchema>;
  return { ...rest, type: 'object', properties, required };
}

/** The same object without some of its properties. */
export function without(schema: ObjectSchema, names: readonly string[]): ObjectSchema {
  const properties = Object.fromEntries(Object.entries(schema.properties).filter(([name]) => !names.includes(name)));
  return { ...schema, properties, required: schema.required.filter((name) => !names.includes(name)) };
}

/** A copy in which some properties may be missing. */
export function optional(schema: ObjectSchema, names: readonly string[]): ObjectSchema {
  return { ...schema, required: schema.required.filter((name) => !names.includes(name)) };
}

/** True for results that are sent as raw bytes. */
export function isFileResult(schema: z.ZodType): boolean {
  return schema instanceof z.ZodObject && 'bytes' in schema.shape && 'contentType' in schema.shape;
}
