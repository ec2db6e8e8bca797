// Moleculer's REPL on our terms: it knows the other nodes before the first command, and a piped session
// waits for the answers of its commands before it ends.
import type { REPLServer } from 'node:repl';
import type { ServiceBroker } from 'moleculer';

const DISCOVERY_MS = 1_500;
/** Nodes answer a newcomer at once, but not all in the same moment. */
const SETTLE_MS = 200;

/** Resolves when the session has begun; the process ends with it. */
export async function attachRepl(broker: ServiceBroker): Promise<void> {
  await discover(broker);
  // moleculer-repl returns the server of node:repl, its type declares nothing.
  const repl = broker.repl() as unknown as REPLServer;
  endAfterAnswers(repl, broker);
}

async function discover(broker: ServiceBroker): Promise<void> {
  const others = (): number => broker.registry.nodes.list({ onlyAvailable: true, withServices: false }).length - 1;
  for (const deadline = Date.now() + DISCOVERY_MS; others() === 0 && Date.now() < deadline; ) await sleep(25);
  await sleep(SETTLE_MS);
}

/** The REPL's own exit handler stops the broker at the end of the input, while commands still wait for answers. */
function endAfterAnswers(repl: REPLServer, broker: ServiceBroker): void {
  let waiting = 0;
  let closed = false;
  const end = async (): Promise<void> => {
    await broker.stop();
    process.exit(process.exitCode ?? 0);
  };
  const evaluate = repl.eval;
  Object.assign(repl, {
    eval(this: REPLServer, ...[command, context, file, callback]: Parameters<REPLServer['eval']>): void {
      waiting += 1;
      evaluate.call(this, command, context, file, (...answer) => {
        waiting -= 1;
        if (!closed) callback(...answer);
        else if (waiting === 0) void end();
      });
    },
  });
  repl.removeAllListeners('exit');
  repl.on('exit', () => {
    closed = true;
    if (waiting === 0) void end();
  });
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
