// Which services a node runs: found by file name, chosen by `SERVICES`, loaded into a broker.
import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { ServiceBroker, ServiceSchema } from 'moleculer';
import { StartFailure } from './failure.ts';

const SUFFIX = '.service.ts';

/** What a `*.service.ts` file exports: a schema, or a function that builds it for a broker. */
type ServiceModule = { readonly default: ServiceSchema | ((broker: ServiceBroker) => ServiceSchema) };

/** Service name to file: `services/<name>/<name>.service.ts`, and `gateway/<name>.service.ts`. */
export function findServices(root: string): ReadonlyMap<string, string> {
  const domains = join(root, 'services');
  const folders = [...readdirSync(domains, { withFileTypes: true }).filter((entry) => entry.isDirectory())].map(({ name }) =>
    join(domains, name),
  );
  const files = [...folders, join(root, 'gateway')].filter((folder) => existsSync(folder)).flatMap(serviceFiles);
  return new Map(files.map((file) => [basename(file, SUFFIX), file]));
}

const serviceFiles = (folder: string): string[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith(SUFFIX))
    .sort()
    .map((name) => join(folder, name));

/** The chosen part of the known services; all of them without a choice. @throws StartFailure naming an unknown one */
export function chooseServices(known: ReadonlyMap<string, string>, wanted: string | undefined): ReadonlyMap<string, string> {
  if (wanted === undefined || wanted.trim() === '') return known;
  const names = wanted
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  const chosen = new Map<string, string>();
  for (const name of names) {
    const file = known.get(name);
    if (file === undefined)
      throw new StartFailure(`SERVICES: there is no service "${name}"; known are ${[...known.keys()].sort().join(', ')}`);
    chosen.set(name, file);
  }
  return chosen;
}

/** Creates the services on a broker that has not been started. */
export async function loadServices(broker: ServiceBroker, services: ReadonlyMap<string, string>): Promise<void> {
  const modules = await Promise.all([...services.values()].map((file) => import(file) as Promise<ServiceModule>));
  for (const { default: service } of modules) broker.createService(typeof service === 'function' ? service(broker) : service);
}
