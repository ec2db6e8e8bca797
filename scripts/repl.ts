// `npm run repl`: an operator on the bus of the running shop. Also piped: `echo "nodes" | npm run repl`.
import { runEntry } from './runtime/failure.ts';
import { joinShop } from './runtime/join.ts';
import { attachRepl } from './runtime/repl-session.ts';

await runEntry(async () => attachRepl(await joinShop(process.env, 'repl')));
