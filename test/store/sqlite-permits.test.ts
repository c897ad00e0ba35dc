import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openSqliteStore } from '../../src/store/sqlite/open.ts';
import { changeStore } from '../support/store-file.ts';
import { rule } from './permit-queue.ts';
import { NOW } from './sample-rows.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const DAY_MS = 86_400_000;
const MINUTE = [rule(2, 60_000, 2)];

/** A store whose wall clock and uptime the test sets. */
function setup() {
  const time: { now: number; boot: string | undefined; up: number } = { now: NOW, boot: 'boot-1', up: 5000.25 };
  const uptime = () => (time.boot === undefined ? undefined : { boot: time.boot, ms: time.up });
  const home = temporaryDirectory();
  const store = openSqliteStore(join(home, 'lwi.db'), { now: () => time.now, uptime });
  onTestFinished(() => store.close());
  const pass = (ms: number) => {
    time.now += ms;
    time.up += ms;
  };
  /** How long the next request must wait, whole ms; it is sent and lands when it need not. */
  const next = async () => {
    const answer = await store.takePermit({ scope: 's', rules: MINUTE, rank: 0, ttlMs: 15_000 });
    if ('permit' in answer) await store.settlePermit(answer.permit, { answered: true });
    else await store.leaveQueue(answer.ticket);
    return 'permit' in answer ? 0 : Math.round(answer.waitMs);
  };
  return { store, home, time, pass, next };
}

test.each([
  ['forwards', DAY_MS],
  ['back', -DAY_MS],
])('a clock that is set %s by a day neither gives a window away nor draws it out', async (_, jump) => {
  const { time, pass, next } = setup();
  expect([await next(), await next()]).toEqual([0, 0]);
  time.now += jump;
  pass(20_000);
  expect(await next()).toBe(40_000);
  pass(40_000);
  expect(await next()).toBe(0);
});

test('a machine that slept for a day goes on where it was: nothing is given away, and nobody waits longer than the window', async () => {
  const { time, next } = setup();
  expect([await next(), await next()]).toEqual([0, 0]);
  // While it sleeps the wall clock goes on, the uptime does not.
  time.now += DAY_MS;
  expect(await next()).toBe(60_000);
});

test('after a restart the wall clock says how much time has passed', async () => {
  const { time, next } = setup();
  expect([await next(), await next()]).toEqual([0, 0]);
  Object.assign(time, { boot: 'boot-2', up: 10, now: time.now + 45_000 });
  expect(await next()).toBe(15_000);
  Object.assign(time, { boot: 'boot-3', up: 7, now: time.now + DAY_MS });
  expect(await next()).toBe(0);
});

test('after a restart with a clock that was set back no time has passed', async () => {
  const { time, next } = setup();
  expect([await next(), await next()]).toEqual([0, 0]);
  Object.assign(time, { boot: 'boot-2', up: 10, now: time.now - DAY_MS });
  expect(await next()).toBe(60_000);
});

test('a hold ends with its time, whatever the wall clock says', async () => {
  const { store, time, pass, next } = setup();
  await store.holdPermits('s', MINUTE, 30_000);
  time.now += DAY_MS;
  expect(await next()).toBe(30_000);
  pass(30_000);
  expect(await next()).toBe(0);
});

test('what a killed sync had in flight frees its places as soon as the next one holds the right; other places stay', async () => {
  const { store, home } = setup();
  const target = { account: 'acme', provider: 'quickbooks', externalId: '1' };
  const narrow = {
    scope: 'acme/quickbooks',
    rules: [rule(100, 1000, 100, { concurrency: 2 })],
    rank: 0,
    ttlMs: 15_000,
  };
  const held = await store.holdSync(target, 'killed@here', NOW);
  for (const owner of ['killed@here', 'living@here']) await store.takePermit({ ...narrow, owner });
  // It gives back the lock of the system, as a killed process does, and leaves its name.
  if ('release' in held) await held.release();
  changeStore(home, "INSERT INTO sync_holders VALUES ('acme', 'quickbooks', '1', 'killed@here', 1)");
  const answer = await store.takePermit({ ...narrow, owner: 'next@here' });
  expect('ticket' in answer).toBe(true);
  if ('ticket' in answer) await store.leaveQueue(answer.ticket);
  const next = await store.holdSync(target, 'next@here', NOW);
  expect('permit' in (await store.takePermit({ ...narrow, owner: 'next@here' }))).toBe(true);
  expect('ticket' in (await store.takePermit({ ...narrow, owner: 'next@here' }))).toBe(true);
  if ('release' in next) await next.release();
});
