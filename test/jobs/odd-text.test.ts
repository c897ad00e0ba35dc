import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { LwiError } from '../../src/errors.ts';
import { failureEnd } from '../../src/jobs/failure-end.ts';
import { openJobs } from '../../src/jobs/pg-boss/open.ts';
import { freshDatabase, needsPostgres, onDatabase } from '../support/postgres.ts';

const QUEUE = { kind: 'replay', provider: 'acme' } as const;
const ODD = 'a\ud800b\0c';
const PLAIN = 'a\ufffdb\ufffdc';

beforeEach(needsPostgres);

test('text that JSON of PostgreSQL refuses stops no job, and its age is of the database', async () => {
  const { url } = await freshDatabase();
  const jobs = await openJobs(url, 'test');
  onTestFinished(() => jobs.close());
  await jobs.add([{ ...QUEUE, account: 'a', key: ODD, order: { to: ODD, more: [ODD] } }]);
  await onDatabase(url, (db) => db.run("UPDATE lwi_jobs.job SET created_on = created_on - interval '7 h'"));
  const [job] = await jobs.claim(QUEUE, 1);
  if (!job) throw new Error('nothing was claimed');
  expect(job).toMatchObject({ key: PLAIN, order: { to: PLAIN, more: [PLAIN] } });
  const error = new LwiError('NETWORK', `${ODD}${'x'.repeat(494)}\u{1f69a} and more`);
  const end = failureEnd(error, job);
  expect(end).toMatchObject({ again: false });
  expect(failureEnd(error, { ageMs: job.ageMs - 2 * 3_600_000 })).toMatchObject({ again: true });
  await jobs.finish(job, end);
  const [row] = await onDatabase(url, (db) => db.rows<{ output: object }>('SELECT state, output FROM lwi_jobs.job'));
  expect(row).toMatchObject({ state: 'failed', output: { message: `${PLAIN}${'x'.repeat(494)}` } });
});
