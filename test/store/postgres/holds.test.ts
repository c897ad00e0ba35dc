import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { connectionSettings } from '../../../src/store/postgres/connection-url.ts';
import { PostgresDatabase } from '../../../src/store/postgres/database.ts';
import { assertHeld, holdsTable } from '../../../src/store/postgres/holds.ts';
import { sessionLocks } from '../../../src/store/postgres/session-locks.ts';
import { freshDatabase, needsPostgres } from '../../support/postgres.ts';

const RIGHT = ['sync', 'acme', 'quickbooks'];

/** Stores of several machines on one database, each with connections of its own. */
async function machines() {
  const { url } = await freshDatabase();
  const machine = () => {
    const db = new PostgresDatabase(connectionSettings(url, 'test'));
    const locks = sessionLocks(db);
    onTestFinished(async () => {
      await locks.close();
      await db.close();
    });
    return { db, locks, holds: holdsTable(db, locks) };
  };
  /** What a restart of the server does to the sessions that hold locks, and only to those. */
  const breakSessions = async () => {
    const { db } = machine();
    const sql = `
      SELECT count(pg_terminate_backend(pid, 5000)) AS ended FROM pg_locks
      WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`;
    expect((await db.row<{ ended: number }>(sql))?.ended).toBeGreaterThan(0);
  };
  return { machine, breakSessions };
}

describe('a right that dies with its session', () => {
  beforeEach(needsPostgres);

  test('is one holder’s at a time, on one machine and on several, and says whose it is', async () => {
    const { machine } = await machines();
    const [one, two] = [machine(), machine()];
    const first = await one.holds.take(RIGHT, '1@here', 5);
    expect(await one.holds.take(RIGHT, '1@here', 6)).toBeUndefined();
    expect(await two.holds.take(RIGHT, '2@there', 6)).toBeUndefined();
    expect(await two.holds.holder(RIGHT)).toEqual({ owner: '1@here', since: 5 });
    // Names that run together when they are joined are other rights.
    const others = [
      await two.holds.take(['sync', 'acmeq', 'uickbooks'], '2', 6),
      await two.holds.take(['sync', 'acme'], '2', 6),
    ];
    expect(others.every((other) => other?.held())).toBe(true);

    await first?.release();
    expect(await two.holds.holder(RIGHT)).toBeUndefined();
    const second = await two.holds.take(RIGHT, '2@there', 7);
    expect(second).toMatchObject({ generation: 2, leftBy: undefined });
    // A release that comes twice gives nothing away.
    await first?.release();
    expect(await one.holds.take(RIGHT, '1@here', 8)).toBeUndefined();
    await second?.release();
    const again = await two.holds.take(RIGHT, '2@there', 9);
    await second?.release();
    expect(await one.holds.take(RIGHT, '1@here', 9)).toBeUndefined();
    expect(again?.held()).toBe(true);
  });

  test('who lost it without knowing writes nothing once another one has taken it', async () => {
    const { machine, breakSessions } = await machines();
    const [one, two] = [machine(), machine()];
    const lost = await one.holds.take(RIGHT, '1@here', 5);
    if (!lost) throw new Error('the right was free');
    await breakSessions();
    // Nobody has it yet: what he began may be ended.
    await one.db.write((tx) => assertHeld(tx, lost));
    const taken = await two.holds.take(RIGHT, '2@there', 6);
    expect(taken).toMatchObject({ generation: 2, leftBy: '1@here' });
    await expect(one.db.write((tx) => assertHeld(tx, lost))).rejects.toMatchObject({ code: 'STORE_LOCKED' });
    expect(lost.held()).toBe(false);
    expect(await lost.keep()).toBe(false);
    // His giving it back takes it from nobody.
    await lost.release();
    expect(await two.holds.holder(RIGHT)).toEqual({ owner: '2@there', since: 6 });
    expect(await one.holds.take(RIGHT, '1@here', 7)).toBeUndefined();
  });

  test('after its connection has broken, the lock is taken again on another one, and the old end harms nobody', async () => {
    const { machine, breakSessions } = await machines();
    const [one, two] = [machine(), machine()];
    const hold = await one.holds.take(RIGHT, '1@here', 5);
    await breakSessions();
    while (hold?.held()) await one.db.row('SELECT 1 AS one');
    expect(await hold?.keep()).toBe(true);
    expect(hold?.held()).toBe(true);
    expect(await two.holds.take(RIGHT, '2@there', 6)).toBeUndefined();
    expect(await one.holds.take(['another'], '1@here', 6)).toMatchObject({ generation: 1 });
    await hold?.release();
    expect(await two.holds.take(RIGHT, '2@there', 7)).toMatchObject({ generation: 2, leftBy: undefined });
  });

  test('nobody takes it while a transaction of its holder is under way', async () => {
    const { machine, breakSessions } = await machines();
    const [one, two] = [machine(), machine()];
    const hold = await one.holds.take(RIGHT, '1@here', 5);
    if (!hold) throw new Error('the right was free');
    const order: string[] = [];
    let taking: Promise<unknown> | undefined;
    await one.db.write(async (tx) => {
      await assertHeld(tx, hold);
      await breakSessions();
      taking = two.holds.take(RIGHT, '2@there', 6).then(() => order.push('taken'));
      // The other one waits for this row.
      const waiting =
        "SELECT count(*) AS n FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()";
      while ((await two.db.row<{ n: number }>(waiting))?.n !== 1);
      order.push('committed');
    });
    await taking;
    expect(order).toEqual(['committed', 'taken']);
  });
});
