// Every engine that is configured must answer before anything starts: otherwise one line names its variable.
import { connect } from 'node:net';
import { reasonOf, StartFailure, systemCode } from '../runtime/failure.ts';

interface Engine {
  readonly variable: string;
  readonly port: number;
}

const ENGINES: readonly Engine[] = [
  { variable: 'MONGO_URL', port: 27017 },
  { variable: 'REDIS_URL', port: 6379 },
  { variable: 'CLICKHOUSE_URL', port: 8123 },
];

const TIMEOUT_MS = 3_000;

/** @throws StartFailure for the first configured engine of which no host accepts a connection */
export async function checkEngines(env: NodeJS.ProcessEnv): Promise<void> {
  for (const engine of ENGINES) {
    const url = env[engine.variable];
    if (url) await checkEngine(engine, url);
  }
}

async function checkEngine({ variable, port }: Engine, url: string): Promise<void> {
  // Names in DNS instead of hosts: only the client can resolve them.
  if (url.startsWith('mongodb+srv:')) return;
  const hosts = hostsOf(url, port);
  if (hosts.length === 0) throw new StartFailure(`${variable} is not an address`);
  const problems = await Promise.all(hosts.map((host) => problemAt(host.name, host.port)));
  if (problems.includes(undefined)) return;
  const where = hosts.map((host) => `${host.name}:${host.port}`).join(', ');
  throw new StartFailure(`${variable}: nothing answers at ${where} (${problems[0]})`);
}

/** Hosts of a URL, of which MongoDB's may list several. Never the credentials. */
function hostsOf(url: string, defaultPort: number): { name: string; port: number }[] {
  const authority = /^[a-z][a-z0-9+.-]*:\/\/(?:[^@/]*@)?([^/?#]+)/i.exec(url)?.[1] ?? '';
  return authority
    .split(',')
    .map((host) => /^(\[[^\]]+\]|[^:]+)(?::(\d+))?$/.exec(host))
    .flatMap((match) => (match?.[1] ? [{ name: match[1].replace(/^\[|\]$/g, ''), port: Number(match[2] ?? defaultPort) }] : []));
}

function problemAt(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: TIMEOUT_MS });
    const end = (problem: string | undefined): void => {
      socket.destroy();
      resolve(problem);
    };
    socket.once('connect', () => end(undefined));
    socket.once('timeout', () => end('no answer'));
    socket.once('error', (error) => end(systemCode(error) ?? reasonOf(error)));
  });
}
