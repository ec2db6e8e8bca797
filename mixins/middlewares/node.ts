// Gives a broker its Souk node: the log is connected before any service starts and closed after the last one stopped.
import type { Middleware, ServiceBroker } from 'moleculer';
import { type NodeOptions, nodeOf, SoukNode } from '../node.ts';
import { REQUESTS_STREAM } from './requests.ts';

export function nodeMiddleware(options: NodeOptions): Middleware {
  return {
    name: 'souk-node',
    created(broker: ServiceBroker) {
      new SoukNode(broker, { ...options, streams: [...options.streams, REQUESTS_STREAM] });
    },
    async starting(broker: ServiceBroker) {
      await nodeOf(broker).connect();
    },
    async stopping(broker: ServiceBroker) {
      await nodeOf(broker).drain();
    },
    async stopped(broker: ServiceBroker) {
      await nodeOf(broker).close();
    },
  } as unknown as Middleware;
}
