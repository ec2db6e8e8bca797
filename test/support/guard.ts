// A test run that is killed must not leave servers behind: a small shell waits for the end of our pipe, however we end.
import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';

/** Sends `signal` to the process when the test run is gone. Returns how to call that off. */
export function guard(pid: number, signal: 'TERM' | 'KILL'): () => void {
  const shell = spawn('sh', ['-c', `read -r _; kill -${signal} ${pid}`], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  shell.unref();
  (shell.stdin as Socket).unref();
  return () => void shell.kill('SIGKILL');
}
