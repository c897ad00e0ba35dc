import { expect, test } from 'vitest';
import { createAlarm } from '../../src/alarm.ts';
import { LwiError } from '../../src/errors.ts';
import type { Job, JobEnd } from '../../src/jobs/jobs.ts';
import { type JobDone, type JobWork, workJobs } from '../../src/jobs/work-jobs.ts';
import { virtualClock } from '../support/virtual-clock.ts';

const AWAY = new LwiError('STORE_AWAY', 'gone');
const QUEUE = { kind: 'replay', provider: 'acme' } as const;

const job = (id: string): Job => ({ ...QUEUE, id, account: 'a', key: undefined, order: {}, attempt: 0, ageMs: 0 });

/** Work on jobs that the test hands out one by one, on a clock that it moves. */
function working(run: (ids: readonly string[], signal: AbortSignal) => Promise<JobDone>, waiting: string[] = []) {
  const clock = virtualClock();
  const stop = new AbortController();
  const ended: [string, JobEnd['state']][] = [];
  const told: unknown[] = [];
  const database = { away: false, lost: [] as string[], refuses: (_: JobEnd) => false };
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
    failed: (some, error) => void told.push([some.map(({ id }) => id).join(), error.code, error.message]),
    jobs: {
      due: answers(() => (waiting.length > 0 ? [QUEUE] : [])),
      claim: async (_, most) => waiting.splice(0, most).map(job),
      beat: async (jobs) => jobs.filter(({ id }) => database.lost.includes(id)),
      finish: async ({ id }, end) => {
        if (database.refuses(end)) throw new Error('invalid input syntax for type json');
        await answers(() => void ended.push([id, end.state]))();
      },
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
  const claims: AbortSignal[] = [];
  const waiting = ['1', '2'];
  const { clock, ended, database } = working((ids, signal) => {
    claims.push(signal);
    return never(ids, signal);
  }, waiting);
  await clock.advance(1000);
  database.lost.push('1');
  await clock.advance(10_000);
  expect(claims.map(({ aborted }) => aborted)).toEqual([true, false]);
  // There is room again, for one.
  waiting.push('3', '4');
  await clock.advance(2000);
  expect([waiting, ended]).toEqual([['4'], []]);
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

test('what nobody expects of a job is its failure, is told, and leaves all others alone', async () => {
  const { clock, ended, told, running, stop } = working(
    ([id]) => (id === '1' ? Promise.reject(new Error('index row size exceeds the maximum')) : done()),
    ['1', '2'],
  );
  await clock.advance(1000);
  expect(ended.toSorted()).toEqual([
    ['1', 'failed'],
    ['2', 'done'],
  ]);
  expect(told).toEqual([['1', 'INTERNAL', 'Error: index row size exceeds the maximum']]);
  stop.abort(new LwiError('TERMINATED', 'stopped'));
  await expect(running).rejects.toThrow('stopped');
});

test.each([
  ['is written down without what cannot be', (end: JobEnd) => end.state === 'done', [['1', 'failed']]],
  ['is left to its claim where nothing can be written', () => true, []],
])('an end that the database does not take %s, and the work goes on', async (_, refuses, written) => {
  const waiting = ['1'];
  const { clock, ended, told, database } = working(done, waiting);
  database.refuses = refuses;
  await clock.advance(1000);
  expect([ended, told]).toEqual([written, [['1', 'INTERNAL', 'What came of it could not be written down.']]]);
  database.refuses = () => false;
  waiting.push('2');
  await clock.advance(2000);
  expect(ended.at(-1)).toEqual(['2', 'done']);
});
