import { describe, expect, test } from 'vitest';
import { outputMisfits } from '../support/output-fit.ts';
import { freshDatabase, onDatabase, POSTGRES } from '../support/postgres.ts';
import { NO_POSTGRES } from '../support/postgres-server.ts';
import { failureOf, openScenario, type Scenario, withEnvironment } from '../support/scenario.ts';
import { type Serving, startServe } from '../support/serving.ts';
import { lapseClaims } from '../support/shared-jobs.ts';
import { openTarget } from '../support/target.ts';

type Job = { readonly jobId: string };

/** A connection in a database of its own, which any number of processes may share. */
async function shared(): Promise<{ lwi: Scenario; url: string }> {
  const { url } = await freshDatabase();
  const lwi = withEnvironment(await openScenario({ records: 3 }), { LWI_DATABASE_URL: url });
  await lwi.connected(['quickbooks']);
  return { lwi, url };
}

/** The first of several processes that says a line of this type with these members. */
const whoever = (serves: readonly Serving[], type: string, like?: Readonly<Record<string, unknown>>) =>
  Promise.any(serves.map(async (serve) => ({ serve, line: await serve.line(type, like) })));

const applied = (url: string) =>
  onDatabase(url, (db) => db.rows<{ key: string }>("SELECT key FROM inbox WHERE state = 'applied'"));

const polls = (url: string) =>
  onDatabase(url, (db) => db.rows<{ kind: string }>("SELECT kind FROM sync_runs WHERE kind = 'poll'"));

describe.skipIf(!POSTGRES)(
  POSTGRES ? 'several lwi serve on one database' : `several lwi serve: ${NO_POSTGRES}`,
  { timeout: 90_000 },
  () => {
    test('poll a connection once for all, apply what any of them receives, and do what is handed to them', async () => {
      const { lwi, url } = await shared();
      const serves = [await startServe(lwi), await startServe(lwi)];
      await whoever(serves, 'poll', { outcome: 'done' });
      const queued = (await lwi.json(['sync', '--queue', '--entity', 'invoices'])) as { jobs: Job[] };
      expect(outputMisfits('sync', 'with `--queue`', JSON.stringify(queued))).toEqual([]);
      await whoever(serves, 'job', { kind: 'sync', jobId: queued.jobs[0]?.jobId, outcome: 'done' });
      for (const serve of serves) {
        expect(await serve.deliver('quickbooks', `event=customer.updated&id=${serves.indexOf(serve) + 1}`)).toEqual([
          200,
        ]);
      }
      await expect.poll(() => applied(url), { timeout: 15_000 }).toHaveLength(2);
      const [event] = await applied(url);
      const target = await openTarget();
      const replay = ['webhook', 'replay', event?.key ?? '', '--to', target.url];
      const handed = (await lwi.json([...replay, '--queue'])) as { jobs: Job[] };
      expect(outputMisfits('webhook replay', 'with `--queue`', JSON.stringify(handed))).toEqual([]);
      await whoever(serves, 'job', { kind: 'replay', jobId: handed.jobs[0]?.jobId, outcome: 'done' });
      expect(target.arrived).toHaveLength(1);
      expect(failureOf(await lwi.run([...replay, '--queue', '--rate', '1/s', '--json']))).toMatchObject({ exit: 2 });
      expect(await polls(url)).toHaveLength(1);
      expect(await lwi.json(['status'])).toMatchObject([{ jobs: [] }]);
      for (const { url: at } of serves)
        expect(await (await fetch(`${at}/healthz`)).json()).toMatchObject({ status: 'ok' });
      for (const { child, ended } of serves) {
        child.kill('SIGKILL');
        expect(outputMisfits('serve', 'a line at a time', (await ended).stdout)).toEqual([]);
      }
      await lwi.prepare(['sync', '--queue']);
      const status = await lwi.json(['status']);
      expect(status).toMatchObject([{ jobs: [{ kind: 'sync', waiting: 1, active: 0, failed: 0 }] }]);
      expect(outputMisfits('status', 'always', JSON.stringify(status))).toEqual([]);
    });

    test('one that is killed loses what it was at to another', async () => {
      const { lwi, url } = await shared();
      await lwi.control('faults?fault=hang:quickbooks/v3');
      const one = await startServe(lwi);
      await expect.poll(() => polls(url), { timeout: 15_000 }).toHaveLength(1);
      const two = await startServe(lwi);
      one.child.kill('SIGKILL');
      await one.ended;
      await lwi.control('faults');
      lapseClaims(url);
      expect(await two.line('poll')).toMatchObject({ outcome: 'done' });
      expect(await polls(url)).toHaveLength(2);
    });

    test('what waits for one account is neither seen nor made by another', async () => {
      const { lwi } = await shared();
      const queue = async (...words: string[]) => (await lwi.json(['sync', '--queue', ...words])) as { jobs: Job[] };
      const first = await queue();
      expect([await queue(), (await queue('--full')).jobs.length]).toEqual([first, 1]);
      const again = await lwi.runHere(['sync', '--queue']);
      expect([again.stdout, again.stderr]).toEqual([
        `${first.jobs[0]?.jobId}\n`,
        expect.stringContaining('queued already'),
      ]);
      const south = async (...words: string[]) => {
        const { code, stdout, stderr } = await lwi.runHere(['-a', 'south', ...words, '--json']);
        return { code, stdout, shown: /default|quickbooks/.test(stdout + stderr) };
      };
      expect(await south('status')).toEqual({ code: 0, stdout: '[]\n', shown: false });
      expect(await south('sync', '--queue')).toMatchObject({ code: 3, stdout: '', shown: false });
      const { stdout } = await lwi.runHere(['status', '--json']);
      expect(JSON.parse(stdout)).toMatchObject([{ account: 'default', jobs: [{ kind: 'sync', waiting: 2 }] }]);
      const shown = await lwi.runHere(['status']);
      expect(shown.stdout).toMatch(/\n\nJOBS +PROVIDER .*\nsync +quickbooks +default +2( |$)/m);
      expect(shown.stderr).toContain('Jobs wait, and nobody does them: run `lwi serve`');
    });

    test('without PostgreSQL there is nobody to hand work to', async () => {
      const lwi = await openScenario();
      const { LWI_DATABASE_URL: _, ...env } = lwi.env;
      for (const words of [
        ['sync', '--queue'],
        ['webhook', 'replay', '--failed', '--to', 'http://127.0.0.1:1', '--queue'],
      ]) {
        const failure = failureOf(
          await lwi.runHere([...words, '--json'], { env: { ...env, LWI_DATABASE_URL: undefined } }),
        );
        expect(failure).toMatchObject({ exit: 2, error: { code: 'USAGE' } });
      }
    });
  },
);
