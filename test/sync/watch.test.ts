import { expect, test } from 'vitest';
import { createAlarm } from '../../src/alarm.ts';
import { LwiError } from '../../src/errors.ts';
import { newReport } from '../../src/sync/report.ts';
import type { SyncReport } from '../../src/sync/sync-connection.ts';
import { type PollEnd, watch } from '../../src/sync/watch.ts';
import { START, settled, virtualClock } from '../support/virtual-clock.ts';

const MINUTE = 60_000;
const row = (account: string) => ({ account, provider: 'acme' });

function report(error?: LwiError): SyncReport {
  const entity = { ...newReport('items'), ...(error ? { error } : {}) };
  return { provider: 'acme', account: 'a', entities: [entity], startedAt: '', finishedAt: '' };
}

/** A watch on a clock that the test moves; `polled` says when (ms from the start) what was polled. */
function watching(
  poll: (nth: number) => Promise<SyncReport> | SyncReport = () => report(),
  accounts: string[] = ['a'],
) {
  const clock = virtualClock();
  const stop = new AbortController();
  const polled: string[] = [];
  const ends: PollEnd<{ account: string; provider: string }>[] = [];
  const alarm = createAlarm(clock);
  const watched = watch({
    ...{ clock, random: () => 0.5, signal: stop.signal, alarm, intervalMs: 10 * MINUTE },
    connections: async () => accounts.map(row),
    poll: async ({ account }, entities) => {
      polled.push(`${clock.now() - START} ${account} ${entities?.join('+') ?? 'all'}`);
      return poll(polled.length);
    },
    told: (end) => void ends.push(end),
  });
  const running = watched.run();
  running.catch(() => {});
  return { clock, alarm, stop, polled, ends, running, watched, accounts };
}

test('polls at once and then on the interval', async () => {
  const { clock, polled } = watching();
  await clock.advance(25 * MINUTE);
  expect(polled).toEqual(['0 a all', '600000 a all', '1200000 a all']);
});

test('failing polls come rarer, but no rarer than four intervals, and a success ends that', async () => {
  const down = new LwiError('SERVER_ERROR', 'down');
  const { clock, polled, ends } = watching((nth) => report(nth <= 4 ? down : undefined));
  await clock.advance(130 * MINUTE);
  expect(polled.map((each) => Number(each.split(' ')[0]) / MINUTE)).toEqual([0, 10, 30, 70, 110, 120, 130]);
  expect(ends.map(({ error }) => error?.code)).toEqual([...Array(4).fill('SERVER_ERROR'), ...Array(3).fill(undefined)]);
});

test('a connection that somebody else syncs is left out until the next interval', async () => {
  const { clock, polled, ends } = watching(() => report(new LwiError('LEASE_BUSY', 'busy')));
  await clock.advance(30 * MINUTE);
  expect(polled).toHaveLength(4);
  expect(ends.every(({ busy }) => busy)).toBe(true);
});

test('connections that come are polled at the next interval, those that go are no longer', async () => {
  const { clock, polled, accounts } = watching();
  await clock.advance(MINUTE);
  accounts.splice(0, 1, 'b');
  await clock.advance(10 * MINUTE);
  expect(polled).toEqual(['0 a all', '600000 b all']);
});

test('a connection that was made anew is polled when it is noticed, however rare its polls had become', async () => {
  const lost = new LwiError('RECONNECT_REQUIRED', 'lost');
  const { clock, stop } = { clock: virtualClock(), stop: new AbortController() };
  let id = 1;
  const polled: number[] = [];
  const watched = watch({
    ...{ clock, random: () => 0.5, signal: stop.signal, alarm: createAlarm(clock), intervalMs: 10 * MINUTE },
    connections: async () => [{ ...row('a'), id }],
    same: (before, now) => before.id === now.id,
    poll: async (one) => {
      polled.push((clock.now() - START) / MINUTE);
      return report(one.id === 1 ? lost : undefined);
    },
    told: () => {},
  });
  watched.run().catch(() => {});
  await clock.advance(75 * MINUTE);
  expect(polled).toEqual([0, 10, 30, 70]);
  id = 2;
  await clock.advance(6 * MINUTE);
  expect(polled).toEqual([0, 10, 30, 70, 80]);
  stop.abort(new Error('over'));
});

test('what is asked for together is one poll at once; a stream of asks is no stream of polls', async () => {
  const { clock, polled, watched } = watching();
  await clock.advance(MINUTE);
  watched.soon(row('a'), 'items');
  watched.soon(row('a'), 'orders');
  watched.soon(row('a'), 'items');
  watched.soon(row('nobody'));
  await clock.advance(1000);
  expect(polled).toEqual(['0 a all', '60500 a items+orders']);
  for (let second = 0; second < 20; second++) {
    watched.soon(row('a'));
    await clock.advance(1000);
  }
  expect(polled.slice(2)).toEqual(['70500 a all', '80500 a all']);
  await clock.advance(10 * MINUTE);
  expect(polled.at(-1)).toMatch(/ a all$/);
});

test('one connection is polled one at a time, also when a poll takes longer than the interval', async () => {
  const first = Promise.withResolvers<SyncReport>();
  const { clock, polled, watched } = watching((nth) => (nth === 1 ? first.promise : report()));
  await clock.advance(25 * MINUTE);
  watched.soon(row('a'), 'items');
  await clock.advance(MINUTE);
  expect(polled).toEqual(['0 a all']);
  first.resolve(report());
  await clock.advance(11_000);
  expect(polled[1]).toBe('1570000 a items');
});

test('many connections are polled a few at a time', async () => {
  let under = 0;
  let most = 0;
  const accounts = Array.from({ length: 40 }, (_, at) => `t${at}`);
  const { clock, polled } = watching(async () => {
    under += 1;
    most = Math.max(most, under);
    await settled();
    under -= 1;
    return report();
  }, accounts);
  for (let turn = 0; turn < 20; turn++) await clock.advance(1);
  expect([polled.length, most]).toEqual([40, 16]);
});

test('a clock that is set back puts nothing off for long', async () => {
  const { clock, alarm, polled, watched } = watching();
  await clock.advance(MINUTE);
  clock.jump(-86_400_000);
  // A timer that was set before goes off in its time; this clock's sleepers wait for the hour.
  alarm.ring();
  await clock.advance(1000);
  expect(polled).toHaveLength(2);
  watched.soon(row('a'), 'items');
  await clock.advance(11_000);
  expect(polled).toHaveLength(3);
});

test('trouble of one connection is told, a key that is not there ends it all, and so does a stop', async () => {
  const lost = watching(() => Promise.reject(new LwiError('RECONNECT_REQUIRED', 'lost')));
  await lost.clock.advance(MINUTE);
  expect(lost.ends).toMatchObject([{ error: { code: 'RECONNECT_REQUIRED' }, report: undefined }]);
  lost.stop.abort(new LwiError('TERMINATED', 'stop'));
  await expect(lost.running).rejects.toMatchObject({ code: 'TERMINATED' });

  const keyless = watching(() => Promise.reject(new LwiError('KEY_MISSING', 'no key')));
  await keyless.clock.advance(MINUTE);
  await expect(keyless.running).rejects.toMatchObject({ code: 'KEY_MISSING' });
});

test('a stop waits for the poll under way', async () => {
  const slow = Promise.withResolvers<SyncReport>();
  const { clock, stop, running, polled } = watching(() => slow.promise);
  await clock.advance(1000);
  stop.abort(new LwiError('INTERRUPTED', 'stop'));
  let ended = false;
  running.catch(() => {
    ended = true;
  });
  await settled();
  expect([polled.length, ended]).toEqual([1, false]);
  slow.reject(stop.signal.reason);
  await expect(running).rejects.toMatchObject({ code: 'INTERRUPTED' });
});
