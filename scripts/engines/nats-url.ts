// Reads `NATS_URL` into connection options. Credentials stay out of every message that is printed.
import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'nats';
import { connect, credsAuthenticator } from 'nats';
import { reasonOf, StartFailure } from '../runtime/failure.ts';

const SCHEMES = ['nats:', 'tls:'];

/** `nats://host:4222`, `tls://…`, `nats://user:password@host`, `nats://token@host`, several with commas. */
export function natsConnection(urls: string, credentialsFile?: string): ConnectionOptions {
  const parsed = urls.split(',').map((text) => parseUrl(text.trim()));
  const { username, password } = parsed.find((url) => url.username !== '') ?? { username: '', password: '' };
  return {
    servers: parsed.map((url) => `${url.hostname}:${url.port || 4222}`),
    ...(parsed.some((url) => url.protocol === 'tls:') ? { tls: {} } : {}),
    ...(credentialsFile === undefined ? identity(username, password) : fileIdentity(credentialsFile)),
    // Default pings notice a dead server only after minutes, and the client would give up after 20 seconds.
    maxReconnectAttempts: -1,
    reconnectTimeWait: 250,
    pingInterval: 10_000,
    maxPingOut: 2,
  };
}

function parseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !SCHEMES.includes(url.protocol) || url.hostname === '') {
    throw new StartFailure('NATS_URL is not a NATS address: expected something like nats://127.0.0.1:4222');
  }
  return url;
}

function identity(username: string, password: string): ConnectionOptions {
  if (username === '') return {};
  const user = decodeURIComponent(username);
  return password === '' ? { token: user } : { user, pass: decodeURIComponent(password) };
}

function fileIdentity(file: string): ConnectionOptions {
  try {
    return { authenticator: credsAuthenticator(readFileSync(file)) };
  } catch (error) {
    throw new StartFailure(`SOUK_NATS_CREDS: ${file} cannot be read (${reasonOf(error)})`, error);
  }
}

/** Connects once. @throws StartFailure naming the variable when nobody answers or JetStream is off */
export async function checkNats(connection: ConnectionOptions, variable = 'NATS_URL'): Promise<void> {
  const where = [connection.servers].flat().join(', ');
  const nats = await connect({ ...connection, maxReconnectAttempts: 0, timeout: 5_000 }).catch((error: unknown) => {
    throw new StartFailure(`${variable}: no NATS server answers at ${where} (${reasonOf(error)})`, error);
  });
  try {
    await nats.jetstreamManager();
  } catch (error) {
    throw new StartFailure(
      `${variable}: the NATS server at ${where} has no JetStream for this account (${reasonOf(error)})`,
      error,
    );
  } finally {
    await nats.close();
  }
}
