// Is a port free? Asked before anything is started, so that a busy one costs nothing.
import { createServer } from 'node:net';
import { StartFailure, systemCode } from './failure.ts';

/** The code of what prevents listening there, such as `EADDRINUSE`; undefined when it is free. */
export function portProblem(port: number, host: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error) => resolve(systemCode(error) ?? error.message));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}

/** @throws StartFailure naming the variable */
export async function requireFreePort(port: number, host: string): Promise<void> {
  const problem = port === 0 ? undefined : await portProblem(port, host);
  if (problem === undefined) return;
  const reason = problem === 'EADDRINUSE' ? 'is already in use' : `cannot be used (${problem})`;
  throw new StartFailure(`PORT: port ${port} on ${host} ${reason}; choose another, such as PORT=${port + 1} npm start`);
}
