// Schemas of fields that several contracts share.
import * as z from 'zod';
import { ID_PATTERN } from './ids.ts';

/** An id or SKU: one token of a log subject. */
export const Id = z.string().regex(ID_PATTERN, 'Not a well-formed id');
export const Sku = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/, 'Not a well-formed SKU');
/** Milliseconds since the epoch. */
export const Time = z.int().min(0);
/** Whole units of a product. */
export const Quantity = z.int().min(1).max(1_000_000);
export const Cursor = z.string().min(1).max(500);
export const PageLimit = z.coerce.number().int().min(1).max(100).default(20);
/** The version a change is based on; the gateway reads it from `If-Match`. */
export const IfMatch = z.int().min(0).optional();
