import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { plantInvoices, plantRecord, plantSetAside } from '../support/planted-rows.ts';
import { freshDatabase, onDatabase, POSTGRES } from '../support/postgres.ts';
import { NO_POSTGRES } from '../support/postgres-server.ts';
import { failureOf, openScenario, type Scenario } from '../support/scenario.ts';
import { changeStore, queryStore } from '../support/store-file.ts';

/** What people see of a store. */
const VIEWS = [
  ['status'],
  ['token', 'get', 'slack'],
  ['secret', 'list'],
  ['records', 'list'],
  ['records', 'export', 'quickbooks', 'invoices', '--deleted'],
  ['records', 'list', 'quickbooks', '--set-aside'],
  ['webhook', 'list'],
  ['webhook', 'show', 'Ev7'],
  ['key', 'status'],
];

async function seen(lwi: Scenario, env: Record<string, string | undefined>): Promise<string[]> {
  const shown: string[] = [];
  for (const words of VIEWS) {
    const { code, stdout, stderr } = await lwi.runHere([...words, '--json'], { env });
    // What is left of a limit and the queue are of use for minutes only, and are not copied.
    const lasting = stdout.replaceAll(/"rateLeft":\{[^}]*\},?|"jobs":\[\],/g, '');
    shown.push(`${words.join(' ')}: ${code} ${lasting}${stderr}`);
  }
  return shown;
}

test('the same store in a file, in PostgreSQL and in a file again', { timeout: 60_000 }, async ({ skip }) => {
  if (POSTGRES === undefined) skip(NO_POSTGRES);
  const lwi = await openScenario({ records: 5 });
  const own = { LWI_DATABASE_URL: undefined };
  await lwi.connected(['slack'], { env: own });
  await lwi.connected(['quickbooks'], { env: own });
  await lwi.prepare(['secret', 'set', 'slack', 'webhook-secret'], { env: own, stdin: 'a-secret' });
  await lwi.prepare(['sync', 'quickbooks'], { env: own });
  plantRecord(lwi.home, 'gone', { Id: 'gone' }, { deleted: 1 });
  plantSetAside(lwi.home, 'no id', { a: 1 }, { path: '/x' });
  changeStore(
    lwi.home,
    `INSERT INTO inbox (event, account_id, provider, key, type, method, path, headers, body, received_at, state, due_at)
       VALUES (7, 'default', 'slack', 'Ev7', 'message', 'POST', '/webhooks/slack', '[["A","b"]]', x'00ff', 1760000000000, 'kept', 0);
     INSERT INTO forwards (event, target, state, due_at) VALUES (7, 'http://127.0.0.1:9/', 'received', 0);
     INSERT INTO forward_attempts (event, number, target, attempt, started_at, status) VALUES (7, 1, 'http://127.0.0.1:9/', 1, 1760000000000, 503)`,
  );
  const before = await seen(lwi, own);

  const { url } = await freshDatabase({ empty: true });
  const password = 'hunter2-in-a-url';
  const withPassword = url.replace('postgres@', `postgres:${password}@`);
  const there = await lwi.run(['store', 'copy', '--to', withPassword, '--json', '-v'], { env: own });
  expect(there).toMatchObject({ code: 0 });
  expect(there.stdout + there.stderr).not.toContain(password);
  const told = JSON.parse(there.stdout) as { tables: { name: string; rows: number; verified: number }[] };
  expect(told).toMatchObject({ from: join(lwi.home, 'lwi.db'), to: url, resumed: false, tookMs: expect.any(Number) });
  for (const { rows, verified } of told.tables) expect(verified).toBe(rows);
  expect(await seen(lwi, { LWI_DATABASE_URL: url })).toEqual(before);

  // The database that the environment names, by a role with a password that no command line shows; and back.
  const back = await lwi.run(['store', 'copy', '--to', 'new/lwi.db'], { env: { LWI_DATABASE_URL: withPassword } });
  expect(back).toMatchObject({ code: 0, stdout: expect.stringMatching(/^TABLE +ROWS +COPIED +VERIFIED\n/) });
  expect(back.stderr).toMatch(/^all [\d,]+ rows are the same in both, after \d+s\nUse one of the two from now on/);
  expect(statSync(join(lwi.cwd, 'new/lwi.db')).mode & 0o777).toBe(0o600);
  expect(await seen(lwi, { ...own, LWI_HOME: join(lwi.cwd, 'new') })).toEqual(before);
});

test.for(['a file', 'PostgreSQL'])(
  'killed again and again, a copy into %s goes on',
  { timeout: 60_000 },
  async (kind, { skip }) => {
    if (kind === 'PostgreSQL' && POSTGRES === undefined) skip(NO_POSTGRES);
    const lwi = await openScenario();
    const own = { LWI_DATABASE_URL: undefined };
    await lwi.prepare(['secret', 'set', 'slack', 'webhook-secret'], { env: own, stdin: 'a-secret' });
    plantInvoices(lwi.home, 15_000);
    const source = join(lwi.home, 'lwi.db');
    const file = join(lwi.cwd, 'copy/lwi.db');
    const to = kind === 'a file' ? file : (await freshDatabase({ empty: true })).url;
    /** How far it is, in something that grows. */
    const progress = async () => {
      if (kind === 'a file')
        return [file, `${file}-wal`].reduce((sum, path) => sum + (existsSync(path) ? statSync(path).size : 0), 0);
      const count = "SELECT coalesce(pg_relation_size(to_regclass('lwi.records')), 0) AS size";
      return onDatabase(to, async (db) => (await db.row<{ size: number }>(count))?.size ?? 0);
    };
    const words = ['store', 'copy', '--from', source, '--to', to];
    for (const signal of ['SIGKILL', 'SIGKILL', 'SIGINT'] as const) {
      const start = await progress();
      const running = lwi.start(words, { env: own });
      await expect.poll(progress, { timeout: 20_000, interval: 10 }).toBeGreaterThan(start + 200_000);
      running.child.kill(signal);
      const { code, stderr } = await running.ended;
      expect([code, stderr]).toEqual([
        signal === 'SIGINT' ? 130 : null,
        expect.stringMatching(signal === 'SIGINT' ? /to go on/ : /^$/),
      ]);
    }
    const half = await lwi.run(['secret', 'list', '--json'], {
      env: kind === 'a file' ? { ...own, LWI_HOME: join(lwi.cwd, 'copy') } : { LWI_DATABASE_URL: to },
    });
    const { exit, error } = failureOf(half);
    expect({ exit, error }).toMatchObject({
      exit: 7,
      error: { code: 'STORE_UNFINISHED', hint: expect.stringContaining(`lwi store copy --from ${source} --to ${to}`) },
    });
    const whole = await lwi.json(words, { env: own });
    expect(whole).toMatchObject({ resumed: true });
    const records = (
      whole as { tables: { name: string; rows: number; copied: number; verified: number }[] }
    ).tables.find(({ name }) => name === 'records');
    expect(records).toMatchObject({ rows: 15_000, verified: 15_000 });
    expect(records?.copied).toBeLessThan(15_000);
  },
);

test('what cannot be copied is refused, and nothing is made', async () => {
  const lwi = await openScenario();
  const own = { LWI_DATABASE_URL: undefined };
  await lwi.prepare(['secret', 'set', 'slack', 'webhook-secret'], { env: own, stdin: 'a-secret' });
  const source = join(lwi.home, 'lwi.db');
  const text = lwi.write(
    'notes.txt',
    'no database at all, but long enough to be looked at by its first page '.repeat(20),
  );
  const to = join(lwi.cwd, 'made.db');
  const refused = async (...words: string[]) =>
    failureOf(await lwi.runHere(['store', 'copy', ...words, '--json'], { env: own }));
  expect(await refused()).toMatchObject({ exit: 2 });
  expect(await refused('--from', source, '--to', source)).toMatchObject({
    exit: 2,
    error: { message: expect.stringMatching(/same store/) },
  });
  expect(await refused('--from', join(lwi.cwd, 'none.db'), '--to', to)).toMatchObject({ exit: 2 });
  expect(await refused('--from', lwi.cwd, '--to', to)).toMatchObject({
    exit: 2,
    error: { message: expect.stringMatching(/directory/) },
  });
  expect(await refused('--from', text, '--to', to)).toMatchObject({ exit: 7, error: { code: 'STORE_DAMAGED' } });
  expect(await refused('--from', source, '--to', text)).toMatchObject({ exit: 7, error: { code: 'STORE_DAMAGED' } });
  const secret = 'mysql://me:hunter2@host/x';
  const url = await refused('--from', source, '--to', secret);
  expect(url).toMatchObject({ exit: 2 });
  expect(JSON.stringify(url)).not.toContain('hunter2');
  expect(await refused('--from', source, '--to', 'postgres://me:hunter2@127.0.0.1:9/x')).toMatchObject({
    exit: 7,
    error: { code: 'STORE_AWAY', message: expect.not.stringContaining('hunter2') },
  });
  expect(existsSync(to)).toBe(false);
  expect(queryStore(lwi.home, 'SELECT name FROM secrets')).toHaveLength(1);
});
