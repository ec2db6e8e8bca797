// Accounts: who is who, where they are signed in and what they may do. The rules are in the pure files beside this one.
import { failure } from '../../mixins/errors.ts';
import type { Meta, Origin } from '../../mixins/meta.ts';
import { processKeys } from '../../mixins/tokens/keys.file.ts';
import { type AccountPrincipal, createVerifier } from '../../mixins/tokens/verifier.ts';
import { defineService } from '../contracts.ts';
import { type AccountState, accountOf, addressBookOf } from './account.state.ts';
import { accounts } from './accounts.contract.ts';
import { accountErrors } from './accounts.errors.contract.ts';
import { accountsView, rowOf, whereOf } from './accounts.view.ts';
import { createKey, listKeys, principalOfKey, revokeKey } from './apikeys.ts';
import { confirmPassword, ensureAccount, signIn, signUp } from './credentials.ts';
import { exportElsewhere, finishErasure } from './erasure.ts';
import { createHost } from './host.ts';
import { readRefreshToken } from './refresh-token.ts';
import { endSession, forgetSession, listSessions, refreshSession } from './sessions.ts';

const LOOK_AT_KEYS_MS = 3_600_000;
const DONE = { done: true } as const;

/** The account that acts; `access` of the contract has already asked for one. */
function acting({ principal }: Meta): AccountPrincipal {
  if (principal?.kind !== 'account') throw failure('UNAUTHENTICATED');
  return principal;
}

export default defineService(accounts, (node) => {
  const keys = processKeys();
  const host = createHost(node, keys);
  const verifier = createVerifier({ keys, now: node.now });
  const list = node.view(accountsView);
  node.follow('ACCOUNTS', verifier.observe);
  node.every(LOOK_AT_KEYS_MS, 'rotate old keys', async () => {
    if (keys.rotateWhenOld()) node.logger.info('new keys sign from now on');
  });

  async function existing(id: string): Promise<AccountState> {
    const { state } = await host.accounts.read(id);
    if (state.status !== 'active' && state.status !== 'blocked') throw accountErrors('ACCOUNT_NOT_FOUND');
    return state;
  }
  const own = ({ meta }: Origin): Promise<AccountState> => existing(acting(meta).id);

  return {
    reactions: [
      node.reaction({
        name: 'accounts-tidy',
        stream: 'ACCOUNTS',
        on: {
          'account.sessionsEnded': async ({ sessionIds, reason }, _message, origin) => {
            for (const id of sessionIds) await endSession(host, id, reason, origin);
          },
          'session.revoked': ({ accountId, sessionId }, _message, origin) => forgetSession(host, accountId, sessionId, origin),
        },
      }),
      node.reaction({
        name: 'accounts-erasure',
        stream: 'ACCOUNTS',
        // Hours, not minutes: a promise to forget must outlast a long absence of another domain.
        maxAttempts: 200,
        on: {
          'account.erasureStarted': ({ accountId }, _message, origin) => finishErasure(host, accountId, origin),
          'account.erased': ({ accountId }, _message, origin) => finishErasure(host, accountId, origin),
        },
      }),
    ],

    async started() {
      if (keys.rotateWhenOld()) node.logger.info('new keys sign from now on');
    },

    actions: {
      signUp: (ctx) => signUp(host, ctx.params, ctx),
      signIn: (ctx) => signIn(host, ctx.params, ctx),
      refresh: (ctx) => refreshSession(host, ctx.params.refreshToken, ctx),

      async signOut(ctx) {
        const { principal } = ctx.meta;
        const { refreshToken } = ctx.params;
        const session = principal?.kind === 'account' && !principal.scopes ? principal.via : undefined;
        const sessionId = session ?? (refreshToken ? readRefreshToken(keys, refreshToken)?.sessionId : undefined);
        if (sessionId) await endSession(host, sessionId, 'signed out', ctx);
        return DONE;
      },

      async currentUser(ctx) {
        const { principal } = ctx.meta;
        if (principal?.kind !== 'account') return { currentUser: null };
        // A public action asks API keys for no scope, so this one does it itself.
        if (principal.scopes && !principal.scopes.includes('account:read'))
          throw failure('FORBIDDEN', undefined, { scope: 'account:read' });
        const { state } = await host.accounts.read(principal.id);
        return { currentUser: state.status === 'active' ? accountOf(state) : null };
      },

      async changeProfile(ctx) {
        const { state } = await host.accounts.send(acting(ctx.meta).id, 'changeProfile', ctx.params, ctx);
        return accountOf(state);
      },

      async addresses(ctx) {
        return addressBookOf(await own(ctx));
      },

      async addAddress(ctx) {
        const address = { id: node.newId('adr'), ...ctx.params };
        const { state } = await host.accounts.send(acting(ctx.meta).id, 'addAddress', { address }, ctx);
        return addressBookOf(state);
      },

      async changeAddress(ctx) {
        const { addressId, ...input } = ctx.params;
        const address = { id: addressId, ...input };
        const { state } = await host.accounts.send(acting(ctx.meta).id, 'changeAddress', { address }, ctx);
        return addressBookOf(state);
      },

      async removeAddress(ctx) {
        const { state } = await host.accounts.send(acting(ctx.meta).id, 'removeAddress', ctx.params, ctx);
        return addressBookOf(state);
      },

      async chooseAddress(ctx) {
        const { state } = await host.accounts.send(acting(ctx.meta).id, 'chooseAddress', ctx.params, ctx);
        return addressBookOf(state);
      },

      async changePassword(ctx) {
        const { id, via } = acting(ctx.meta);
        await confirmPassword(host, id, ctx.params.currentPassword, ctx);
        const hash = await host.passwords.hash(ctx.params.newPassword);
        await host.accounts.send(id, 'changePassword', { hash, keep: via }, ctx);
        return DONE;
      },

      async sessions(ctx) {
        return { sessions: await listSessions(host, await own(ctx), acting(ctx.meta).via) };
      },

      async revokeSession(ctx) {
        const { sessionId } = ctx.params;
        const { state } = await host.sessions.read(sessionId);
        if (state.accountId !== acting(ctx.meta).id) throw accountErrors('SESSION_NOT_FOUND');
        await endSession(host, sessionId, 'signed out elsewhere', ctx);
        return DONE;
      },

      async revokeOtherSessions(ctx) {
        const { id, via } = acting(ctx.meta);
        const { events } = await host.accounts.send(id, 'endOtherSessions', { keep: via }, ctx);
        const ended = events.flatMap((event) => (event.type === 'account.sessionsEnded' ? event.data.sessionIds : []));
        return { ended: ended.length };
      },

      async apiKeys(ctx) {
        return { keys: await listKeys(host, await own(ctx)) };
      },

      createApiKey: (ctx) => createKey(host, acting(ctx.meta).id, ctx.params, ctx),

      async revokeApiKey(ctx) {
        await revokeKey(host, acting(ctx.meta).id, ctx.params.keyId, ctx);
        return DONE;
      },

      async exportData(ctx) {
        const account = await own(ctx);
        return {
          exportedAt: node.now(),
          account: accountOf(account),
          addresses: addressBookOf(account),
          sessions: await listSessions(host, account, acting(ctx.meta).via),
          apiKeys: await listKeys(host, account),
          elsewhere: await exportElsewhere(host, account.id, ctx),
        };
      },

      async erase(ctx) {
        const { id } = acting(ctx.meta);
        await confirmPassword(host, id, ctx.params.password, ctx);
        await host.accounts.send(id, 'startErasure', {}, ctx);
        // From here on the reaction finishes it, whatever happens to this node; doing it at once is a courtesy.
        await finishErasure(host, id, ctx).catch((error: unknown) =>
          node.logger.warn({ err: error }, 'an erasure goes on in the background'),
        );
        return DONE;
      },

      async list(ctx) {
        const { limit, after, ...filter } = ctx.params;
        const page = { where: whereOf(filter), sort: '-createdAt', limit, ...(after ? { after } : {}) };
        const { items, next } = await list.find(page);
        return { items: items.map(rowOf), ...(next ? { next } : {}) };
      },

      async inspect(ctx) {
        return accountOf(await existing(ctx.params.accountId));
      },

      async block(ctx) {
        const { accountId, reason } = ctx.params;
        const { state } = await host.accounts.send(accountId, 'block', { reason }, ctx);
        return accountOf(state);
      },

      async unblock(ctx) {
        const { state } = await host.accounts.send(ctx.params.accountId, 'unblock', {}, ctx);
        return accountOf(state);
      },

      async setRole(ctx) {
        const { accountId, role } = ctx.params;
        const { state } = await host.accounts.send(accountId, 'setRole', { role }, ctx);
        return accountOf(state);
      },

      async authenticate(ctx) {
        const { params } = ctx;
        const principal =
          'apiKey' in params ? await principalOfKey(host, params.apiKey) : verifier.accessToken(params.accessToken);
        if (!principal) throw failure('UNAUTHENTICATED');
        return principal;
      },

      async get(ctx) {
        return accountOf(await existing(ctx.params.accountId));
      },

      async ensure(ctx) {
        const { state, created } = await ensureAccount(host, ctx.params, ctx);
        return { account: accountOf(state), created };
      },

      async rotateKeys() {
        keys.rotate();
        return DONE;
      },
    },
  };
});
