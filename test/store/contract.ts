import { describe, expect, onTestFinished, test } from 'vitest';
import type { Store } from '../../src/store/store.ts';
import { describeConnections } from './contract-connections.ts';
import { describeExamination } from './contract-examination.ts';
import { describeForwards } from './contract-forwards.ts';
import { describeInbox } from './contract-inbox.ts';
import { describePermits } from './contract-permits.ts';
import { describeRecords } from './contract-records.ts';
import { describeReseal } from './contract-reseal.ts';
import { describeSync } from './contract-sync.ts';
import { describeSyncWindow } from './contract-sync-window.ts';
import { bytes, KEY, NOW } from './sample-rows.ts';

/** One empty database that a test can open as often as it likes. Its clock is `now`. */
export interface TestDatabase {
  open(now?: () => number): Promise<Store>;
}

/** Opens a store that is closed when the running test ends. */
export type Opened = (now?: () => number) => Promise<Store>;

/** What every store must do. `make` gives a new empty database, gone after the running test; `numRuns`: how often a property is tried that asks it much. */
export function describeStore(name: string, make: () => Promise<TestDatabase>, numRuns = 60): void {
  const database = async (): Promise<Opened> => {
    const made = await make();
    return async (now) => {
      const store = await made.open(now);
      onTestFinished(() => store.close());
      return store;
    };
  };

  describe(`${name} as a store`, () => {
    describeIdentity(database);
    describeConnections(database);
    describeLeases(database);
    describePermits(database, numRuns);
    describeCircuits(database);
    describeSync(database);
    describeInbox(database);
    describeForwards(database);
    describeSyncWindow(database);
    describeRecords(database);
    describeSecrets(database);
    describeReseal(database);
    describeExamination(database);
  });
}

function describeIdentity(database: () => Promise<Opened>): void {
  describe('identity', () => {
    test('two databases differ, two stores on one database agree', async () => {
      const open = await database();
      const [here, again] = [await (await open()).vaultId(), await (await open()).vaultId()];
      const elsewhere = await (await (await database())()).vaultId();
      expect(here).toMatch(/^[0-9a-f]{32}$/);
      expect(again).toBe(here);
      expect(elsewhere).not.toBe(here);
    });

    test('the first claim of a vault key wins and stays', async () => {
      const open = await database();
      const [one, two] = [await open(), await open()];
      expect(await one.vaultKeyId()).toBeUndefined();
      expect(await one.claimVaultKey('aaaa')).toBe('aaaa');
      expect(await two.claimVaultKey('bbbb')).toBe('aaaa');
      expect(await two.vaultKeyId()).toBe('aaaa');
    });

    test('what one store wrote is there after closing and opening again', async () => {
      const open = await database();
      const first = await open();
      await first.claimVaultKey('aaaa');
      await first.close();
      expect(await (await open()).vaultKeyId()).toBe('aaaa');
    });
  });
}

function describeLeases(database: () => Promise<Opened>): void {
  /** Two stores on one database, whose clock the test sets. */
  const leased = async () => {
    const open = await database();
    let now = NOW;
    const [one, two] = [await open(() => now), await open(() => now)];
    const at = (time: number) => {
      now = time;
    };
    return { one, two, at };
  };

  describe('leases', () => {
    test('one owner at a time: the other learns who has it and for how long', async () => {
      const { one, two, at } = await leased();
      expect(await one.acquireLease('refresh', 'a', 1000)).toBeUndefined();
      at(NOW + 999);
      expect(await two.acquireLease('refresh', 'b', 1000)).toEqual({ owner: 'a', endsInMs: 1 });
      expect(await two.acquireLease('another', 'b', 1000)).toBeUndefined();
    });

    test('an owner may take its own lease again, and anybody an expired one', async () => {
      const { one, two, at } = await leased();
      await one.acquireLease('refresh', 'a', 1000);
      at(NOW + 500);
      expect(await one.acquireLease('refresh', 'a', 1000)).toBeUndefined();
      at(NOW + 1499);
      expect(await two.acquireLease('refresh', 'b', 1000)).toEqual({ owner: 'a', endsInMs: 1 });
      at(NOW + 1500);
      expect(await two.acquireLease('refresh', 'b', 1000)).toBeUndefined();
    });

    test('renewing prolongs it; who lost it is told, and cannot release it', async () => {
      const { one, two, at } = await leased();
      await one.acquireLease('refresh', 'a', 1000);
      at(NOW + 900);
      expect(await one.renewLease('refresh', 'a', 1000)).toBe(true);
      at(NOW + 1899);
      expect(await two.acquireLease('refresh', 'b', 1000)).toEqual({ owner: 'a', endsInMs: 1 });
      at(NOW + 1900);
      await two.acquireLease('refresh', 'b', 1000);
      expect(await one.renewLease('refresh', 'a', 1000)).toBe(false);
      await one.releaseLease('refresh', 'a');
      expect(await one.acquireLease('refresh', 'c', 1000)).toEqual({ owner: 'b', endsInMs: 1000 });
      await two.releaseLease('refresh', 'b');
      expect(await one.acquireLease('refresh', 'c', 1000)).toBeUndefined();
    });

    test("a released lease is nobody's: renewing it fails", async () => {
      const { one } = await leased();
      await one.acquireLease('refresh', 'a', 1000);
      await one.releaseLease('refresh', 'a');
      expect(await one.renewLease('refresh', 'a', 1000)).toBe(false);
    });
  });
}

function describeCircuits(database: () => Promise<Opened>): void {
  test('a circuit is closed until written, and written by compare-and-set', async () => {
    const open = await database();
    const [one, two] = [await open(), await open()];
    expect(await one.circuit('acme')).toEqual({ state: 'closed', failures: 0, successes: 0, since: 0, version: 0 });
    expect(await one.saveCircuit('acme', { state: 'closed', failures: 4, successes: 1, since: NOW }, 0)).toBe(true);
    expect(await two.saveCircuit('acme', { state: 'open', failures: 9, successes: 0, since: NOW }, 0)).toBe(false);
    expect(await two.saveCircuit('acme', { state: 'open', failures: 5, successes: 0, since: NOW + 1 }, 1)).toBe(true);
    expect(await one.saveCircuit('acme', { state: 'half-open', failures: 5, successes: 0, since: NOW }, 1)).toBe(false);
    expect(await one.circuit('acme')).toEqual({ state: 'open', failures: 5, successes: 0, since: NOW + 1, version: 2 });
    expect(await one.circuit('other')).toEqual({ state: 'closed', failures: 0, successes: 0, since: 0, version: 0 });
  });
}

function describeSecrets(database: () => Promise<Opened>): void {
  test('secrets are kept for one tenant and provider, replaced, listed and removed', async () => {
    const store = await (await database())();
    const sealed = (text: string) => ({ sealed: bytes(text), fingerprint: text, updatedAt: NOW });
    const id = { ...KEY, name: 'client-id' };
    const hook = { ...KEY, name: 'webhook-secret' };
    const slack = { account: 'acme', provider: 'slack', name: 'client-id' };
    const foreign = { account: 'other', provider: 'quickbooks', name: 'client-id' };
    for (const name of [hook, slack, foreign, id]) await store.putSecret(name, sealed('old'));
    await store.putSecret(id, sealed('new'));

    expect(await store.secret(id)).toEqual(sealed('new'));
    expect(await store.secret({ ...KEY, name: 'password' })).toBeUndefined();
    expect(await store.secrets({ account: 'acme' })).toEqual([
      { ...id, ...sealed('new') },
      { ...hook, ...sealed('old') },
      { ...slack, ...sealed('old') },
    ]);
    expect(await store.secrets({ account: 'acme', provider: 'slack' })).toEqual([{ ...slack, ...sealed('old') }]);
    expect(await store.removeSecret(id)).toBe(true);
    expect(await store.removeSecret(id)).toBe(false);
    expect(await store.secret(foreign)).toEqual(sealed('old'));
  });
}
