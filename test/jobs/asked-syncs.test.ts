import { describe, expect, onTestFinished, test } from 'vitest';
import { askedSyncs } from '../../src/jobs/asked-syncs.ts';
import type { Job, Jobs } from '../../src/jobs/jobs.ts';
import { openJobs } from '../../src/jobs/pg-boss/open.ts';
import { syncOrderOf } from '../../src/jobs/sync-order.ts';
import { freshDatabase, POSTGRES } from '../support/postgres.ts';
import { NO_POSTGRES } from '../support/postgres-server.ts';
import { START, virtualClock } from '../support/virtual-clock.ts';

const KEY = { account: 'acme', provider: 'quickbooks' };
const QUEUE = { kind: 'sync', provider: 'quickbooks' } as const;

async function open(url: string): Promise<Jobs> {
  const jobs = await openJobs(url, 'test');
  onTestFinished(() => jobs.close());
  return jobs;
}

describe.skipIf(!POSTGRES)(POSTGRES ? 'runs that events ask for' : `runs that events ask for: ${NO_POSTGRES}`, () => {
  test('however many ask, and on whatever machine, it is one for each entity, and all are one run', async () => {
    const { url } = await freshDatabase();
    const [one, other] = [await open(url), await open(url)];
    const machines = [askedSyncs(one, virtualClock()), askedSyncs(other, virtualClock())];
    for (const { soon } of machines) for (let n = 0; n < 50; n += 1) soon(KEY, n % 2 ? 'invoices' : 'customers');
    await Promise.all(machines.map(({ keep }) => keep()));
    // Nothing has been asked for since.
    await Promise.all(machines.map(({ keep }) => keep()));
    await expect.poll(() => one.due(), { timeout: 5000 }).toEqual([QUEUE]);
    const claimed = await one.claim(QUEUE, 10);
    expect(claimed.map(({ account, key }) => [account, key]).toSorted()).toEqual([
      ['acme', 'acme/quickbooks/customers'],
      ['acme', 'acme/quickbooks/invoices'],
    ]);
    const order = syncOrderOf(claimed as unknown as [Job, ...Job[]]);
    expect([order.by, order.entities?.toSorted()]).toEqual(['event', ['customers', 'invoices']]);
    expect(await other.claim(QUEUE, 10)).toEqual([]);
    // What comes while they are worked on is seen by the next run.
    machines[1]?.soon(KEY, 'invoices');
    await machines[1]?.keep();
    expect((await other.add([{ ...QUEUE, ...KEY, key: 'acme/quickbooks/invoices' }])).length).toBe(0);
  });

  test('a stream of events is no stream of runs, and what could not be kept is kept the next time', async () => {
    const clock = virtualClock();
    const starts: number[] = [];
    let away = true;
    const { soon, keep } = askedSyncs(
      {
        async add(jobs) {
          if (away) throw new Error('away');
          // One that waits already stays as it is.
          if ((starts.at(-1) ?? 0) > clock.now()) return [];
          starts.push(...jobs.map(({ inMs = 0 }) => clock.now() + inMs));
          return [];
        },
      },
      clock,
    );
    soon(KEY);
    await expect(keep()).rejects.toThrow('away');
    away = false;
    await keep();
    for (let second = 0; second < 30; second += 1) {
      await clock.advance(1000);
      soon(KEY);
      await keep();
    }
    expect(starts.map((at) => at - START)).toEqual([500, 10_500, 20_500, 30_500]);
  });
});
