import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../../src/clock.ts';
import { openPostgresStore } from '../../../src/store/postgres/open.ts';
import type { Store } from '../../../src/store/store.ts';
import { cutProxy } from '../../support/cut-proxy.ts';
import { type FreshDatabase, freshDatabase, needsPostgres, onDatabase, POSTGRES } from '../../support/postgres.ts';
import { NO_POSTGRES } from '../../support/postgres-server.ts';
import { sampleEvent } from '../contract-inbox.ts';
import { KEY, NOW } from '../sample-rows.ts';

const TARGET = 'http://127.0.0.1:3000/hooks';
const GOOD = { startedAt: NOW + 1, tookMs: 12, status: 200 };
const HOUR = 3_600_000;

const kept = (key: string) => sampleEvent(key, { kept: true, forwardTo: [TARGET] });

/** Stores of machines whose clocks may be wrong; `time` is the database's. */
async function machines(database?: FreshDatabase) {
  const { url } = database ?? (await freshDatabase());
  const time = { now: NOW };
  const open = async (clock: () => number = () => time.now, at = url): Promise<Store> => {
    const store = await openPostgresStore(at, 'test', { now: clock, databaseNow: () => time.now });
    onTestFinished(() => store.close());
    return store;
  };
  return { url, time, open };
}

/** Ends the sessions that have locks, as the server does with those of a host that is cut off. */
const endSessions = (url: string) =>
  onDatabase(url, (db) => db.run("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"));

describe('webhooks on PostgreSQL', () => {
  beforeEach(needsPostgres);

  test('two processes with the same events in another order never wait for each other, and each event is new once', async () => {
    const { open } = await machines();
    const stores = [await open(), await open()];
    const keys = Array.from({ length: 300 }, (_, at) => `Ev${at}`);
    let fresh = 0;
    for (let round = 0; round < 8; round++) {
      const orders = [keys, keys.toReversed()].map((order) => order.map((key) => kept(`${round} ${key}`)));
      const results = await Promise.all(stores.map((store, at) => store.acceptEvents(orders[at] ?? [])));
      fresh += results.flat().filter((result) => result === 'new').length;
    }
    expect(fresh).toBe(8 * keys.length);
    expect(await stores[0]?.forwardCounts()).toMatchObject([{ waiting: fresh }]);
  });

  test('what is put off is due by the clock of the database, however wrong those of the machines are', async () => {
    const { time, open } = await machines();
    const [fast, slow] = [() => time.now + HOUR, () => time.now - HOUR];
    const [one, two] = [await open(fast), await open(slow)];
    await one.acceptEvents([{ ...kept('a'), receivedAt: fast() }, sampleEvent('b', { receivedAt: fast() })]);
    const [taken] = await two.takeForwards(TARGET, slow(), 10);
    const event = taken?.event ?? 0;
    await two.finishForwards([{ event, target: TARGET, ...GOOD, state: 'received', dueAt: slow() + 10_000 }]);
    const [due] = await two.dueEvents(KEY, slow(), 10);
    await two.finishEvents([
      { event: due?.event ?? 0, at: slow(), state: 'received', error: 'x', dueAt: slow() + 10_000 },
    ]);
    expect(await one.nextForwardAt(TARGET)).toBe(fast() + 10_000);
    time.now += 9999;
    expect(await one.takeForwards(TARGET, fast(), 10)).toEqual([]);
    expect(await one.dueConnections(fast())).toEqual([]);
    time.now += 1;
    expect(await one.takeForwards(TARGET, fast(), 10)).toHaveLength(1);
    expect(await one.dueEvents(KEY, fast(), 10)).toHaveLength(1);
  });

  test('who has lost the right to a target takes nothing, and cannot spoil what its next holder writes down', async () => {
    const { url, open } = await machines();
    const [before, next] = [await open(), await open()];
    await before.acceptEvents(['a', 'b', 'c'].map(kept));
    const lost = await before.holdTarget(TARGET);
    const [a, b] = await before.takeForwards(TARGET, NOW, 2);
    const of = (event = a) => ({ event: event?.event ?? 0, target: TARGET });
    // Nothing is under way that is not known.
    expect(await before.recoverForwards(TARGET, NOW)).toBe(0);
    await endSessions(url);
    await expect.poll(() => lost?.held()).toBe(false);
    // Nobody has followed: what was sent may be written down.
    await before.finishForwards([{ ...of(), ...GOOD, state: 'delivered' }]);
    const hold = await next.holdTarget(TARGET);
    expect(hold?.held()).toBe(true);
    expect(await next.recoverForwards(TARGET, NOW)).toBe(1);
    const [again] = await next.takeForwards(TARGET, NOW, 1);
    expect(again).toMatchObject({ key: 'b', attempt: 2 });
    expect(await before.takeForwards(TARGET, NOW, 10)).toEqual([]);
    expect(await before.recoverForwards(TARGET, NOW)).toBe(0);
    await before.finishForwards([{ ...of(b), ...GOOD, status: 500, state: 'failed' }]);
    await next.finishForwards([{ ...of(b), ...GOOD, state: 'delivered' }]);
    expect((await next.eventAttempts(of(b).event)).map(({ attempt, status }) => [attempt, status])).toEqual([
      [1, undefined],
      [2, 200],
    ]);
    const listed = await next.events({ order: 'oldest', limit: 10 });
    expect(listed.map(({ standing }) => standing)).toEqual(['delivered', 'delivered', 'received']);
    await lost?.release();
    await hold?.release();
  });

  test('who was cut off without knowing it learns that another one has the right when it takes something', async () => {
    const { url, open } = await machines();
    const before = await open();
    const lost = await before.holdTarget(TARGET);
    await before.acceptEvents([kept('a')]);
    // As another process would that has got the lock.
    await onDatabase(url, (db) => db.run('UPDATE holds SET generation = generation + 1'));
    expect(lost?.held()).toBe(true);
    expect(await before.takeForwards(TARGET, NOW, 10)).toEqual([]);
    expect(lost?.held()).toBe(false);
  });

  test('who has lost the right to a connection leaves its deliveries to the next holder', async () => {
    const { url, open } = await machines();
    const [before, next] = [await open(), await open()];
    await before.acceptEvents([sampleEvent('a')]);
    const lost = await before.holdInbox(KEY);
    const [due] = await before.dueEvents(KEY, NOW, 10);
    const end = { event: due?.event ?? 0, at: NOW };
    await endSessions(url);
    await expect.poll(() => lost?.held()).toBe(false);
    await next.holdInbox(KEY);
    await before.finishEvents([{ ...end, state: 'failed', error: 'cut off' }]);
    expect(await next.dueEvents(KEY, NOW, 10)).toMatchObject([{ key: 'a', attempts: 0 }]);
    await next.finishEvents([{ ...end, state: 'applied' }]);
    expect(await next.dueEvents(KEY, NOW, 10)).toEqual([]);
  });

  test('a zero byte in what only people read is no reason to refuse a delivery', async () => {
    const { open } = await machines();
    const store = await open();
    const odd = 'a\0b';
    const headers = [['X-Odd', odd]] as const;
    await store.acceptEvents([sampleEvent('one', { type: odd, headers, forwardTo: [TARGET], failed: odd })]);
    const [taken] = await store.takeForwards(TARGET, NOW, 1);
    expect(taken).toMatchObject({ type: 'a\u{fffd}b', headers, lastError: 'a\u{fffd}b' });
    const end = { event: taken?.event ?? 0, target: TARGET, ...GOOD, error: odd };
    await store.finishForwards([{ ...end, state: 'failed' }]);
    await store.noteReplay(end);
    const errors = (await store.eventAttempts(end.event)).map(({ error }) => error);
    expect(errors).toEqual(['a\u{fffd}b', 'a\u{fffd}b']);
  });

  test('what was taken by a question whose answer was lost is given to who asks again, and what is under way is not', async () => {
    const { url, open } = await machines();
    const proxy = await cutProxy(Number(new URL(url).port));
    const far = new URL(url);
    far.port = String(proxy.port);
    const store = await open(undefined, far.href);
    const hold = await store.holdTarget(TARGET);
    await store.acceptEvents(['a', 'b', 'c'].map(kept));
    const [a] = await store.takeForwards(TARGET, NOW, 1);
    proxy.mode = 'loses';
    await expect(store.takeForwards(TARGET, NOW, 1)).rejects.toMatchObject({ code: 'STORE_AWAY' });
    expect(hold?.held()).toBe(true);
    const taken = await store.takeForwards(TARGET, NOW, 10);
    expect(taken.map(({ key, attempt }) => [key, attempt])).toEqual([
      ['b', 1],
      ['c', 1],
    ]);
    await store.finishForwards([{ event: a?.event ?? 0, target: TARGET, ...GOOD, state: 'delivered' }]);
    expect(await store.takeForwards(TARGET, NOW, 10)).toEqual([]);
    await hold?.release();
  });
});

describe('the writer of deliveries', () => {
  beforeEach(needsPostgres);

  /** A store whose way to the database the test can disturb. */
  async function disturbed() {
    const { url, open } = await machines();
    const proxy = await cutProxy(Number(new URL(url).port));
    const far = new URL(url);
    far.port = String(proxy.port);
    const store = await open(systemClock.now, far.href);
    const writer = store.eventWriter();
    await writer.acceptEvents([kept('first')]);
    return { url, proxy, store, writer };
  }

  test('a commit whose answer was lost is asked again, and known', async () => {
    const { proxy, writer } = await disturbed();
    proxy.mode = 'loses';
    expect(await writer.acceptEvents([kept('one')])).toEqual(['duplicate']);
  });

  test('a database that no longer answers is given up after a second, and used again when it does', async () => {
    const { proxy, writer } = await disturbed();
    proxy.mode = 'swallows';
    const began = performance.now();
    await expect(writer.acceptEvents([kept('one')])).rejects.toMatchObject({ code: 'STORE_AWAY' });
    expect(performance.now() - began).toBeLessThan(2000);
    proxy.mode = 'passes';
    expect(await writer.acceptEvents([kept('one')])).toEqual(['new']);
  });

  test('a large event has the time that it needs, and of a small one it is said that the database was slow', async () => {
    const { url, writer } = await disturbed();
    await onDatabase(url, (db) =>
      db.script(`CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(1.2); RETURN NULL; END';
        CREATE TRIGGER slow AFTER INSERT ON inbox EXECUTE FUNCTION slow()`),
    );
    const large = writer.acceptEvents([{ ...kept('large'), body: new Uint8Array(600 * 1024) }]);
    const message = expect.stringContaining('the database needs longer for a statement than it may take');
    await expect(writer.acceptEvents([kept('small')])).rejects.toMatchObject({ code: 'STORE_LOCKED', message });
    expect(await large).toEqual(['new']);
  });

  test('another session that holds what is needed is waited for, for a second; closing waits for what is under way', async () => {
    const { url, store, writer } = await disturbed();
    const stored = await onDatabase(url, async (db) => {
      const client = await db.session();
      const began = performance.now();
      await client.query('BEGIN; LOCK TABLE inbox');
      const message = expect.stringContaining('another session of the database holds what is needed');
      await expect(writer.acceptEvents([kept('one')])).rejects.toMatchObject({ code: 'STORE_LOCKED', message });
      expect(performance.now() - began).toBeLessThan(2000);
      const waiting = writer.acceptEvents([kept('one')]);
      const closed = store.close();
      await client.end();
      await closed;
      return waiting;
    });
    expect(stored).toEqual(['new']);
  });
});

if (POSTGRES === undefined) test('webhooks on PostgreSQL', ({ skip }) => skip(NO_POSTGRES));
