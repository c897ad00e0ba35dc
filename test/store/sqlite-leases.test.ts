import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { systemUptime } from '../../src/clock.ts';
import { openSqliteStore } from '../../src/store/sqlite/open.ts';
import { NOW } from './sample-rows.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const DAY_MS = 86_400_000;

/** A store whose wall clock and uptime the test sets. */
function setup() {
  const time: { now: number; boot: string | undefined; up: number } = { now: NOW, boot: 'boot-1', up: 5000 };
  const uptime = () => (time.boot === undefined ? undefined : { boot: time.boot, ms: time.up });
  const store = openSqliteStore(join(temporaryDirectory(), 'lwi.db'), { now: () => time.now, uptime });
  onTestFinished(() => store.close());
  return { store, time };
}

test.each([
  ['forwards', DAY_MS],
  ['back', -DAY_MS],
])('a clock that is set %s by a day neither ends a living lease nor draws out a dead one', async (_, jump) => {
  const { store, time } = setup();
  await store.acquireLease('refresh', 'a', 1000);
  time.now += jump;
  time.up += 999;
  expect(await store.acquireLease('refresh', 'b', 1000)).toEqual({ owner: 'a', endsInMs: 1 });
  time.up += 1;
  expect(await store.acquireLease('refresh', 'b', 1000)).toBeUndefined();
});

test('a machine that slept for a day gives the holder the rest of its term: its request may still be answered', async () => {
  const { store, time } = setup();
  await store.acquireLease('refresh', 'a', 1000);
  // While it sleeps the wall clock goes on, the uptime does not.
  time.now += DAY_MS;
  time.up += 400;
  expect(await store.acquireLease('refresh', 'b', 1000)).toEqual({ owner: 'a', endsInMs: 600 });
  expect(await store.renewLease('refresh', 'a', 1000)).toBe(true);
});

test('after a restart the uptime says nothing, and the wall clock counts', async () => {
  const { store, time } = setup();
  await store.acquireLease('refresh', 'a', 1000);
  Object.assign(time, { boot: 'boot-2', up: 1, now: NOW + 999 });
  expect(await store.acquireLease('refresh', 'b', 1000)).toEqual({ owner: 'a', endsInMs: 1 });
  time.now = NOW + 1000;
  expect(await store.acquireLease('refresh', 'b', 1000)).toBeUndefined();
});

test('where there is no uptime, a dead holder blocks for one term after the clock went back, not for a day', async () => {
  const { store, time } = setup();
  time.boot = undefined;
  await store.acquireLease('refresh', 'dead', 1000);
  time.now -= DAY_MS;
  expect(await store.acquireLease('refresh', 'b', 1000)).toEqual({ owner: 'dead', endsInMs: 1000 });
  time.now += 1000;
  expect(await store.acquireLease('refresh', 'b', 1000)).toBeUndefined();
});

test('the uptime of this machine grows, and names its boot where Linux does', () => {
  const [first, second] = [systemUptime(), systemUptime()];
  if (process.platform !== 'linux') return expect([first, second]).toEqual([undefined, undefined]);
  expect(first?.boot).toMatch(/^[0-9a-f-]{36} time:\[\d+\]$/);
  expect(second?.boot).toBe(first?.boot);
  expect((second?.ms ?? 0) - (first?.ms ?? 0)).toBeGreaterThanOrEqual(0);
});
