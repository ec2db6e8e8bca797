// A MongoDB for one test file: the server of MONGO_URL, or a FerretDB on SQLite (the same wire protocol) when the machine has one.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createConnection, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, isAbsolute, join } from 'node:path';
import { MongoClient } from 'mongodb';
import { until } from './until.ts';

export interface TestMongo {
  /** With a database of its own. */
  readonly url: string;
  stop(): Promise<void>;
}

/** Where FerretDB lies on this machine; undefined when it is not there. */
export function ferretPath(root = process.cwd(), env = process.env): string | undefined {
  const folders = [...(env.PATH ?? '').split(delimiter).filter(isAbsolute), join(root, '.engines')];
  return folders.map((folder) => join(folder, 'ferretdb')).find((path) => existsSync(path));
}

export const hasMongo = (): boolean => Boolean(process.env.MONGO_URL) || ferretPath() !== undefined;

export async function startMongo(): Promise<TestMongo> {
  const database = `souk_test_${Date.now()}_${process.pid}`;
  const given = process.env.MONGO_URL;
  return given ? onServer(given, database) : startFerret(database);
}

function onServer(given: string, database: string): TestMongo {
  const url = new URL(given);
  url.pathname = `/${database}`;
  return {
    url: url.href,
    async stop() {
      const client = new MongoClient(url.href);
      await client.db().dropDatabase();
      await client.close();
    },
  };
}

async function startFerret(database: string): Promise<TestMongo> {
  const binary = ferretPath();
  if (!binary) throw new Error('No MongoDB for this test: set MONGO_URL or put ferretdb on the PATH');
  const dir = mkdtempSync(join(tmpdir(), 'souk-mongo-'));
  const port = await freePort();
  const options = [`--listen-addr=127.0.0.1:${port}`, '--handler=sqlite', `--sqlite-url=file:${dir}/`, `--state-dir=${dir}`];
  const child = spawn(binary, [...options, '--debug-addr=-', '--telemetry=disable', '--log-level=error'], { stdio: 'ignore' });
  await until('ferretdb listens', () => {
    if (child.exitCode !== null) throw new Error(`ferretdb ended with ${child.exitCode}`);
    return listens(port);
  });
  return {
    url: `mongodb://127.0.0.1:${port}/${database}`,
    async stop() {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await ended;
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
