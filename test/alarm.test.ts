import { expect, test } from 'vitest';
import { createAlarm } from '../src/alarm.ts';
import { settled, virtualClock } from './support/virtual-clock.ts';

test('a sleep ends in its time, when rung, or at once when rung before', async () => {
  const clock = virtualClock();
  const alarm = createAlarm(clock);
  const { signal } = new AbortController();
  let woken = 0;
  const sleep = () => alarm.sleep(1000, signal).then(() => (woken += 1));
  sleep();
  await clock.advance(1000);
  expect(woken).toBe(1);
  sleep();
  await settled();
  alarm.ring();
  await settled();
  expect(woken).toBe(2);
  alarm.ring();
  alarm.ring();
  sleep();
  await settled();
  expect(woken).toBe(3);
  sleep();
  await clock.advance(999);
  expect(woken).toBe(3);
});

test('a stop ends it with its reason', async () => {
  const stop = new AbortController();
  const alarm = createAlarm(virtualClock());
  const sleeping = alarm.sleep(1000, stop.signal);
  stop.abort(new Error('over'));
  await expect(sleeping).rejects.toThrow('over');
  await expect(alarm.sleep(1000, stop.signal)).rejects.toThrow('over');
});
