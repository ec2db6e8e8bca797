import * as z from 'zod';
import { schemaOf } from './openapi-schema.ts';
import { schemaText } from './schema-text.ts';

const text = (schema: z.ZodType, io: 'input' | 'output' = 'input') => schemaText(schemaOf(schema, io));

describe('schemaText', () => {
  it('shows an object with its bounds and defaults', () => {
    const schema = z.strictObject({
      sku: z.string().min(1).max(64),
      quantity: z.int().min(1).max(99).default(1),
      note: z.string().optional(),
    });
    expect(text(schema)).toBe('{\n  sku: string 1–64 characters\n  quantity?: integer 1–99 = 1\n  note?: string\n}');
  });

  it('shows choices, lists and tables', () => {
    expect(text(z.enum(['a', 'b']))).toBe('"a" | "b"');
    expect(text(z.array(z.enum(['a', 'b'])))).toBe('("a" | "b")[]');
    expect(text(z.string().nullable())).toBe('string | null');
    expect(text(z.record(z.string(), z.number()))).toBe('{ [key]: number }');
    expect(text(z.array(z.object({ n: z.int() })), 'output')).toBe('{ n: integer }[]');
  });
});
