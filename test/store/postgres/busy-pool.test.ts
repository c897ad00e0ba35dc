import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { connectionSettings } from '../../../src/store/postgres/connection-url.ts';
import { PostgresDatabase } from '../../../src/store/postgres/database.ts';
import { storeError } from '../../../src/store/postgres/errors.ts';
import { lanes } from '../../../src/store/postgres/lanes.ts';
import { freshDatabase, needsPostgres } from '../../support/postgres.ts';

const codeOf = (error: unknown) => (error as { code?: string }).code;

/** An error as `pg` gives it. */
const said = (code: string, message: string) => Object.assign(new Error(message), { code });

describe('the connections of a pool', () => {
  test('are given in turn, one of them kept for what is urgent', async () => {
    const pool = lanes('here', 2, 60_000);
    const order: string[] = [];
    const leave = await pool.enter(false);
    const second = Promise.resolve(pool.enter(false)).then((end) => {
      order.push('second');
      return end;
    });
    (await pool.enter(true))();
    order.push('urgent');
    leave();
    leave();
    (await second)();
    expect(order).toEqual(['urgent', 'second']);
  });

  test('come to what is urgent first where there is only one; who waits too long is told why', async () => {
    const pool = lanes('here', 1, 20);
    const leave = await pool.enter(false);
    await expect(pool.enter(false)).rejects.toMatchObject({
      code: 'STORE_LOCKED',
      message: 'here: all 1 connections of this process are in use',
    });
    const order: string[] = [];
    const enter = (name: string, urgent: boolean) =>
      Promise.resolve(pool.enter(urgent)).then((end) => {
        order.push(name);
        end();
      });
    const both = [enter('patient', false), enter('urgent', true)];
    leave();
    await Promise.all(both);
    expect(order).toEqual(['urgent', 'patient']);
  });
});

test('what the server says is told in true words', () => {
  const told = (code: string, message = 'x') => {
    const error = storeError(said(code, message), 'here') as Error;
    return `${codeOf(error)} ${error.message}`;
  };
  expect(told('57014', 'canceling statement due to statement timeout')).toMatch(/^STORE_LOCKED .* longer/);
  expect(told('57014', 'canceling statement due to lock timeout')).toMatch(/^STORE_LOCKED .* holds what is needed/);
  expect(told('57014', 'canceling statement due to user request')).toMatch(/^STORE_LOCKED .* cancelled/);
  expect(['XX000', 'XX001', 'XX002'].map((code) => told(code).split(' ')[0])).toEqual([
    ...['STORE_REFUSED', 'STORE_DAMAGED', 'STORE_DAMAGED'],
  ]);
  expect(['54000', '22021', '22P02', '22P05'].map((code) => told(code).split(' ')[0])).toEqual(
    Array(4).fill('INPUT_INVALID'),
  );
});

describe('a busy pool', () => {
  beforeEach(needsPostgres);

  test('is waited for longer than a connection is, and holds up no urgent statement', async () => {
    const { url } = await freshDatabase({ empty: true });
    const settings = connectionSettings(`${url}?pool_size=2`, 'test');
    const db = new PostgresDatabase({ ...settings, driver: { ...settings.driver, connectionTimeoutMillis: 400 } });
    onTestFinished(() => db.close());
    await db.row('SELECT 1 AS one');
    const ended: string[] = [];
    const slow = (name: string) =>
      db.run('SELECT pg_sleep(0.4), pg_advisory_lock_shared(1)').then(() => ended.push(name));
    const all = [slow('one'), slow('two'), slow('three')];
    await db.urgent().run("SELECT set_config('a.b', 'c', false)");
    expect(ended).toEqual([]);
    await Promise.all(all);
  });
});
