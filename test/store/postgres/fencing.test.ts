import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../../src/clock.ts';
import { LwiError } from '../../../src/errors.ts';
import type { Spend } from '../../../src/oauth/rotation.ts';
import { TokenManager } from '../../../src/oauth/token-manager.ts';
import { Secret } from '../../../src/secret.ts';
import { openPostgresStore } from '../../../src/store/postgres/open.ts';
import type { Store } from '../../../src/store/store.ts';
import { connected, fixedVault, rowOf, tokenSet } from '../../oauth/support.ts';
import { freshDatabase, needsPostgres, onDatabase } from '../../support/postgres.ts';
import { postgresServer } from '../../support/postgres-server.ts';
import { KEY, NOW, sampleConnection, sampleToken } from '../sample-rows.ts';

const LEASE = 'refresh:acme/quickbooks';
const HOUR_MS = 3_600_000;
const SIGNAL = new AbortController().signal;
const away = new LwiError('STORE_AWAY', 'cut off');

async function opened(url: string, now = () => NOW): Promise<Store> {
  const store = await openPostgresStore(url, 'test', { now });
  onTestFinished(() => store.close());
  return store;
}

/** A connection whose token has been due since long ago, and processes that refresh it; `spent` is what the provider was given. */
async function expired(url: string, leaseTtlMs?: number) {
  const store = await opened(url, systemClock.now);
  const issuedAt = systemClock.now() - 2 * HOUR_MS;
  await connected(store, fixedVault(store), tokenSet({ issuedAt, expiresAt: issuedAt + HOUR_MS }));
  const spent: (string | undefined)[] = [];
  const manager = (owner: string, on: Store, { after, warn }: { after?: Spend; warn?: () => void } = {}) =>
    new TokenManager({
      ...{ store: on, vault: fixedVault(on), clock: systemClock, owner, leaseTtlMs, warn },
      prepare: async (_row, token) => async () => {
        spent.push(token?.reveal());
        const next = { accessToken: new Secret('access-2'), refreshToken: new Secret('refresh-2') };
        const now = systemClock.now();
        return (await after?.()) ?? tokenSet({ ...next, issuedAt: now, expiresAt: now + HOUR_MS });
      },
    });
  return { store, spent, manager };
}

describe('a holder of a lease on PostgreSQL', () => {
  beforeEach(needsPostgres);

  test('that stood still until its lease was over can change nothing any more, whatever the clocks of the machines say', async () => {
    const { url } = await freshDatabase();
    const one = await opened(url, () => NOW + HOUR_MS);
    const two = await opened(url, () => NOW - HOUR_MS);
    await one.putConnection(sampleConnection(), undefined);
    expect(await one.acquireLease(LEASE, 'one', HOUR_MS)).toBeUndefined();
    expect(await one.beginRotation(KEY, 1, { startedAt: NOW, owner: 'one' })).toBe(true);
    const held = await two.acquireLease(LEASE, 'two', HOUR_MS);
    expect(held?.owner).toBe('one');
    expect(held?.endsInMs).toBeGreaterThan(HOUR_MS - 60_000);

    // It stands still here: nobody renews.
    await onDatabase(url, (db) =>
      db.run('UPDATE leases SET ttl_ms = 0, expires_at = expires_at - $1::bigint', [HOUR_MS]),
    );
    expect(await two.acquireLease(LEASE, 'two', HOUR_MS)).toBeUndefined();
    expect(await two.beginRotation(KEY, 1, { startedAt: NOW, owner: 'two' })).toBe(true);
    expect(await two.replaceToken(KEY, { token: sampleToken('two'), at: NOW }, 1)).toBe(true);

    const stale = { at: NOW, outcome: 'reconnect', detail: 'late' } as const;
    expect([
      await one.renewLease(LEASE, 'one', HOUR_MS),
      await one.beginRotation(KEY, 1, { startedAt: NOW, owner: 'one' }),
      await one.replaceToken(KEY, { token: sampleToken('one'), at: NOW }, 1),
      await one.failRotation(KEY, stale, 1),
      await one.deleteConnection(KEY, 1),
      await one.putConnection(sampleConnection(), 1),
    ]).toEqual(Array(6).fill(false));
    await one.releaseLease(LEASE, 'one');
    expect(await one.acquireLease(LEASE, 'one', HOUR_MS)).toMatchObject({ owner: 'two' });
    const row = await two.connection(KEY);
    expect(row).toMatchObject({ token: sampleToken('two'), generation: 2, state: 'active' });
  });

  test('of which twenty ask at once is one of them, each time', async () => {
    const { url } = await freshDatabase();
    const stores = await Promise.all([opened(url), opened(url), opened(url), opened(url)]);
    for (let round = 0; round < 5; round++) {
      const asked = Array.from({ length: 20 }, (_, index) => {
        const owner = `${round}/${index}`;
        return stores[index % 4]?.acquireLease(LEASE, owner, HOUR_MS).then((busy) => (busy ? undefined : owner));
      });
      const winners = (await Promise.all(asked)).filter((owner) => owner !== undefined);
      expect(winners).toHaveLength(1);
      await stores[0]?.releaseLease(LEASE, winners[0] ?? '');
    }
  });

  test('that is cut off with the new token in hand is waited for: the old one is spent once, and the other machine goes on with the new one', async () => {
    const { url } = await freshDatabase();
    const { store, spent, manager } = await expired(url, 1500);
    let cut = false;
    const through =
      <A extends readonly unknown[], R>(work: (...input: A) => Promise<R>) =>
      async (...input: A): Promise<R> => {
        if (cut) throw away;
        return work(...input);
      };
    const { renewLease, replaceToken, connection, releaseLease } = store;
    const holder: Store = {
      ...store,
      renewLease: through(renewLease),
      replaceToken: through(replaceToken),
      connection: through(connection),
      releaseLease: through(releaseLease),
    };
    const other = await opened(url, systemClock.now);
    let theirs: Promise<unknown> | undefined;
    const after = async () => {
      cut = true;
      const heal = () => {
        cut = false;
      };
      theirs = manager('2@there', other, { warn: heal }).refresh(KEY, SIGNAL);
      return undefined as never;
    };
    expect(await manager('1@here', holder, { after }).refresh(KEY, SIGNAL)).toMatchObject({ outcome: 'refreshed' });
    expect(await theirs).toMatchObject({ outcome: 'joined', row: { generation: 2 } });
    expect(spent).toEqual(['refresh-1']);
    expect(await rowOf(store)).toMatchObject({ generation: 2, refreshCount: 1, state: 'active' });
  });

  test('has a full term after a crash of the server, in which it stores what it got before', async () => {
    const server = await postgresServer();
    onTestFinished(() => server.remove());
    const { store, spent, manager } = await expired(server.url('postgres'));
    let seen: unknown;
    const after = async () => {
      await store.acquireLease('another', '1@here', 15_000);
      await onDatabase(server.url('postgres'), (db) => db.run('UPDATE leases SET expires_at = 0'));
      await server.stop('immediate');
      return undefined as never;
    };
    const warn = async () => {
      await server.start();
      seen = await (await opened(server.url('postgres'))).acquireLease('another', '2@there', 15_000);
    };
    const refreshing = manager('1@here', store, { after, warn: () => void warn() }).refresh(KEY, SIGNAL);
    expect(await refreshing).toMatchObject({ outcome: 'refreshed', row: { generation: 2 } });
    expect(spent).toEqual(['refresh-1']);
    await expect.poll(() => seen).toMatchObject({ owner: '1@here' });
  });
});
