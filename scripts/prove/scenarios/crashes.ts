// (d) and (e): SIGKILL of the node, and of the nats-server, under load.
import { inParallel, pause, type Scenario, times } from '../scenario.ts';
import { loadWithCrash } from './crash-load.ts';

const stockOf = (prefix: string): Record<string, number> => Object.fromEntries(times(8, (n) => [`${prefix}-${n}`, 100_000]));
const NODE = stockOf('PROVE-NODE');
const LOG = stockOf('PROVE-LOG');

export const nodeKilled: Scenario = {
  key: 'd',
  title: 'the node killed with SIGKILL and restarted during load',
  limitMs: 90_000,
  stock: NODE,
  run: (stage) =>
    loadWithCrash(stage, Object.keys(NODE), {
      beforeMs: 2_000,
      afterMs: 2_000,
      async crash() {
        await stage.instance.killNode();
        await stage.instance.startNode();
      },
    }),
};

export const logKilled: Scenario = {
  key: 'e',
  title: 'nats-server killed with SIGKILL and restarted during load, twice',
  limitMs: 60_000,
  stock: LOG,
  run: (stage) =>
    loadWithCrash(stage, Object.keys(LOG), {
      beforeMs: 1_500,
      afterMs: 2_000,
      async crash() {
        await inParallel([1, 2], 1, async () => {
          stage.instance.killNats();
          await pause(2_500);
        });
      },
    }),
};
