// A JSON schema the way a person reads it: the shape of an object with its bounds, in one glance.
import type { JsonSchema } from './openapi-schema.ts';

type Properties = Readonly<Record<string, JsonSchema>>;

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const isSchema = (value: unknown): value is JsonSchema => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Such as `{ sku: string, quantity?: integer 1–10000 }`, over several lines. */
export function schemaText(schema: JsonSchema, indent = ''): string {
  const options = [...list(schema.anyOf), ...list(schema.oneOf)].filter(isSchema);
  if (options.length > 0) return options.map((option) => schemaText(option, indent)).join(' | ');
  if (schema.enum !== undefined)
    return list(schema.enum)
      .map((value) => JSON.stringify(value))
      .join(' | ');
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (Array.isArray(schema.type)) return schema.type.map((type: unknown) => schemaText({ ...schema, type }, indent)).join(' | ');
  if (schema.type === 'array') return `${grouped(isSchema(schema.items) ? schemaText(schema.items, indent) : 'any')}[]`;
  if (schema.type === 'object') return objectText(schema, indent);
  return `${String(schema.type ?? 'any')}${schema.type === 'null' ? '' : boundsOf(schema)}`;
}

const grouped = (text: string): string => (text.includes(' | ') && !text.startsWith('{') ? `(${text})` : text);

function objectText(schema: JsonSchema, indent: string): string {
  const properties = Object.entries((schema.properties ?? {}) as Properties);
  const inner = `${indent}  `;
  if (properties.length === 0) {
    return isSchema(schema.additionalProperties) ? `{ [key]: ${schemaText(schema.additionalProperties, inner)} }` : '{}';
  }
  const required = new Set(list(schema.required));
  const lines = properties.map(([name, value]) => {
    const preset = value.default === undefined ? '' : ` = ${JSON.stringify(value.default)}`;
    return `${inner}${name}${required.has(name) ? '' : '?'}: ${schemaText(value, inner)}${preset}`;
  });
  const short = `{ ${lines.map((line) => line.trim()).join(', ')} }`;
  return lines.length <= 3 && short.length <= 60 && !short.includes('\n') ? short : `{\n${lines.join('\n')}\n${indent}}`;
}

function boundsOf({ minimum, maximum, exclusiveMinimum, minLength, maxLength, pattern, format }: JsonSchema): string {
  const notes: string[] = [];
  const low = minimum ?? (exclusiveMinimum === undefined ? undefined : `>${String(exclusiveMinimum)}`);
  const high = typeof maximum === 'number' && maximum < Number.MAX_SAFE_INTEGER ? maximum : undefined;
  const least = typeof low === 'number' && low <= Number.MIN_SAFE_INTEGER ? undefined : low;
  if (high !== undefined) notes.push(`${String(least ?? '')}–${String(high)}`);
  else if (typeof least === 'number') notes.push(`≥ ${least}`);
  else if (least !== undefined) notes.push(String(least));
  if (minLength !== undefined || maxLength !== undefined) {
    notes.push(`${String(minLength ?? 0)}–${String(maxLength ?? '')} characters`);
  }
  if (typeof format === 'string') notes.push(format);
  else if (typeof pattern === 'string' && pattern.length <= 24) notes.push(pattern);
  return notes.length > 0 ? ` ${notes.join(', ')}` : '';
}
