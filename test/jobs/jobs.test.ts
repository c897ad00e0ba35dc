import { describe, expect, it, onTestFinished } from 'vitest';
import { LwiError } from '../../src/errors.ts';
import type { JobKind, Jobs } from '../../src/jobs/jobs.ts';
import { JOB_SCHEMA_VERSION } from '../../src/jobs/pg-boss/boss.ts';
import { openJobs } from '../../src/jobs/pg-boss/open.ts';
import type { PostgresDatabase } from '../../src/store/postgres/database.ts';
import { jobCountTable } from '../../src/store/postgres/job-counts.ts';
import { freshDatabase, onDatabase, POSTGRES } from '../support/postgres.ts';
import { NO_POSTGRES } from '../support/postgres-server.ts';
import { lapseClaims } from '../support/shared-jobs.ts';

const queue = (kind: JobKind) => ({ kind, provider: 'quickbooks' }) as const;
const job = (kind: JobKind, key?: string) => ({ ...queue(kind), account: 'acme', key });

/** Two processes on a database of their own. */
async function two(): Promise<{ one: Jobs; other: Jobs; url: string }> {
  const { url } = await freshDatabase();
  const [one, other] = [await openJobs(url, 'test'), await openJobs(url, 'test')];
  onTestFinished(async () => void (await Promise.all([one.close(), other.close()])));
  return { one, other, url };
}

const run = (url: string, sql: string) => onDatabase(url, (db) => db.run(sql));
const counts = (url: string) => onDatabase(url, (db) => jobCountTable(db as PostgresDatabase).jobCounts());
const failure = new LwiError('NETWORK', 'not\0today');

describe.skipIf(!POSTGRES)(POSTGRES ? 'jobs on PostgreSQL' : `jobs on PostgreSQL: ${NO_POSTGRES}`, () => {
  it('a job is claimed once, whoever asks', async () => {
    const { one, other, url } = await two();
    await one.add(Array.from({ length: 40 }, () => job('replay')));
    expect(await other.due()).toEqual([queue('replay')]);
    const claims = await Promise.all(
      Array.from({ length: 20 }, (_, at) => [one, other][at % 2]?.claim(queue('replay'), 4)),
    );
    const ids = claims.flatMap((some) => some?.map(({ id }) => id) ?? []);
    expect([ids.length, new Set(ids).size]).toEqual([40, 40]);
    expect(await counts(url)).toMatchObject([{ kind: 'replay', provider: 'quickbooks', account: 'acme', active: 40 }]);
  });

  it('of one key one waits: beside one that is worked on, or instead of it', async () => {
    const { one, other } = await two();
    expect(await one.add([job('apply', 'a'), job('apply', 'a'), job('apply', 'b'), job('poll', 'a')])).toHaveLength(3);
    const [poll] = await one.claim(queue('poll'), 4);
    expect(await other.add([job('poll', 'a')])).toEqual([]);
    const applying = await one.claim(queue('apply'), 4);
    expect(applying.map(({ key }) => key).toSorted()).toEqual(['a', 'b']);
    expect(await other.add([job('apply', 'a'), job('apply', 'a')])).toHaveLength(1);
    expect(await other.claim(queue('apply'), 4)).toEqual([]);
    for (const claimed of [...applying, poll]) if (claimed) await one.finish(claimed, { state: 'done' });
    expect(await other.claim(queue('apply'), 4)).toHaveLength(1);
    expect(await other.add([job('poll', 'a')])).toHaveLength(1);
  });

  it("of what waits under a key the id is known; accounts do not get in each other's way", async () => {
    const { one, other } = await two();
    const [id] = await one.add([job('sync', 'a')]);
    expect([await other.add([job('sync', 'a')]), await other.waiting(queue('sync'), 'a')]).toEqual([[], id]);
    expect(await other.add([{ ...job('sync', 'b'), account: 'south' }])).toHaveLength(1);
    await one.claim(queue('sync'), 4);
    expect(await other.waiting(queue('sync'), 'a')).toBeUndefined();
  });

  it('what was claimed by a process that is dead waits, and whether anybody is there is seen', async () => {
    const { one, other, url } = await two();
    await one.add([job('sync', 'a')]);
    await one.claim(queue('sync'), 4);
    expect(await counts(url)).toMatchObject([{ waiting: 0, active: 1, attended: true }]);
    lapseClaims(url);
    await Promise.all([one.close(), other.close()]);
    await expect.poll(() => counts(url)).toMatchObject([{ waiting: 1, active: 0, attended: false }]);
  });

  it('what is not due is left, and knows when it will be; what is done is remembered', async () => {
    const { one, other } = await two();
    await one.add([{ ...job('poll', 'a'), inMs: 60_000 }]);
    expect([await other.due(), await other.claim(queue('poll'), 4)]).toEqual([[], []]);
    const lane = async () => (await other.polls([queue('poll')], ['a', 'b'])).get('a');
    expect(await lane()).toMatchObject({ live: true, endedAgoMs: undefined });
    expect((await lane())?.dueInMs).toBeGreaterThan(30_000);
    await other.postpone(queue('poll'), 'a', 0);
    await expect.poll(() => other.due(), { timeout: 5000 }).toEqual([queue('poll')]);
    const [claimed] = await one.claim(queue('poll'), 1);
    if (claimed) await one.finish(claimed, { state: 'done', outcome: 'failed' });
    expect(await lane()).toMatchObject({ live: false, doneAgoMs: undefined });
    expect((await lane())?.endedAgoMs).toBeLessThan(30_000);
  });

  it('a claim whose process is silent lapses, and what that one still says of it counts no more', async () => {
    const { one, other, url } = await two();
    await one.add([{ ...job('sync'), order: { by: 'hand', since: 5 } }]);
    const [claimed] = await one.claim(queue('sync'), 1);
    if (!claimed) throw new Error('nothing was claimed');
    expect(await one.beat([claimed])).toEqual([]);
    await run(url, "UPDATE lwi_jobs.job SET heartbeat_on = heartbeat_on - interval '13 s'");
    await other.tend();
    await run(url, 'UPDATE lwi_jobs.job SET start_after = now()');
    const [again] = await other.claim(queue('sync'), 1);
    expect(again).toMatchObject({ id: claimed.id, order: { by: 'hand', since: 5 }, attempt: 1 });
    expect(await one.beat([claimed])).toEqual([claimed]);
    await one.finish(claimed, { state: 'failed', error: failure, again: false });
    expect(await other.beat(again ? [again] : [])).toEqual([]);
  });

  it('what is returned is there at once, what failed after a pause, and what failed for good never again, but is seen', async () => {
    const { one, other, url } = await two();
    await one.add([job('replay')]);
    const [first] = await one.claim(queue('replay'), 1);
    if (first) await one.finish(first, { state: 'returned' });
    await expect.poll(() => other.due(), { timeout: 5000 }).toEqual([queue('replay')]);
    const [second] = await other.claim(queue('replay'), 1);
    if (second) await other.finish(second, { state: 'failed', error: failure, again: true });
    expect(await other.claim(queue('replay'), 1)).toEqual([]);
    expect(await counts(url)).toMatchObject([{ waiting: 1, failed: 0 }]);
    await run(url, 'UPDATE lwi_jobs.job SET start_after = now()');
    const [third] = await other.claim(queue('replay'), 1);
    if (third) await other.finish(third, { state: 'failed', error: failure, again: false });
    expect(await counts(url)).toMatchObject([{ waiting: 0, active: 0, failed: 1 }]);
    expect(await other.due()).toEqual([]);
  });

  it('works with the tables of its own version alone', async () => {
    const { url } = await two();
    expect(await onDatabase(url, (db) => db.rows('SELECT version FROM lwi_jobs.version'))).toEqual([
      { version: JOB_SCHEMA_VERSION },
    ]);
    await run(url, 'UPDATE lwi_jobs.version SET version = version + 1');
    await expect(openJobs(url, 'test')).rejects.toMatchObject({ code: 'STORE_OUTDATED' });
  });
});
