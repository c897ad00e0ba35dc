import { expect, test } from 'vitest';
import { createAlarm } from '../../src/alarm.ts';
import { LwiError } from '../../src/errors.ts';
import type { Job, JobEnd } from '../../src/jobs/jobs.ts';
import { type JobDone, type JobWork, workJobs } from '../../src/jobs/work-jobs.ts';
import { virtualClock } from '../support/virtual-clock.ts';

const AWAY = new LwiError('STORE_AWAY', 'gone');
const QUEUE = { kind: 'replay', provider: 'acme' } as const;

const job = (id: string): Job => ({ ...QUEUE, id, account: 'a', key: undefined, order: {}, attempt: 0 });

/** Work on jobs that the test hands out one by one, on a clock that it moves. */
function working(run: (ids: readonly string[], signal: AbortSignal) => Promise<JobDone>, waiting: string[] = []) {
  const clock = virtualClock();
  const stop = new AbortController();
  const ended: [string, JobEnd['state']][] = [];
  const told: unknown[] = [];
  const database = { away: false, lost: [] as string[] };
  const answers =
    <T>(give: () => T) =>
    async () => {
      if (database.away) throw AWAY;
      return give();
    };
  const work: JobWork = {
    ...{ clock, signal: stop.signal, alarm: createAlarm(clock) },
    ...{ room: { apply: 1, poll: 1, sync: 1, replay: 2 }, takes: () => true, group: ({ id }) => id },
    prepare: answers(() => undefined),
    run: (some, signal) =>
      run(
        some.map(({ id }) => id),
        signal,
      ),
    trouble: (error, first) => void told.push([error.code, first]),
    recovered: () => void told.push('well'),
    jobs: {
      due: answers(() => (waiting.length > 0 ? [QUEUE] : [])),
      claim: async (_, most) => waiting.splice(0, most).map(job),
      beat: async (jobs) => jobs.filter(({ id }) => database.lost.includes(id)),
      finish: async ({ id }, { state }) => answers(() => void ended.push([id, state]))(),
      add: async () => [],
      tend: answers(() => undefined),
    },
  };
  const running = workJobs(work);
  running.catch(() => {});
  return { clock, stop, ended, told, running, database };
}

const done = async (): Promise<JobDone> => ({ end: { state: 'done' } });
const never = (_: readonly string[], signal: AbortSignal) =>
  new Promise<JobDone>((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));

test('no more at once than there is room for, and all in the end', async () => {
  let most = 0;
  let now = 0;
  const { clock, ended } = working(async () => {
    now += 1;
    most = Math.max(most, now);
    await clock.sleep(100);
    now -= 1;
    return done();
  }, ['1', '2', '3', '4', '5']);
  await clock.advance(1000);
  expect([most, ended.map(([id]) => id)]).toEqual([2, ['1', '2', '3', '4', '5']]);
});

test('what is under way when it is stopped goes back', async () => {
  const { clock, stop, ended, running } = working(never, ['1', '2']);
  await clock.advance(0);
  const reason = new LwiError('TERMINATED', 'stopped');
  stop.abort(reason);
  await expect(running).rejects.toBe(reason);
  expect(ended).toEqual([
    ['1', 'returned'],
    ['2', 'returned'],
  ]);
});

test('a job that somebody else has taken over is let go, and not ended', async () => {
  const { clock, ended, database } = working(never, ['1']);
  await clock.advance(1000);
  database.lost.push('1');
  await clock.advance(10_000);
  expect(ended).toEqual([]);
});

test('a database that is away is told of once, and what came of a job is written down when it is back', async () => {
  const { clock, ended, told, database } = working(async () => {
    await clock.sleep(500);
    database.away = true;
    return done();
  }, ['1']);
  await clock.advance(30_000);
  expect(ended).toEqual([]);
  expect(told.filter((each) => Array.isArray(each) && each[1])).toHaveLength(1);
  database.away = false;
  await clock.advance(5000);
  expect([ended, told.at(-1)]).toEqual([[['1', 'done']], 'well']);
});

test.each([
  ['passes', AWAY, 'failed'],
  ['does not pass ends the work, and the job goes back', new LwiError('STORE_DAMAGED', 'broken'), 'returned'],
])('trouble of the store in a job that %s', async (_, error, state) => {
  const { clock, ended, running } = working(() => Promise.reject(error), ['1']);
  await clock.advance(1000);
  expect(ended).toEqual([['1', state]]);
  if (state === 'returned') await expect(running).rejects.toBe(error);
});
