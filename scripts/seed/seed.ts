// Fills an empty shop with what a first visitor needs: one login per role and the demo catalogue. Runs once; a seed that was
// interrupted is done again, because the administrator, made last, marks the end.
import type { ServiceBroker } from 'moleculer';
import { codeOf } from '../../mixins/errors.ts';
import type { Role } from '../../mixins/principal.ts';
import { seedCatalogue } from './demo-shop.ts';

export interface DemoLogin {
  readonly role: Role;
  readonly email: string;
  readonly password: string;
  readonly name: string;
  readonly id: string;
}

/** Everybody may know these: they exist in demo shops only. */
const PASSWORD = 'souk-demo';

const login = (role: Role, name: string): DemoLogin => ({
  role,
  name,
  email: `${role}@souk.test`,
  password: PASSWORD,
  id: `acc_demo-${role}`,
});

const SELLER = login('seller', 'Samira Seller');
const ADMIN = login('admin', 'Ada Admin');
export const DEMO_LOGINS: readonly DemoLogin[] = [
  login('customer', 'Carla Customer'),
  SELLER,
  login('agent', 'Amir Agent'),
  ADMIN,
];

/** True when this call filled the shop, false when it was filled before. */
export async function seedIfEmpty(broker: ServiceBroker): Promise<boolean> {
  if (await isSeeded(broker)) return false;
  for (const account of DEMO_LOGINS) if (account !== ADMIN) await ensure(broker, account);
  await seedCatalogue(broker, SELLER.id);
  await ensure(broker, ADMIN);
  return true;
}

const ensure = (broker: ServiceBroker, { email, password, name, role, id }: DemoLogin) =>
  broker.call('accounts.ensure', { email, password, name, role, id });

async function isSeeded(broker: ServiceBroker): Promise<boolean> {
  try {
    await broker.call('accounts.get', { accountId: ADMIN.id });
    return true;
  } catch (error) {
    if (codeOf(error) === 'ACCOUNT_NOT_FOUND') return false;
    throw error;
  }
}
