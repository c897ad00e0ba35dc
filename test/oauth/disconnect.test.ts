import { describe, expect, it, onTestFinished } from 'vitest';
import { approve } from '../../src/mock/approve.ts';
import { createMock } from '../../src/mock/mock.ts';
import { serveMock } from '../../src/mock/serve.ts';
import { authorizationUrl, newAuthorization } from '../../src/oauth/authorization-request.ts';
import { disconnect } from '../../src/oauth/disconnect.ts';
import { exchangeCode, type Protocol } from '../../src/oauth/protocol.ts';
import { openRefreshToken } from '../../src/oauth/sealed-token.ts';
import type { Provider } from '../../src/providers/provider.ts';
import { quickbooks } from '../../src/providers/quickbooks/provider.ts';
import { slack } from '../../src/providers/slack/provider.ts';
import { database, failureOf } from '../http/support.ts';
import { oddServer } from '../support/odd-server.ts';
import { virtualClock } from '../support/virtual-clock.ts';
import { connected, fixedVault, protocolFor, rowOf, tokenSet } from './support.ts';

const HALF_DAY_MS = 43_200_000;

/** A connection to the mock of a provider; its tokens may be revoked elsewhere. */
async function setup(provider: Provider, change: Partial<Protocol> = {}, revokedAt?: string) {
  const clock = virtualClock();
  const mock = createMock({ clock });
  const { url, close } = await serveMock({ mock, port: 0 });
  onTestFinished(close);
  const endpoints = provider.environments.mock?.(url);
  if (!endpoints) throw new Error('no mock');
  const revocation = revokedAt === undefined ? {} : { revocationEndpoint: revokedAt };
  const protocol = protocolFor(provider, { ...endpoints, ...revocation }, { clock, ...change });
  const own = { ...newAuthorization(), redirectUri: 'http://127.0.0.1:8914/callback' };
  const address = await approve(authorizationUrl(protocol, { ...own, scopes: provider.oauth.scopes }).href);
  const store = database(clock.now)();
  const vault = fixedVault(store);
  const set = await exchangeCode(protocol, new URL(address).searchParams, own);
  const key = { account: 'acme', provider: provider.id };
  const row = await connected(store, vault, set, { provider: provider.id });
  const control = (path: string) => fetch(`${url}/_mock/${path}`, { method: 'POST' });
  const stop = new AbortController();
  const held: Promise<unknown>[] = [];
  /** `meanwhile` happens when the disconnection has begun and nothing has been asked of the provider. */
  const end = (how: { keepRemote?: boolean; force?: boolean } = {}, meanwhile: () => unknown = () => {}) =>
    disconnect(
      row,
      { keepRemote: false, force: false, ...how },
      {
        ...{ store, vault: async () => vault, clock, owner: 'p', signal: stop.signal },
        unstopped: (work) => {
          held.push(work);
          return work;
        },
        protocolFor: async (_row, signal) => {
          await meanwhile();
          signal.throwIfAborted();
          return protocol;
        },
      },
    );
  const asked = (path: string) => mock.log.filter((request) => request.path.endsWith(path)).length;
  return { clock, store, vault, row, key, end, asked, control, stop, held };
}

describe('a disconnection', () => {
  it.each([
    ['quickbooks', quickbooks, '/tokens/revoke'],
    ['slack', slack, '/auth.revoke'],
  ])('revokes at the provider, then deletes here: %s', async (_id, provider, path) => {
    const { store, key, end, asked } = await setup(provider);
    expect(await end()).toBe('revoked');
    expect([asked(path), await store.connection(key)]).toEqual([1, undefined]);
  });

  it('deletes nothing when the provider cannot be reached, and says so', async () => {
    const { store, row, key, end, control } = await setup(quickbooks);
    await control('faults?fault=503');
    const error = await failureOf(end());
    expect(error).toMatchObject({
      code: 'SERVER_ERROR',
      exitCode: 5,
      message: expect.stringMatching(/ Nothing was deleted\.$/),
      facts: { account: 'acme', provider: 'quickbooks' },
    });
    expect(await rowOf(store, key)).toEqual(row);
  });

  it('deletes all the same with --force', async () => {
    const { store, key, end, control } = await setup(quickbooks);
    await control('faults?fault=503');
    expect([await end({ force: true }), await store.connection(key)]).toEqual(['failed', undefined]);
  });

  it('asks nobody with --keep-remote', async () => {
    const { store, key, end, asked } = await setup(quickbooks);
    expect([await end({ keepRemote: true }), asked('/tokens/revoke'), await store.connection(key)]).toEqual([
      'kept',
      0,
      undefined,
    ]);
  });

  it('revokes nothing where the provider has no way to', async () => {
    const settings = { ...quickbooks.oauth, revocation: 'none' } as const;
    const { end } = await setup(quickbooks, { settings });
    expect(await end()).toBe('not-offered');
  });

  it('revokes nothing where the server says that it cannot revoke such tokens (RFC 7009, 2.2.1)', async () => {
    const server = await oddServer(() => ({ status: 400, json: { error: 'unsupported_token_type' } }));
    const { store, key, end } = await setup(quickbooks, {}, `${server.url}/revoke`);
    expect([await end(), await store.connection(key)]).toEqual(['not-offered', undefined]);
    expect(server.received.map(({ path }) => path)).toEqual(['/revoke']);
  });

  it('takes a grant that the provider has ended before for ended', async () => {
    for (const provider of [quickbooks, slack]) {
      const { store, key, end, control } = await setup(provider);
      await control('revoke');
      expect([provider.id, await end(), await store.connection(key)]).toEqual([provider.id, 'revoked', undefined]);
    }
  });

  it('gets a new token first where the revocation needs one that has not expired (Slack)', async () => {
    const { clock, store, key, end, asked } = await setup(slack);
    clock.jump(HALF_DAY_MS);
    expect(await end()).toBe('revoked');
    expect([asked('/auth.revoke'), await store.connection(key)]).toEqual([1, undefined]);
  });

  it('keeps that new token when the revocation then fails', async () => {
    const { clock, store, vault, row, key, end, control } = await setup(slack);
    clock.jump(HALF_DAY_MS);
    await control('faults?fault=503:slack/auth.revoke');
    expect(await failureOf(end())).toMatchObject({ code: 'SERVER_ERROR' });
    const kept = await rowOf(store, key);
    const before = (await openRefreshToken(vault, row))?.reveal();
    expect([kept.generation, (await openRefreshToken(vault, kept))?.reveal() === before]).toEqual([2, false]);
  });

  it('of what is gone already is said to be so', async () => {
    const { key, end } = await setup(quickbooks);
    await end();
    expect(await failureOf(end())).toMatchObject({ code: 'NOT_CONNECTED', facts: key });
  });

  it('stays out of the way of a refresh under way', async () => {
    const { clock, store, end } = await setup(quickbooks);
    await store.acquireLease('refresh:acme/quickbooks', 'other', 15_000);
    const work = end({ keepRemote: true });
    const began = clock.now();
    expect(await clock.until(work)).toBe('kept');
    expect(clock.now() - began).toBeGreaterThanOrEqual(15_000);
  });

  it('heeds a stop before it has begun, and then does nothing', async () => {
    const { store, row, key, end, asked, stop, held } = await setup(quickbooks);
    stop.abort(new Error('stopped'));
    await expect(end()).rejects.toThrow('stopped');
    expect([await rowOf(store, key), asked('/tokens/revoke'), held]).toEqual([row, 0, []]);
  });

  it('once begun ends both sides, whatever stops it meanwhile', async () => {
    const { store, key, end, asked, stop, held } = await setup(quickbooks);
    expect(await end({}, () => stop.abort(new Error('stopped')))).toBe('revoked');
    expect([await store.connection(key), asked('/tokens/revoke'), held.length]).toEqual([undefined, 1, 1]);
  });

  it('revokes nothing after its lease was lost', async () => {
    const { clock, store, row, key, end, asked } = await setup(quickbooks);
    const sleep = async () => {
      clock.jump(60_000);
      await store.acquireLease('refresh:acme/quickbooks', 'other', 15_000);
    };
    for (const how of [{}, { force: true }]) {
      expect(await failureOf(end(how, sleep))).toMatchObject({ code: 'LEASE_BUSY', facts: key });
      await store.releaseLease('refresh:acme/quickbooks', 'other');
    }
    expect([await rowOf(store, key), asked('/tokens/revoke')]).toEqual([row, 0]);
  });

  it('never deletes a connection that was made meanwhile', async () => {
    const { store, vault, key, end } = await setup(quickbooks);
    const again = () => connected(store, vault, tokenSet(), { provider: 'quickbooks', externalId: '9999' });
    expect(await failureOf(end({}, again))).toMatchObject({ code: 'LEASE_BUSY', retryable: true });
    expect(await rowOf(store, key)).toMatchObject({ externalId: '9999', state: 'active', generation: 2 });
  });
});
