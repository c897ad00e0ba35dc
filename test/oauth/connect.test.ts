import { describe, expect, it } from 'vitest';
import { type NewGrant, storeGrant } from '../../src/oauth/connect.ts';
import { openAccessToken, openRefreshToken } from '../../src/oauth/sealed-token.ts';
import type { GrantFacts } from '../../src/providers/oauth-settings.ts';
import { quickbooks } from '../../src/providers/quickbooks/provider.ts';
import { Secret } from '../../src/secret.ts';
import { database, failureOf, KEY } from '../http/support.ts';
import { START, virtualClock } from '../support/virtual-clock.ts';
import { connected, fixedVault, rowOf, tokenSet } from './support.ts';

const SIGNAL = new AbortController().signal;
const APP = { clientId: 'client-1', clientSecret: new Secret('secret-1'), source: 'test' };

function setup(identify: () => Promise<GrantFacts> = async () => ({ externalName: 'Acme Freight' })) {
  const clock = virtualClock();
  const open = database(clock.now);
  const store = open();
  const vault = fixedVault(store);
  const warnings: string[] = [];
  const deps = {
    store,
    vault,
    clock,
    owner: 'p',
    signal: SIGNAL,
    identify,
    warn: (line: string) => warnings.push(line),
  };
  const keep = (change: Partial<NewGrant> = {}, facts: GrantFacts = { externalId: '9130' }) => {
    const set = tokenSet({ accessToken: new Secret('access-new'), facts });
    const grant = {
      key: KEY,
      env: 'mock',
      variant: undefined,
      provider: quickbooks,
      set,
      app: APP,
      replace: false,
    } as const;
    return clock.until(storeGrant({ ...grant, ...change }, deps));
  };
  const connect = (change: Parameters<typeof connected>[3] = {}) => connected(store, vault, tokenSet(), change);
  return { clock, open, store, vault, keep, connect, warnings };
}

describe('a new grant', () => {
  it('becomes the connection, sealed, with its company and the app it was made for', async () => {
    const { keep, store, vault } = setup();
    const row = await keep();
    expect(row).toEqual(await rowOf(store));
    expect(row).toMatchObject({
      ...KEY,
      env: 'mock',
      externalId: '9130',
      externalName: 'Acme Freight',
      state: 'active',
      generation: 1,
      createdAt: START,
    });
    expect((await openAccessToken(vault, row)).reveal()).toBe('access-new');
    expect((await openRefreshToken(vault, row))?.reveal()).toBe('refresh-1');
    const client = row.client ?? new Uint8Array();
    const opened = await vault.open(client, { ...KEY, column: 'client_encrypted', row: row.id });
    expect(JSON.parse(opened.reveal())).toEqual({ clientId: 'client-1', clientSecret: 'secret-1' });
    expect(Buffer.concat([row.token.accessToken, client]).includes('access-new')).toBe(false);
  });

  it('takes the place of the one before, if it is for the same company', async () => {
    const { keep, connect, store, vault } = setup();
    const old = await connect();
    const row = await keep();
    expect([row.generation, row.id === old.id, (await openAccessToken(vault, await rowOf(store))).reveal()]).toEqual([
      2,
      false,
      'access-new',
    ]);
  });

  it.each<[string, Partial<NewGrant>, GrantFacts, string]>([
    [
      'another company',
      {},
      { externalId: '777', externalName: 'Other' },
      'Account acme belongs to 9130, but the browser came back with Other (777). The old connection was kept.',
    ],
    [
      'another environment',
      { env: 'sandbox' },
      { externalId: '9130' },
      'Account acme is connected to QuickBooks Online in mock, not sandbox. The old connection was kept.',
    ],
  ])(
    'of %s is refused, and the old connection kept, unless it may be replaced',
    async (_name, change, facts, message) => {
      const { keep, connect, store } = setup();
      const old = await connect();
      expect(await failureOf(keep(change, facts))).toMatchObject({ code: 'ACCOUNT_MISMATCH', exitCode: 2, message });
      expect(await rowOf(store)).toEqual(old);
      expect((await keep({ ...change, replace: true }, facts)).generation).toBe(2);
    },
  );

  it('ends the state of a connection that had to be made anew', async () => {
    const { keep, connect, store } = setup();
    const old = await connect();
    const failure = { at: START, outcome: 'reconnect', detail: 'gone' } as const;
    await store.failRotation(KEY, failure, old.generation);
    expect(await keep()).toMatchObject({ state: 'active', stateReason: undefined, rotation: undefined });
  });

  it('waits for a refresh under way, so that none writes in between', async () => {
    const { clock, keep, store } = setup();
    await store.acquireLease('refresh:acme/quickbooks', 'other', 15_000);
    await keep();
    expect(clock.now()).toBeGreaterThanOrEqual(START + 15_000);
  });

  it('is stored without a name when the provider does not say it', async () => {
    const { keep, warnings } = setup(() => Promise.reject(new Error('503')));
    expect((await keep()).externalName).toBeUndefined();
    expect(warnings).toEqual(['QuickBooks Online did not say the name of account acme: 503']);
  });

  it('is not stored when nobody can say whose it is', async () => {
    const { keep, store } = setup(() => Promise.reject(new Error('503')));
    expect(await failureOf(keep({}, {}))).toEqual(new Error('503'));
    expect(await store.connection(KEY)).toBeUndefined();
  });

  it('believes the company of the grant, not that of the probe', async () => {
    const { keep } = setup(async () => ({ externalId: '1', externalName: 'Acme Freight' }));
    expect(await keep()).toMatchObject({ externalId: '9130', externalName: 'Acme Freight' });
    expect(await setup(async () => ({ externalId: '1' })).keep({}, {})).toMatchObject({ externalId: '1' });
  });
});
