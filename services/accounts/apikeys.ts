// Making, listing and checking API keys. An account lists its keys; the key itself says what it may do.
import type { Origin } from '../../mixins/meta.ts';
import type { AccountPrincipal } from '../../mixins/tokens/verifier.ts';
import type { AccountState } from './account.state.ts';
import { accountErrors } from './accounts.errors.contract.ts';
import type { ApiKey } from './accounts.schema.contract.ts';
import { apiKeyOf, keyIdOf, mintApiKey, opensWith } from './apikey.ts';
import type { Host } from './host.ts';

/** Creates a key; `secret` exists in this answer only. Throws API_KEYS_FULL. */
export async function createKey(
  host: Host,
  accountId: string,
  input: { readonly name: string; readonly scopes: readonly string[] },
  origin: Origin,
): Promise<{ key: ApiKey; secret: string }> {
  const keyId = host.node.newId('key');
  const { secret, ...stored } = mintApiKey(keyId);
  await host.accounts.send(accountId, 'addKey', { keyId }, origin);
  const scopes = [...new Set(input.scopes)];
  const { state } = await host.apiKeys.send(keyId, 'create', { accountId, name: input.name, scopes, ...stored }, origin);
  return { key: apiKeyOf(state), secret };
}

export async function listKeys(host: Host, account: AccountState): Promise<ApiKey[]> {
  const states = await Promise.all(account.keys.map(async (id) => (await host.apiKeys.read(id)).state));
  return states.filter(({ status }) => status === 'active').map(apiKeyOf);
}

/** Throws API_KEY_NOT_FOUND for a key of somebody else, as for one that never was. */
export async function revokeKey(host: Host, accountId: string, keyId: string, origin: Origin): Promise<void> {
  const { state } = await host.apiKeys.read(keyId);
  if (state.accountId !== accountId) throw accountErrors('API_KEY_NOT_FOUND');
  await host.apiKeys.send(keyId, 'revoke', {}, origin);
  await host.accounts.send(accountId, 'removeKey', { keyId }, origin);
}

/** Who acts with an API key, exact; undefined when the key or its account is not good. */
export async function principalOfKey(host: Host, secret: string): Promise<AccountPrincipal | undefined> {
  const keyId = keyIdOf(secret);
  if (keyId === undefined) return undefined;
  const { state: key } = await host.apiKeys.read(keyId);
  if (!opensWith(key, secret)) return undefined;
  const { state: account } = await host.accounts.read(key.accountId);
  if (account.status !== 'active' || !account.keys.includes(keyId)) return undefined;
  return { kind: 'account', id: account.id, role: account.role, via: keyId, scopes: key.scopes };
}
