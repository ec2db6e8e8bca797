// A small domain that shows the gateway's side of every kind of action, so that its tests need no shop.
import * as z from 'zod';
import { defineContract } from '../../mixins/contract.ts';
import { defineErrors } from '../../mixins/errors.ts';

export const echoErrors = defineErrors({ ECHO_REFUSED: { status: 409, title: 'Refused on request' } });

const Anything = z.record(z.string(), z.unknown());
const Words = z.strictObject({ text: z.string().max(1_000).default('') });

export const echo = defineContract({
  name: 'echo',
  errors: echoErrors.catalogue,
  events: {},
  actions: {
    who: { summary: 'Who am I', params: z.strictObject({}), result: Anything, access: 'public', rest: 'GET /echo/who' },
    page: {
      summary: 'A page that never changes',
      params: z.strictObject({}),
      result: Anything,
      access: 'public',
      rest: 'GET /echo/page',
    },
    long: {
      summary: 'A long answer',
      params: z.strictObject({ size: z.coerce.number().int().max(100_000).default(5_000) }),
      result: Anything,
      access: 'public',
      rest: 'GET /echo/long',
    },
    get: {
      summary: 'A versioned thing',
      params: z.strictObject({ id: z.string().max(40) }),
      result: Anything,
      access: 'public',
      rest: 'GET /echo/things/:id',
    },
    own: {
      summary: 'A versioned thing of mine',
      params: z.strictObject({ id: z.string().max(40) }),
      result: Anything,
      access: ['customer'],
      scope: 'echo:read',
      rest: 'GET /echo/own/:id',
    },
    put: {
      summary: 'Changes a thing',
      params: z.strictObject({ id: z.string(), text: z.string(), ifMatch: z.int().optional() }),
      result: Anything,
      access: 'public',
      rest: 'PUT /echo/things/:id',
      status: 201,
    },
    say: {
      summary: 'Says it again',
      params: Words,
      result: Anything,
      access: 'public',
      rest: 'POST /echo/say',
      errors: ['ECHO_REFUSED'],
    },
    visit: { summary: 'For visitors', params: z.strictObject({}), result: Anything, access: 'visitor', rest: 'POST /echo/visit' },
    office: {
      summary: 'For staff',
      params: z.strictObject({}),
      result: Anything,
      access: ['admin', 'agent'],
      rest: 'GET /echo/office',
    },
    fail: {
      summary: 'Fails in the given way',
      params: z.strictObject({ how: z.enum(['refuse', 'bug', 'slow', 'elsewhere']) }),
      result: Anything,
      access: 'public',
      rest: 'GET /echo/fail/:how',
    },
    slow: {
      summary: 'Takes its time',
      params: z.strictObject({ ms: z.coerce.number().max(5_000) }),
      result: Anything,
      access: 'public',
      rest: 'GET /echo/slow/:ms',
    },
    limited: {
      summary: 'Three at once',
      params: z.strictObject({}),
      result: Anything,
      access: 'public',
      rest: 'GET /echo/limited',
      limit: { rate: 1, burst: 3 },
    },
    upload: {
      summary: 'Takes a file',
      params: z.strictObject({ file: z.base64() }),
      result: Anything,
      access: 'public',
      rest: 'POST /echo/upload',
      body: 'upload',
      bodyLimit: 200_000,
    },
    file: { summary: 'Bytes', params: z.strictObject({}), result: z.unknown(), access: 'public', rest: 'GET /echo/file' },
    secret: { summary: 'Internal', params: z.strictObject({}), result: Anything, access: 'internal', rest: 'GET /echo/secret' },
  },
});
