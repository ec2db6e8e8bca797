// One operation of the API description, from one route.
import type { ActionContract } from '../mixins/contract.ts';
import { type ErrorCatalogue, failure } from '../mixins/errors.ts';
import {
  isFileResult,
  type JsonSchema,
  type ObjectSchema,
  objectSchemaOf,
  optional,
  schemaOf,
  without,
} from './openapi-schema.ts';
import { DEFAULT_LIMIT } from './rate-limit.ts';
import type { Route } from './routing.ts';
import { opensSession } from './session-cookies.ts';

export interface OpenApiParameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly description?: string;
  readonly schema: JsonSchema;
  readonly example?: unknown;
}

export interface OpenApiOperation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly description: string;
  readonly parameters: readonly OpenApiParameter[];
  readonly requestBody?: { readonly required: boolean; readonly content: Readonly<Record<string, MediaType>> };
  readonly responses: Readonly<Record<string, OpenApiResponse>>;
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
}

export interface MediaType {
  readonly schema: JsonSchema;
  readonly example?: unknown;
}

export interface OpenApiResponse {
  readonly description: string;
  readonly headers?: Readonly<Record<string, { readonly description: string; readonly schema: JsonSchema }>>;
  readonly content?: Readonly<Record<string, MediaType>>;
}

/** Filled in by the gateway, never by clients. */
const FROM_HEADERS = ['ifMatch', 'signature'];
const text = (description: string): { description: string; schema: JsonSchema } => ({ description, schema: { type: 'string' } });

export function operationOf(route: Route, catalogue: ErrorCatalogue): OpenApiOperation {
  const { contract, domain, action } = route;
  const body = bodyOf(route);
  return {
    operationId: action,
    tags: [domain],
    summary: contract.summary,
    description: describe(contract),
    parameters: [...pathAndQuery(route), ...headersOf(route)],
    ...(body ? { requestBody: body } : {}),
    responses: { ...successOf(route), ...problemsOf(route, catalogue) },
    security: securityOf(contract),
  };
}

function describe({ access, owner, scope, idempotent, limit = DEFAULT_LIMIT }: ActionContract): string {
  const who =
    access === 'public' ? 'anyone' : access === 'visitor' ? 'accounts and guests' : (access as readonly string[]).join(', ');
  return [
    `For: ${who}${owner ? ` (${owner})` : ''}.`,
    scope ? `API keys need the scope \`${scope}\`.` : access === 'public' ? '' : 'Closed to API keys.',
    idempotent ? 'Repeating it changes nothing more.' : '',
    `${limit.rate} requests per second, bursts of ${limit.burst}.`,
  ]
    .filter(Boolean)
    .join(' ');
}

const takesBody = ({ method, contract }: Route): boolean =>
  method !== 'GET' && method !== 'DELETE' && contract.body === undefined;

function pathAndQuery(route: Route): OpenApiParameter[] {
  const { properties } = objectSchemaOf(route.contract.params, 'output');
  const { required } = objectSchemaOf(route.contract.params, 'input');
  const example = (route.contract.example ?? {}) as Record<string, unknown>;
  const fromBody = route.contract.body === 'upload' ? ['file'] : route.contract.body === 'text' ? ['body'] : [];
  return Object.entries(properties)
    .filter(([name]) => !FROM_HEADERS.includes(name) && !fromBody.includes(name))
    .filter(([name]) => route.parameters.includes(name) || !takesBody(route))
    .map(([name, schema]) => {
      const inPath = route.parameters.includes(name);
      return {
        name,
        in: inPath ? ('path' as const) : ('query' as const),
        required: inPath || required.includes(name),
        schema,
        ...(name in example ? { example: example[name] } : {}),
      };
    });
}

function headersOf({ unsafe, fields }: Route): OpenApiParameter[] {
  if (!unsafe) return [];
  const key: OpenApiParameter = {
    name: 'Idempotency-Key',
    in: 'header',
    required: false,
    description: 'Repeating a request with its key gives the first answer again, for 24 hours',
    schema: { type: 'string', minLength: 16, maxLength: 255 },
  };
  const match: OpenApiParameter = {
    name: 'If-Match',
    in: 'header',
    required: false,
    description: 'The `ETag` of what was read; refused with 412 when it changed since',
    schema: { type: 'string' },
  };
  return fields.has('ifMatch') ? [key, match] : [key];
}

function bodyOf(route: Route): OpenApiOperation['requestBody'] {
  const { contract, parameters, action } = route;
  const binary = { schema: { type: 'string', format: 'binary' } };
  if (contract.body === 'upload') return { required: true, content: { 'image/*': binary, 'multipart/form-data': fileForm() } };
  if (contract.body === 'text') return { required: true, content: { 'text/plain': { schema: { type: 'string' } } } };
  if (!takesBody(route)) return undefined;
  let schema = without(objectSchemaOf(contract.params, 'input'), [...parameters, ...FROM_HEADERS]);
  if (opensSession(action)) schema = optional(schema, ['refreshToken']);
  if (Object.keys(schema.properties).length === 0) return undefined;
  const given = Object.entries((contract.example ?? {}) as object).filter(([name]) => !parameters.includes(name));
  const example = given.length > 0 ? { example: Object.fromEntries(given) } : {};
  return { required: schema.required.length > 0, content: { 'application/json': { schema, ...example } } };
}

function fileForm(): MediaType {
  return { schema: { type: 'object', required: ['file'], properties: { file: { type: 'string', format: 'binary' } } } };
}

function successOf({ contract, action, unsafe }: Route): Record<string, OpenApiResponse> {
  const headers = {
    'X-Request-Id': text('Id of this request'),
    ...(unsafe ? { 'X-Souk-Position': text('How far the log was when this was written') } : { ETag: text('Tag of this answer') }),
  };
  const content: Record<string, MediaType> = isFileResult(contract.result)
    ? { '*/*': { schema: { type: 'string', format: 'binary' } } }
    : { 'application/json': { schema: resultOf(contract, action) } };
  return { [contract.status ?? 200]: { description: 'Done', headers, ...(contract.status === 204 ? {} : { content }) } };
}

function resultOf(contract: ActionContract, action: string): JsonSchema {
  if (!opensSession(action)) return schemaOf(contract.result, 'output');
  const schema = optional(objectSchemaOf(contract.result, 'output'), ['accessToken', 'refreshToken']) as ObjectSchema;
  return { ...schema, description: 'Tokens become cookies; they stand here only with `Prefer: tokens`' };
}

/** Problems grouped by status, each with the codes it may carry. */
function problemsOf(route: Route, catalogue: ErrorCatalogue): Record<string, OpenApiResponse> {
  const { contract } = route;
  const codes = new Set<string>([
    'INVALID_INPUT',
    'RATE_LIMITED',
    'TIMED_OUT',
    'UNAVAILABLE',
    'INTERNAL',
    ...(contract.errors ?? []),
  ]);
  codes.add('UNAUTHENTICATED');
  if (contract.access !== 'public') codes.add('FORBIDDEN');
  if (route.parameters.length > 0) codes.add('NOT_FOUND');
  if (route.unsafe)
    for (const code of ['CROSS_SITE', 'IDEMPOTENCY_KEY_REUSED', 'CONFLICT', 'CONTENTION', 'LOG_UNAVAILABLE']) codes.add(code);
  if (takesBody(route)) codes.add('INVALID_JSON');
  if (route.unsafe) for (const code of ['BODY_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE']) codes.add(code);
  if (route.fields.has('ifMatch')) codes.add('VERSION_MISMATCH');
  const byStatus = new Map<number, string[]>();
  for (const code of codes) {
    const { status } = catalogue[code] ?? failure.catalogue.INTERNAL;
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  const content = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } };
  return Object.fromEntries(
    [...byStatus].map(([status, list]) => [String(status), { description: list.sort().join(', '), content }]),
  );
}

function securityOf({ access, scope }: ActionContract): Readonly<Record<string, readonly string[]>>[] {
  const account = [{ session: [] }, { bearer: [] }, ...(scope ? [{ apiKey: [scope] }] : [])];
  if (access === 'public') return [{}, ...account];
  return access === 'visitor' ? [{ guest: [] }, ...account] : account;
}
