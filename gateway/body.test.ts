import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as z from 'zod';
import type { ActionContract } from '../mixins/contract.ts';
import { parseJson, readParams } from './body.ts';
import type { Route } from './routing.ts';

const schema = z.strictObject({});
const routeWith = (contract: Partial<ActionContract>): Route => ({
  method: 'POST',
  pattern: '/api/x',
  label: 'POST /api/x',
  action: 'x.y',
  domain: 'x',
  contract: { summary: '', params: schema, result: schema, access: 'public', ...contract },
  parameters: [],
  unsafe: true,
  fields: new Set(),
});

/** Sends a request over a real socket and reads it with `readParams`. */
async function read(contract: Partial<ActionContract>, init: RequestInit): Promise<unknown> {
  let outcome: unknown;
  const server = createServer(async (request: IncomingMessage, response) => {
    outcome = await readParams(request, routeWith(contract)).catch((error: { type: string }) => error.type);
    response.setHeader('connection', 'close').end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await fetch(`http://127.0.0.1:${port}`, { method: 'POST', ...init }).catch(() => undefined);
  server.close();
  return outcome;
}
const json = (body: string) => ({ body, headers: { 'content-type': 'application/json' } });

describe('request bodies', () => {
  it('are JSON objects', async () => {
    expect(await read({}, json('{"quantity":2}'))).toEqual({ quantity: 2 });
    expect(await read({}, { headers: { 'content-type': 'application/json' } })).toEqual({});
    expect(await read({}, json('[1]'))).toBe('INVALID_INPUT');
    expect(await read({}, json('"text"'))).toBe('INVALID_INPUT');
    expect(await read({}, json('{"a":'))).toBe('INVALID_JSON');
  });

  it('are UTF-8', async () => {
    const body = new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]);
    expect(await read({}, { body, headers: { 'content-type': 'application/json' } })).toBe('INVALID_JSON');
  });

  it('are refused when they are of another kind or compressed', async () => {
    expect(await read({}, { body: 'a=1', headers: { 'content-type': 'application/x-www-form-urlencoded' } })).toBe(
      'UNSUPPORTED_MEDIA_TYPE',
    );
    expect(await read({}, { body: '{}', headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' } })).toBe(
      'UNSUPPORTED_MEDIA_TYPE',
    );
  });

  it('are bounded, announced or streamed', async () => {
    expect(await read({ bodyLimit: 10 }, json(JSON.stringify({ a: 'x'.repeat(20) })))).toBe('BODY_TOO_LARGE');
    const stream = new ReadableStream({
      start(controller) {
        for (let i = 0; i < 10; i++) controller.enqueue(new TextEncoder().encode('x'.repeat(1_000)));
        controller.close();
      },
    });
    const init = { body: stream, headers: { 'content-type': 'application/json' }, duplex: 'half' };
    expect(await read({ bodyLimit: 5_000 }, init as RequestInit)).toBe('BODY_TOO_LARGE');
  });

  it('may be text', async () => {
    expect(await read({ body: 'text' }, { body: 'sku,title\nA,Mug', headers: { 'content-type': 'text/csv' } })).toEqual({
      body: 'sku,title\nA,Mug',
    });
  });

  it('may be one file, raw or in a form', async () => {
    const bytes = new Uint8Array([1, 2, 3]);
    expect(await read({ body: 'upload' }, { body: bytes, headers: { 'content-type': 'image/png' } })).toEqual({ file: 'AQID' });
    const form = new FormData();
    form.set('file', new Blob([bytes]), 'a.png');
    expect(await read({ body: 'upload' }, { body: form })).toEqual({ file: 'AQID' });
    form.append('second', new Blob([bytes]), 'b.png');
    expect(await read({ body: 'upload' }, { body: form })).toBe('INVALID_INPUT');
    expect(await read({ body: 'upload' }, json('{}'))).toBe('UNSUPPORTED_MEDIA_TYPE');
  });
});

describe('parseJson', () => {
  it('refuses keys that would poison what they are merged into, however they are written', () => {
    for (const text of ['{"__proto__":{"admin":true}}', '{"a":[{"__proto__":1}]}', '{"\\u005f_proto__":1}']) {
      expect(() => parseJson(text)).toThrow('__proto__');
    }
    expect(Object.hasOwn(parseJson('{"constructor":1}'), 'constructor')).toBe(true);
  });
});
