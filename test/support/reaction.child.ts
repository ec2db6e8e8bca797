// A process that reacts to one stream and then hangs or ends itself in the middle of a handler, for tests of lost processes.
import { Log } from '../../mixins/log/log.ts';
import type { ReactionDefinition } from '../../mixins/reaction/definition.ts';
import { Reaction } from '../../mixins/reaction/reaction.ts';

const [url = '', stream = '', mode = '', maxAttempts = ''] = process.argv.slice(2);
const silent = () => {};

async function handler(): Promise<void> {
  process.stdout.write('begun\n');
  if (mode === 'die') setTimeout(() => process.kill(process.pid, 'SIGKILL'), 50);
  await new Promise(() => setInterval(silent, 60_000));
}

const definition: ReactionDefinition<Record<string, unknown>> = {
  name: 'test-things',
  stream,
  maxAttempts: Number(maxAttempts),
  on: { 'thing.happened': handler },
};
const log = await Log.connect({ connection: { servers: url } });
await new Reaction(definition as ReactionDefinition<never>, { info: silent, warn: silent, error: silent }).start(log);
