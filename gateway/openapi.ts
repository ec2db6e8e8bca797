// The OpenAPI 3.1 description of the HTTP API, derived from the contracts: what is documented is what is checked.
import type { Contract } from '../mixins/contract.ts';
import type { ErrorCatalogue } from '../mixins/errors.ts';
import { type OpenApiOperation, operationOf } from './openapi-operation.ts';
import { joinCatalogues } from './problem.ts';
import { API_PREFIX, type Route, routesOf } from './routing.ts';

export interface OpenApiDocument {
  readonly openapi: '3.1.0';
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly servers: readonly { readonly url: string }[];
  readonly tags: readonly { readonly name: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, OpenApiOperation>>>>;
  readonly components: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** Every code that a problem may carry. */
  readonly 'x-error-codes': ErrorCatalogue;
}

const DESCRIPTION = [
  'Souk is an online shop. Every refusal is a problem document (RFC 9457) with a stable `code`.',
  'Amounts are integer minor units with a currency; times are milliseconds since the epoch.',
  'Lists are read page by page: pass the `next` of an answer as `after` or `cursor`, whichever the route names.',
  'Browsers are identified by HttpOnly cookies, programs by a bearer token or an API key.',
  'A write answers with `X-Souk-Position`; a read that sends it back sees that write.',
].join('\n\n');

const PROBLEM = {
  type: 'object',
  description: 'Problem details (RFC 9457)',
  required: ['type', 'title', 'status', 'detail', 'code', 'instance', 'requestId'],
  properties: {
    type: { type: 'string', description: 'Where the code is explained' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    code: { type: 'string', description: 'Stable, for programs' },
    instance: { type: 'string' },
    requestId: { type: 'string', description: 'To be quoted when asking for help' },
    data: { type: 'object', description: 'What a program may use, such as which lines are short' },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        required: ['field', 'message'],
        properties: { field: { type: 'string' }, message: { type: 'string' } },
      },
    },
  },
};

const SECURITY_SCHEMES = {
  session: {
    type: 'apiKey',
    in: 'cookie',
    name: 'souk_access',
    description: 'Set by sign-in, valid for 15 minutes, renewed by refresh',
  },
  guest: { type: 'apiKey', in: 'cookie', name: 'souk_guest', description: 'Set by the first touch of a cart' },
  bearer: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: 'The access token of sign-in with `Prefer: tokens`',
  },
  apiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key', description: 'For machines, limited to scopes' },
};

const templateOf = ({ pattern }: Route): string => pattern.slice(API_PREFIX.length).replace(/:(\w+)/g, '{$1}');

/** The document for these contracts. */
export function openApiOf(contracts: readonly Contract[], version: string): OpenApiDocument {
  const catalogue = joinCatalogues(contracts);
  const paths: Record<string, Record<string, OpenApiOperation>> = {};
  for (const route of routesOf(contracts)) {
    const path = templateOf(route);
    paths[path] ??= {};
    paths[path][route.method.toLowerCase()] = operationOf(route, catalogue);
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Souk', version, description: DESCRIPTION },
    servers: [{ url: API_PREFIX }],
    tags: contracts.filter(({ name }) => routesOf(contracts).some(({ domain }) => domain === name)).map(({ name }) => ({ name })),
    paths,
    components: { schemas: { Problem: PROBLEM }, securitySchemes: SECURITY_SCHEMES },
    'x-error-codes': catalogue,
  };
}
