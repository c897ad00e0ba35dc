import { describe, expect, onTestFinished, test } from 'vitest';
import { LwiError } from '../../src/errors.ts';
import { openJobs } from '../../src/jobs/pg-boss/open.ts';
import { pollJobs } from '../../src/jobs/poll-jobs.ts';
import type { SyncReport } from '../../src/sync/sync-connection.ts';
import { freshDatabase, POSTGRES } from '../support/postgres.ts';
import { NO_POSTGRES } from '../support/postgres-server.ts';
import { dueNow } from '../support/shared-jobs.ts';
import { virtualClock } from '../support/virtual-clock.ts';

const MINUTE = 60_000;
const QUEUE = { kind: 'poll', provider: 'quickbooks' } as const;

interface Row {
  readonly account: string;
  readonly provider: string;
  readonly id: string;
}

const row = (account: string, id = '1'): Row => ({ account, provider: 'quickbooks', id });
const REPORT: SyncReport = { provider: 'quickbooks', account: '', entities: [], startedAt: '', finishedAt: '' };

/** A machine that polls the connections of `rows`, which others share. */
async function machine(url: string, rows: Row[], intervalMs = 10 * MINUTE, failing?: LwiError) {
  const jobs = await openJobs(url, 'test');
  onTestFinished(() => jobs.close());
  const clock = virtualClock();
  const seen: string[] = [];
  const polls = pollJobs<Row>({
    ...{ jobs, clock, random: () => 0.5, intervalMs, told: () => {}, seen: ({ account }) => void seen.push(account) },
    connections: async () => rows,
    connection: async ({ account }) => rows.find((each) => each.account === account),
    async poll() {
      if (failing) throw failing;
      return REPORT;
    },
  });
  return {
    seen,
    /** Looks for polls that are missing, as it does every ten seconds. */
    async looks() {
      await clock.advance(10_000);
      await polls.prepare();
    },
    /** Does what is due; the accounts and how each ended. */
    async works() {
      const done: string[] = [];
      for (const job of await jobs.claim(QUEUE, 10)) {
        const { end, next = [] } = await polls.run(job, new AbortController().signal);
        await jobs.finish(job, end);
        await jobs.add(next);
        done.push(`${job.account} ${end.state === 'done' ? end.outcome : end.state}`);
      }
      return done;
    },
    /** In how many minutes the next poll is due. */
    async dueIn(of: Row) {
      const key = `${of.account}/${of.provider}/${of.id}`;
      const { dueInMs } = (await jobs.polls([QUEUE], [key])).get(key) ?? {};
      return dueInMs === undefined ? undefined : Math.round(dueInMs / MINUTE);
    },
  };
}

describe.skipIf(!POSTGRES)(POSTGRES ? 'polls of several machines' : `polls of several machines: ${NO_POSTGRES}`, () => {
  test('each connection has one; a new one is polled at once, and one that has gone or was made anew no more', async () => {
    const { url } = await freshDatabase();
    const rows = [row('a')];
    const [one, other] = [await machine(url, rows), await machine(url, rows)];
    await Promise.all([one.looks(), other.looks()]);
    expect([...(await one.works()), ...(await other.works())]).toEqual(['a done']);
    rows.push(row('b'));
    await Promise.all([one.looks(), other.looks()]);
    expect([...(await other.works()), ...(await one.works())]).toEqual(['b done']);
    expect(await one.dueIn(row('a'))).toBe(10);
    // What one has polled, the other one knows of.
    await other.looks();
    expect(other.seen.toSorted()).toEqual(['a', 'a', 'b']);

    rows.splice(0, 2, row('a', '2'));
    await one.looks();
    expect(await other.works()).toEqual(['a done']);
    expect([await one.dueIn(row('a', '2')), await one.dueIn(row('a', '1'))]).toEqual([10, 10]);
    await dueNow(url, 3);
    expect((await one.works()).toSorted()).toEqual(['a done', 'a gone', 'b gone']);
    expect([await one.dueIn(row('a', '2')), await one.dueIn(row('a', '1')), await one.dueIn(row('b'))]).toEqual([
      ...[10, undefined, undefined],
    ]);
  });

  test('of two intervals the shorter one counts, whoever polled last, and not before the pause after failures', async () => {
    const { url } = await freshDatabase();
    const rows = [row('a')];
    const slow = await machine(url, rows, 30 * MINUTE);
    const fast = await machine(url, rows);
    await slow.looks();
    expect(await slow.works()).toEqual(['a done']);
    expect(await slow.dueIn(row('a'))).toBe(30);
    await fast.looks();
    expect(await fast.dueIn(row('a'))).toBe(11);
    await slow.looks();
    expect(await slow.dueIn(row('a'))).toBe(11);
    const broken = await machine(url, rows, 10 * MINUTE, new LwiError('NETWORK', 'down'));
    for (const minutes of [10, 20, 40]) {
      await dueNow(url);
      expect(await broken.works()).toEqual(['a failed']);
      await fast.looks();
      expect(await fast.dueIn(row('a'))).toBe(minutes);
    }
  });
});
