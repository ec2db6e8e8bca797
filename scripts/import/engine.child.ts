// Runs one query over the file in a process of its own, because the ClickHouse engine keeps some 500 MB that the node
// shall not carry. Takes one JSON request as its argument; answers with one JSON array a row, then `{"end":true}` or `{"failed":…}`.
import { once } from 'node:events';
import { symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { EngineAnswer, EngineRequest } from './engine.ts';

/** Writes a line, waiting for the reader when it is slower. */
async function write(line: string | Uint8Array): Promise<void> {
  if (!process.stdout.write(line)) await once(process.stdout, 'drain');
}

const say = (answer: EngineAnswer) => write(`${JSON.stringify(answer)}\n`);

async function run(request: EngineRequest): Promise<void> {
  // The engine reads globs, archives and quotes out of a path: give it a plain one.
  const link = join(request.folder, `input.${request.format}`);
  symlinkSync(resolve(request.file), link);
  const { Session } = await import('chdb');
  const session = new Session(join(request.folder, 'engine'));
  try {
    const sql = request.sql.replaceAll('{file}', `'${link}'`);
    const result = await session.queryAsync(sql, { format: 'JSONCompactEachRow' });
    await write(result.bytes());
    await say({ end: true });
  } finally {
    session.close();
  }
}

async function main(): Promise<void> {
  const request = JSON.parse(process.argv[2] ?? '{}') as EngineRequest;
  try {
    await run(request);
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    await say({ failed: message, missing: code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND' });
  }
}

await main();
