// SQL over the file to import, by the ClickHouse engine in a child process (engine.child.ts). Rows arrive as they are
// read; the child ends with the query, so that nothing of the engine stays behind.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { importErrors } from './import.errors.ts';
import type { Source } from './source.ts';

export interface EngineRequest {
  readonly file: string;
  readonly format: Source['format'];
  /** `{file}` stands for the quoted path. */
  readonly sql: string;
  /** An empty folder for the engine's own files; the asking process removes it. */
  readonly folder: string;
}

export type EngineAnswer = { readonly end: true } | { readonly failed: string; readonly missing: boolean };

/** Runs `sql` over the source; each row is an array of its columns. Throws ENGINE_MISSING, FILE_CORRUPT or ENGINE_FAILED. */
export async function* queryFile<Row extends readonly unknown[]>(source: Source, sql: string): AsyncGenerator<Row, void> {
  const folder = await mkdtemp(join(tmpdir(), 'souk-import-'));
  const request: EngineRequest = { file: source.path, format: source.format, sql, folder };
  const program = join(process.cwd(), 'scripts/import/engine.child.ts');
  const child = spawn(process.execPath, [program, JSON.stringify(request)], { stdio: ['ignore', 'pipe', 'pipe'] });
  const gone = once(child, 'close');
  const complaint = text(child.stderr);
  try {
    let answer: EngineAnswer | undefined;
    for await (const line of createInterface({ input: child.stdout })) {
      const message = JSON.parse(line) as Row | EngineAnswer;
      if (isAnswer(message)) answer = message;
      else yield message;
    }
    if (answer === undefined) throw importErrors('ENGINE_FAILED', `The query ended early: ${lastLine(await complaint)}`);
    if ('failed' in answer) throw failureOf(answer, source);
  } finally {
    child.kill('SIGKILL');
    await gone;
    await rm(folder, { recursive: true, force: true });
  }
}

function isAnswer(message: readonly unknown[] | EngineAnswer): message is EngineAnswer {
  return !Array.isArray(message);
}

function failureOf(answer: { failed: string; missing: boolean }, source: Source) {
  if (answer.missing)
    return importErrors('ENGINE_MISSING', 'The import needs the optional package chdb: npm install --include=optional');
  const reason = readable(answer.failed);
  const row = /\(at row (\d+)\)/.exec(answer.failed)?.[1];
  const data = row === undefined ? {} : { row: Number(row) };
  return importErrors(
    'FILE_CORRUPT',
    `${source.path} cannot be read as ${source.format}${row ? ` (row ${row})` : ''}: ${reason}`,
    data,
  );
}

/** What the engine complains about, without its codes and dumps of rows. */
function readable(message: string): string {
  const plain = /^ERROR: (.*)$/m.exec(message)?.[1] ?? message.split('\n')[0] ?? '';
  return plain
    .replace(/^Code: \d+\. DB::Exception: /, '')
    .replace(/: \((in file|at row).*$/, '')
    .slice(0, 200);
}

function lastLine(output: string): string {
  return output.trim().split('\n').at(-1) ?? '';
}
