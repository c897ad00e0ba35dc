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
import { virtualClock } from '../support/virtual-clock.ts';
import { connected, fixedVault, protocolFor, rowOf } from './support.ts';

const SIGNAL = new AbortController().signal;
const HALF_DAY_MS = 43_200_000;

/** A connection to the mock of a provider. */
async function setup(provider: Provider, change: Partial<Protocol> = {}) {
  const clock = virtualClock();
  const mock = createMock({ clock });
  const { url, close } = await serveMock({ mock, port: 0 });
  onTestFinished(close);
  const endpoints = provider.environments.mock?.(url);
  if (!endpoints) throw new Error('no mock');
  const protocol = protocolFor(provider, endpoints, { clock, ...change });
  const own = { ...newAuthorization(), redirectUri: 'http://127.0.0.1:8914/callback' };
  const address = await approve(authorizationUrl(protocol, { ...own, scopes: provider.oauth.scopes }).href);
  const store = database(clock.now)();
  const vault = fixedVault(store);
  const set = await exchangeCode(protocol, new URL(address).searchParams, own);
  const key = { account: 'acme', provider: provider.id };
  const row = await connected(store, vault, set, { provider: provider.id });
  const control = (path: string) => fetch(`${url}/_mock/${path}`, { method: 'POST' });
  const end = (how: { keepRemote?: boolean; force?: boolean } = {}) =>
    disconnect(
      row,
      { keepRemote: false, force: false, ...how },
      { store, vault: async () => vault, clock, owner: 'p', signal: SIGNAL, protocolFor: async () => protocol },
    );
  const asked = (path: string) => mock.log.filter((request) => request.path.endsWith(path)).length;
  return { clock, store, vault, row, key, end, asked, control };
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
});
