import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { aloneWithVault } from '../../commands/key/alone.ts';
import { withRefreshLease } from '../../src/oauth/refresh-lease.ts';
import { openSqliteStore } from '../../src/store/sqlite/open.ts';
import { sampleConnection } from '../store/sample-rows.ts';
import { temporaryDirectory } from '../store/temporary-directory.ts';
import { virtualClock } from '../support/virtual-clock.ts';

const { signal } = new AbortController();
const nobody = async () => undefined;

async function twoConnections() {
  const clock = virtualClock();
  const store = openSqliteStore(join(temporaryDirectory(), 'lwi.db'), clock);
  onTestFinished(() => store.close());
  const keys = ['acme', 'beta'].map((account) => ({ account, provider: 'quickbooks' }));
  for (const key of keys) await store.putConnection(sampleConnection({ ...key, id: key.account }), undefined);
  const refresh = (account: string, work: () => Promise<string>) =>
    withRefreshLease({ store, clock, owner: 'other' }, { account, provider: 'quickbooks' }, signal, nobody, work);
  return { clock, deps: { store, clock, owner: 'here' }, refresh };
}

test('a refresh that is under way is waited for, and none begins before the work has ended', async () => {
  const { clock, deps, refresh } = await twoConnections();
  const order: string[] = [];
  let finish = () => {};
  const refreshing = refresh('beta', async () => {
    await new Promise<void>((resolve) => {
      finish = resolve;
    });
    order.push('first refresh');
    return '';
  });
  await clock.advance(0);
  const working = aloneWithVault(deps, signal, async (held) => {
    order.push(`work, ${await held()}`);
    await clock.sleep(60_000);
    order.push(`work done, ${await held()}`);
  });
  await clock.advance(1000);
  expect(order).toEqual([]);
  const waiting = refresh('acme', async () => {
    order.push('second refresh');
    return '';
  }).catch(() => order.push('second refresh gave up'));
  finish();
  await clock.until(Promise.all([refreshing, working, waiting]));
  expect(order.slice(0, 2)).toEqual(['first refresh', 'work, true']);
  expect(order.slice(2).sort()).toEqual(['second refresh gave up', 'work done, true']);
});

test('two never work at the same time, also where nothing is connected, and the one that waits too long is told why', async () => {
  const clock = virtualClock();
  const store = openSqliteStore(join(temporaryDirectory(), 'lwi.db'), clock);
  onTestFinished(() => store.close());
  const deps = { store, clock, owner: 'here' };
  const first = aloneWithVault(deps, signal, () => clock.sleep(60_000));
  await clock.advance(0);
  const second = aloneWithVault(deps, signal, async () => 'worked').catch((error: unknown) => error);
  await clock.until(Promise.all([first, second]));
  expect(await second).toMatchObject({ code: 'LEASE_BUSY', message: 'Another process is changing the key.' });
  expect(await clock.until(aloneWithVault(deps, signal, async () => 'worked'))).toBe('worked');
});

test('a lease that somebody took over is noticed', async () => {
  const { clock, deps } = await twoConnections();
  const { store } = deps;
  const heldAfter = aloneWithVault(deps, signal, async (held) => {
    clock.jump(3_600_000);
    await store.acquireLease('refresh:beta/quickbooks', 'thief', 15_000);
    return held();
  });
  expect(await clock.until(heldAfter)).toBe(false);
});
