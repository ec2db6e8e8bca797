// The service behind the echo contract: it answers with what reached it.
import { bindDefineService } from '../../mixins/service.ts';
import { echo, echoErrors } from './echo.contract.ts';

const defineService = bindDefineService<typeof echo>();
const PAGE = Object.freeze({ items: Array.from({ length: 40 }, (_, i) => ({ id: `prd_${i}`, title: `Product number ${i}` })) });
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export const calls: string[] = [];

export default defineService(echo, () => ({
  actions: {
    who: async (ctx) => ({
      principal: ctx.meta.principal,
      client: ctx.meta.client,
      requestId: ctx.meta.requestId,
      trace: ctx.meta.traceparent,
    }),
    page: async () => PAGE,
    long: async (ctx) => ({ text: 'lorem ipsum '.repeat(ctx.params.size / 12) }),
    get: async (ctx) => ({ id: ctx.params.id, version: 3 }),
    own: async (ctx) => ({ id: ctx.params.id, version: 3 }),
    put: async (ctx) => {
      ctx.meta.location = `/api/echo/things/${ctx.params.id}`;
      ctx.meta.position = 'ECHO=7';
      if (ctx.params.text === 'bad header') ctx.meta.headers = { 'X-Broken': 'line\nbreak' };
      return { ...ctx.params, version: 4 };
    },
    say: async (ctx) => {
      calls.push(ctx.params.text);
      if (ctx.params.text === 'refuse') throw echoErrors('ECHO_REFUSED', 'You asked for it', { left: 2 });
      return { text: ctx.params.text, count: calls.length, async: ctx.meta.respondAsync === true };
    },
    visit: async (ctx) => ({ by: ctx.meta.principal }),
    office: async () => ({ ok: true }),
    fail: async (ctx) => {
      if (ctx.params.how === 'refuse') throw echoErrors('ECHO_REFUSED');
      if (ctx.params.how === 'slow') await sleep(1_500);
      if (ctx.params.how === 'elsewhere') return (await ctx.broker.call('nowhere.get')) as Record<string, unknown>;
      throw new TypeError('password=hunter2 at /srv/secret.ts');
    },
    slow: async (ctx) => {
      await sleep(ctx.params.ms);
      return { slept: ctx.params.ms };
    },
    limited: async () => ({ ok: true }),
    upload: async (ctx) => ({ bytes: Buffer.from(ctx.params.file, 'base64').length }),
    file: async () => ({
      contentType: 'image/png',
      bytes: Buffer.from([137, 80, 78, 71]),
      headers: { 'Cache-Control': 'public, max-age=31536000, immutable' },
    }),
    secret: async () => ({ secret: true }),
  },
}));
