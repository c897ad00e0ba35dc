import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { connectionSettings } from '../../../src/store/postgres/connection-url.ts';
import { PostgresDatabase } from '../../../src/store/postgres/database.ts';
import { patience } from '../../../src/store/postgres/patience.ts';
import { sessionLocks } from '../../../src/store/postgres/session-locks.ts';
import { cutProxy } from '../../support/cut-proxy.ts';
import { freePort } from '../../support/free-port.ts';
import { freshDatabase, needsPostgres, onDatabase } from '../../support/postgres.ts';

const STOPPED = new Error('stopped');

describe('patience with a database', () => {
  test('lasts while there is something to be patient for, asks again what passes, and ends at once with a stop', async () => {
    const stop = new AbortController();
    let needed = true;
    const { through } = patience({ applies: () => needed, signal: stop.signal });
    const failing = (times: number, then: () => void = () => {}) => {
      const asked: boolean[] = [];
      const work = through(
        async (again) => {
          asked.push(again);
          if (asked.length > times) return asked;
          then();
          throw new Error('away');
        },
        (error) => error instanceof Error && error.message === 'away',
      );
      return work;
    };
    expect(await failing(2)).toEqual([false, true, true]);
    await expect(
      through(
        () => Promise.reject(new Error('defect')),
        () => false,
      ),
    ).rejects.toThrow('defect');
    await expect(failing(9, () => stop.abort(STOPPED))).rejects.toThrow('away');
    const other = new AbortController();
    const waiting = patience({ applies: () => needed, signal: other.signal });
    const given: string[] = [];
    let connect = (_late: string) => {};
    const connecting = waiting.unlessStopped(
      new Promise<string>((resolve) => {
        connect = resolve;
      }),
      (late) => void given.push(late),
    );
    other.abort(STOPPED);
    await expect(connecting).rejects.toBe(STOPPED);
    connect('late');
    await expect.poll(() => given).toEqual(['late']);
    needed = false;
    await expect(
      patience({ applies: () => needed }).through(
        () => Promise.reject(STOPPED),
        () => true,
      ),
    ).rejects.toBe(STOPPED);
  });

  test('of nobody who needs none: a server that is not there is told at once', async () => {
    const db = new PostgresDatabase(connectionSettings(`postgres://lwi@127.0.0.1:${await freePort()}/lwi`, 'test'));
    onTestFinished(() => db.close());
    const idle = db.patient(patience({ applies: () => false }));
    await expect(idle.row('SELECT 1')).rejects.toMatchObject({ code: 'STORE_AWAY' });
    const stop = new AbortController();
    const patient = db.patient(patience({ applies: () => true, signal: stop.signal })).run('DELETE FROM meta');
    stop.abort(STOPPED);
    await expect(patient).rejects.toBe(STOPPED);
  });
});

describe('a connection that breaks under a statement', () => {
  beforeEach(needsPostgres);

  test('reading is asked again, writing is not; on a cut network all ends within moments', async () => {
    const { url } = await freshDatabase();
    const proxy = await cutProxy(Number(new URL(url).port));
    const way = new URL(url);
    way.port = String(proxy.port);
    way.searchParams.set('connect_timeout', '2');
    const db = new PostgresDatabase(connectionSettings(way.href, 'test'));
    const patient = db.patient(patience({ applies: () => true }));
    await patient.row('SELECT 1');
    proxy.mode = 'loses';
    await expect(db.row('SELECT 1')).rejects.toMatchObject({ code: 'STORE_AWAY' });
    await patient.row('SELECT 1');
    proxy.mode = 'loses';
    expect(await patient.row('SELECT 2 AS two')).toEqual({ two: 2 });
    proxy.mode = 'loses';
    const insert = `INSERT INTO meta (name, value) VALUES ('once', '') RETURNING name`;
    await expect(patient.row(insert)).rejects.toMatchObject({ code: 'STORE_AWAY' });
    const sql = `SELECT count(*)::int AS rows FROM meta WHERE name = 'once'`;
    await expect.poll(() => onDatabase(url, (direct) => direct.row(sql))).toEqual({ rows: 1 });

    const pids = await Promise.all(
      [db, patient].map((on) => on.row<{ pid: number }>('SELECT pg_backend_pid() AS pid')),
    );
    expect(new Set(pids.map((each) => each?.pid)).size).toBe(1);
    const wrong = Promise.allSettled([db.row('SELECT 1 / 0'), db.row('SELECT 1 AS one')]);
    expect(await wrong).toMatchObject([{ reason: { code: '22012' } }, { value: { one: 1 } }]);
    const locks = sessionLocks(db);
    await locks.take(['any']);
    proxy.mode = 'swallows';
    const asked = db.run('DELETE FROM meta WHERE false').catch((error: unknown) => error);
    const began = performance.now();
    await Promise.all([locks.close(), db.close()]);
    expect(await asked).toMatchObject({ code: 'STORE_AWAY' });
    // A server would be waited for as long as the system holds on to a connection.
    expect(performance.now() - began).toBeLessThan(10_000);
  });
});
