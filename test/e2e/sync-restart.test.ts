import { expect, onTestFinished, test } from 'vitest';
import { onDatabase, POSTGRES } from '../support/postgres.ts';
import { NO_POSTGRES, postgresServer } from '../support/postgres-server.ts';
import { failureOf, openScenario, withEnvironment } from '../support/scenario.ts';

const RECORDS = 10_000;
const WORDS = ['sync', 'quickbooks', '--entity', 'invoices', '--json'];
const AWAY = /does not answer; it is waited for/;

test('a sync goes on through a restart of the database; Ctrl-C does not wait for it', {
  timeout: 120_000,
}, async ({ skip }) => {
  if (POSTGRES === undefined) skip(NO_POSTGRES);
  const server = await postgresServer();
  onTestFinished(() => server.remove());
  const url = server.url('postgres');
  const lwi = withEnvironment(await openScenario({ records: RECORDS, rateLimits: false }), { LWI_DATABASE_URL: url });
  await lwi.connected(['quickbooks']);
  const counted = (table: string) =>
    onDatabase(url, (db) => db.row<{ rows: number }>(`SELECT count(*)::int AS rows FROM ${table}`));
  const stored = async () => (await counted('records'))?.rows ?? 0;
  const some = (least: number) => expect.poll(stored, { interval: 20, timeout: 20_000 }).toBeGreaterThan(least);

  const running = lwi.start(WORDS, { limitMs: 100_000 });
  await some(1000);
  await server.stop('fast');
  await running.said(AWAY);
  const before = running.child.exitCode;
  await server.start();
  await some(4000);
  // In the midst of whatever it does now, and back at once.
  await server.stop('immediate');
  await server.start();
  const { code, stdout, stderr } = await running.ended;
  expect({ before, code, stderr }).toMatchObject({ before: null, code: 0 });
  expect(JSON.parse(stdout)).toMatchObject({ entities: [{ upserted: RECORDS, rejected: 0 }] });
  expect(await stored()).toBe(RECORDS);

  const again = lwi.start([...WORDS, '--full']);
  await expect.poll(() => counted('sync_seen'), { interval: 20, timeout: 20_000 }).not.toEqual({ rows: 0 });
  await server.stop('fast');
  await again.said(AWAY);
  again.child.kill('SIGINT');
  expect(failureOf(await again.ended)).toMatchObject({ exit: 130, error: { code: 'INTERRUPTED' } });
});
