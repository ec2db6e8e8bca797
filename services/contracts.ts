// Joins the contracts of all domains: the one place where actions and events of the whole shop are known by type.
import type { ActionMap, Contract, EventMap } from '../mixins/contract.ts';
import { bindDefineService, type Caller } from '../mixins/service.ts';
import { accounts } from './accounts/accounts.contract.ts';
import { carts } from './carts/carts.contract.ts';
import { catalog } from './catalog/catalog.contract.ts';
import { ops } from './ops/ops.contract.ts';
import { orders } from './orders/orders.contract.ts';
import { payments } from './payments/payments.contract.ts';
import { search } from './search/search.contract.ts';
import { stock } from './stock/stock.contract.ts';

/** Every contract of the shop, in the order of their names. */
export const contracts = [accounts, carts, catalog, ops, orders, payments, search, stock] as const satisfies readonly Contract[];

type All = (typeof contracts)[number];
export type Actions = ActionMap<All>;
export type Events = EventMap<All>;

/** What helpers of a service need of its context: the meta and typed calls. */
export type ServiceContext = Caller<Actions>;

/** `defineService` that knows every action and event of the shop. */
export const defineService = bindDefineService<All>();
