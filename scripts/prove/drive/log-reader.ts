// Reads the whole log from its beginning, and later only what has come since. Read-only and from outside: the auditor's eyes.
import { DeliverPolicy } from 'nats';
import { Log } from '../../../mixins/log/log.ts';
import { decodeMessage, type LogMessage } from '../../../mixins/log/message.ts';
import { streams } from '../../../moleculer.config.ts';

export const AUDITED = ['STOCK', 'CARTS', 'ORDERS', 'PAYMENTS', 'LEDGER'] as const;

export class LogReader {
  readonly messages: LogMessage[] = [];
  readonly #url: () => string;
  readonly #read = new Map<string, number>();

  /** `url` is asked every time: a restarted shop may have its log elsewhere. */
  constructor(url: () => string) {
    this.#url = url;
  }

  /** Reads on to the present end. Returns how many messages were new. */
  async readOn(): Promise<number> {
    const before = this.messages.length;
    const log = await Log.connect({ connection: { servers: this.#url() } });
    try {
      log.know(streams);
      for (const stream of AUDITED)
        for (const partition of log.partitionsOf(stream)) await this.#readStream(log, stream, partition);
    } finally {
      await log.close();
    }
    return this.messages.length - before;
  }

  /** Partitions are read under the name of their stream: the auditor thinks in actors. */
  async #readStream(log: Log, stream: string, partition: string): Promise<void> {
    const from = (this.#read.get(partition) ?? 0) + 1;
    const end = await log.end(partition);
    if (end < from) return;
    const consumer = await log.js.consumers.get(partition, { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: from });
    for await (const raw of await consumer.consume({ max_messages: 5_000 })) {
      this.messages.push(decodeMessage(stream, raw.seq, raw.subject, raw.data));
      if (raw.seq >= end) break;
    }
    this.#read.set(partition, end);
  }
}
