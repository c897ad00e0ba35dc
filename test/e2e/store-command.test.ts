import { randomBytes } from 'node:crypto';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { outputMisfits } from '../support/output-fit.ts';
import { freshDatabase, onDatabase, POSTGRES } from '../support/postgres.ts';
import { NO_POSTGRES } from '../support/postgres-server.ts';
import { inThisProcess, openScenario, withEnvironment } from '../support/scenario.ts';
import { startServe, WEBHOOK_SECRETS } from '../support/serving.ts';

const SECRET = 'planted-pa55word';

interface Checks {
  readonly checks: readonly {
    readonly name: string;
    readonly outcome: string;
    readonly reason?: string;
    readonly evidence?: string;
    readonly code?: string;
  }[];
}

describe('the database on a server', () => {
  beforeEach(({ skip }) => skip(POSTGRES === undefined, NO_POSTGRES));

  /** A role without rights, with a password that nobody asks for. */
  async function worker(url: string): Promise<{ role: string; at: string }> {
    const role = `worker_${randomBytes(4).toString('hex')}`;
    await onDatabase(url, (db) => db.script(`CREATE ROLE ${role} LOGIN PASSWORD '${SECRET}'`));
    onTestFinished(() => onDatabase(url, (db) => db.script(`DROP OWNED BY ${role} CASCADE; DROP ROLE ${role}`)));
    return { role, at: url.replace('postgres@', `${role}:${SECRET}@`) };
  }

  test('the owner makes it and lets a role in, which then connects, syncs, receives and is looked at', {
    timeout: 60_000,
  }, async () => {
    const lwi = await openScenario({ records: 3 });
    const { url } = await freshDatabase({ empty: true });
    const { role, at } = await worker(url);
    const owner = withEnvironment(inThisProcess(lwi), { LWI_DATABASE_URL: url });
    const seen: string[] = [];
    const fits = (command: string, { stdout, stderr }: { stdout: string; stderr: string }) => {
      seen.push(stdout, stderr);
      return outputMisfits(command, 'always', stdout);
    };

    const absent = await owner.json(['store', 'status']);
    expect(absent).toMatchObject({
      state: 'absent',
      schemaVersion: 0,
      server: { rights: 'superuser', standby: false },
    });
    const planned = await owner.run(['store', 'migrate', '--dry-run', '--grant-to', role]);
    expect(planned.stdout).toMatch(
      new RegExp(`^BEGIN;[^]*CREATE SCHEMA lwi;[^]*GRANT USAGE, CREATE ON SCHEMA lwi_views TO "${role}";`),
    );
    expect(await owner.json(['store', 'status'])).toMatchObject({ state: 'absent' });
    const made = await owner.json(['store', 'migrate', '--grant-to', role]);
    expect(made).toMatchObject({ from: 0, grantedTo: [role] });
    const again = await owner.run(['store', 'migrate']);
    expect(again.stdout).toMatch(new RegExp(`: schema \\d+, up to date; ${role} may work with it\n$`));
    expect(fits('store migrate', await owner.run(['store', 'migrate', '--dry-run', '--json']))).toEqual([]);

    const work = withEnvironment(inThisProcess(lwi), { LWI_DATABASE_URL: at });
    await work.connected(['quickbooks']);
    await work.prepare(['sync', 'quickbooks']);
    const served = await startServe(lwi, ['quickbooks'], { ...WEBHOOK_SECRETS, LWI_DATABASE_URL: at });
    expect(await served.deliver('quickbooks', 'event=invoice.updated')).toEqual([200]);
    await served.line('event', { outcome: 'applied' });
    expect(fits('store status', await work.run(['store', 'status', '--json', '-vv']))).toEqual([]);
    served.child.kill('SIGTERM');
    const { code, stdout, stderr } = await served.ended;
    expect({ code, stderr: code === 143 ? '' : stderr }).toEqual({ code: 143, stderr: '' });
    // A busy machine may take longer than somebody waits for a Tab.
    const named = async () => (await work.run(['complete', '--', 'status', '-a', ''])).stdout;
    await expect.poll(named, { timeout: 20_000 }).toMatch(/^default\tquickbooks\n/);
    const status = (await work.json(['status'])) as readonly { records: number; health: string }[];
    expect(status).toMatchObject([{ health: 'valid', records: expect.any(Number) }]);
    const views = await onDatabase(url, (db) =>
      db.rows<{ owner: string }>("SELECT DISTINCT viewowner AS owner FROM pg_views WHERE schemaname = 'lwi_views'"),
    );
    expect(views).toEqual([{ owner: role }]);

    const shown = await work.run(['store', 'status']);
    expect(shown.stdout).toMatch(
      new RegExp(`^engine +PostgreSQL \\d+\\.\\d+\nplace +postgres://${role}@127\\.0\\.0\\.1:\\d+/lwi_`),
    );
    expect(shown.stdout).toMatch(new RegExp(`^role +${role}: works, and no more$`, 'm'));
    expect(shown.stdout).toMatch(/^records +\d+ +\d/m);
    for (const command of ['doctor', 'smoke']) {
      const words = command === 'doctor' ? ['doctor', '--offline', '--json'] : ['smoke', '--json'];
      const ran = await work.run(words, { env: WEBHOOK_SECRETS });
      seen.push(ran.stdout, ran.stderr);
      const { checks } = JSON.parse(ran.stdout) as Checks;
      const about = checks.filter(({ name }) =>
        ['paths', 'disk', 'home', 'environment', 'database', 'key'].includes(name),
      );
      expect(about.filter(({ outcome }) => outcome === 'fail')).toEqual([]);
      expect(about.find(({ name }) => name === 'database')?.evidence).toMatch(/of PostgreSQL \d+\.\d+/);
    }
    seen.push(stdout, stderr, shown.stdout, planned.stdout, JSON.stringify(made), await dumped(url));
    expect(seen.join('\n')).not.toContain(SECRET);
  });

  test('one that is away fails its line of doctor and smoke, and the rest goes on', async () => {
    const lwi = await openScenario();
    const env = { LWI_DATABASE_URL: `postgres://u:${SECRET}@127.0.0.1:1/x` };
    const ran = await lwi.run(['doctor', '--offline', '--json'], { env });
    const of = (name: string) => (JSON.parse(ran.stdout) as Checks).checks.find((check) => check.name === name);
    expect([ran.code, ran.stderr]).toEqual([8, '']);
    expect(of('database')).toMatchObject({
      outcome: 'fail',
      code: 'STORE_AWAY',
      reason: 'postgres://u@127.0.0.1:1/x: the database does not answer (ECONNREFUSED)',
    });
    expect(of('key')).toMatchObject({ outcome: 'skip', reason: 'the database does not open' });
    const named = await lwi.run(['complete', '--', 'sync', ''], { env });
    expect(named).toMatchObject({ code: 0, stdout: expect.stringMatching(/^quickbooks\t/), stderr: '' });
    const smoke = await lwi.run(['smoke', '--json'], { env });
    expect([smoke.code, ran.stdout.includes(SECRET), smoke.stdout.includes(SECRET)]).toEqual([8, false, false]);
  });
});

/** Everything that the tables hold, as text. */
async function dumped(url: string): Promise<string> {
  return onDatabase(url, async (db) => {
    const tables = await db.rows<{ name: string }>(
      "SELECT format('%I.%I', schemaname, relname) AS name FROM pg_stat_user_tables",
    );
    const rows = await Promise.all(
      tables.map(({ name }) => db.rows<{ row: string }>(`SELECT t::text AS row FROM ${name} AS t`)),
    );
    return rows
      .flat()
      .map(({ row }) => row)
      .join('\n');
  });
}
