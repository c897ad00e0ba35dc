import { describe, expect, it, onTestFinished } from 'vitest';
import { LwiError } from '../../src/errors.ts';
import type { JobQueue, Jobs } from '../../src/jobs/jobs.ts';
import { openJobs } from '../../src/jobs/pg-boss/open.ts';
import { systemClock } from '../../src/clock.ts';
import { freshDatabase, onDatabase, POSTGRES } from '../support/postgres.ts';
import { NO_POSTGRES } from '../support/postgres-server.ts';

async function opened(url: string): Promise<Jobs> {
  const jobs = await openJobs(url, 'test');
  onTestFinished(() => jobs.close());
  return jobs;
}
const queue = (kind: JobQueue['kind']) => ({ kind, provider: 'quickbooks' }) as const;
const account = 'acme';

describe.skipIf(!POSTGRES)(POSTGRES ? 'jobs' : `jobs: ${NO_POSTGRES}`, () => {
  it('works', async () => {
    const { url } = await freshDatabase();
    const t = performance.now();
    const jobs = await opened(url);
    console.log('open', performance.now() - t);
    const other = await opened(url);
    const ids = await jobs.add([{ ...queue('apply'), account, key: 'a' }, { ...queue('apply'), account, key: 'a' }, { ...queue('apply'), account, key: 'b' }, { ...queue('poll'), account, key: 'a', inMs: 5000 }]);
    expect(ids).toHaveLength(3);
    expect(await other.due()).toEqual([queue('apply')]);
    const claimed = await other.claim(queue('apply'), 10);
    expect(claimed.map((j) => j.key).toSorted()).toEqual(['a', 'b']);
    expect(await jobs.claim(queue('apply'), 10)).toEqual([]);
    await jobs.add([{ ...queue('apply'), account, key: 'a' }]);
    expect(await jobs.claim(queue('apply'), 10)).toEqual([]);
    console.log(await jobs.due(), await jobs.polls([queue('poll')], ['a', 'c']));
    await jobs.postpone(queue('poll'), 'a', 60_000);
    console.log(await jobs.polls([queue('poll')], ['a', 'c']));
    expect(await other.beat(claimed)).toEqual([]);
    await other.finish(claimed[0]!, { state: 'done' });
    await other.finish(claimed[1]!, { state: 'returned' });
    console.log(await jobs.claim(queue('apply'), 10));
    await jobs.tend();
  });
});
