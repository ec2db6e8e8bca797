// Dead letters in the hands of operators. From the REPL: `call ops.list`, `call ops.show --id 1`, `call ops.replay --id 1`.
import { codeOf } from '../../mixins/errors.ts';
import { deadLetter, dropDeadLetter, type FiledLetter, listDeadLetters } from '../../mixins/reaction/dead-letters.ts';
import { defineService } from '../contracts.ts';
import { ops, opsErrors } from './ops.contract.ts';

const GONE = ['SERVICE_NOT_FOUND', 'SERVICE_NOT_AVAILABLE'];

export default defineService(ops, (node) => {
  async function find(id: number): Promise<FiledLetter> {
    const letter = await deadLetter(node.log, id);
    if (!letter) throw opsErrors('DEAD_LETTER_NOT_FOUND', undefined, { id });
    return letter;
  }

  /** Reactions are named `<service>-<purpose>`; every service runs its own again by this action. */
  async function runAgain({ id, reaction, stream, seq }: FiledLetter): Promise<void> {
    const [service = ''] = reaction.split('-');
    try {
      await node.broker.call(`${service}.replayDeadLetter`, { reaction, stream, seq });
    } catch (error) {
      const code = codeOf(error) ?? 'INTERNAL';
      if (GONE.includes(code)) throw opsErrors('REACTION_NOT_RUNNING', undefined, { id, service });
      node.logger.warn({ err: error, id, reaction }, 'a dead letter failed again');
      throw opsErrors('REPLAY_FAILED', undefined, { id, reaction, code });
    }
  }

  return {
    actions: {
      async list(ctx) {
        const { cursor, limit } = ctx.params;
        const found = await listDeadLetters(node.log, cursor, limit + 1);
        const items = found.slice(0, limit);
        const last = items.at(-1);
        return { items, ...(found.length > limit && last ? { next: String(last.id) } : {}) };
      },

      async show(ctx) {
        const letter = await find(ctx.params.id);
        const step = await node.log.at(letter.stream, letter.seq);
        if (!step) return letter;
        const { v, at, by, events } = step.body;
        return { ...letter, message: { v, at, by, events: events.map(({ type, data }) => ({ type, data })) } };
      },

      async replay(ctx) {
        const letter = await find(ctx.params.id);
        await runAgain(letter);
        await dropDeadLetter(node.log, letter.id);
        return { id: letter.id, replayed: true };
      },

      async drop(ctx) {
        const { id } = ctx.params;
        if (!(await dropDeadLetter(node.log, id))) throw opsErrors('DEAD_LETTER_NOT_FOUND', undefined, { id });
        return { id, dropped: true };
      },
    },
  };
});
