import { expect, test } from 'vitest';
import { stateOf } from '../../commands/sync/progress.ts';

test.each([
  [
    'a bar, rate and time left',
    { seen: 12_000, total: 50_000 },
    { elapsedMs: 3000 },
    '[==>       ] 12,000 of 50,000  4,000/s  10s left',
  ],
  ['a count where nobody knows how many there are', { seen: 1200 }, { elapsedMs: 1000 }, '1,200  1,200/s'],
  [
    'a wait in the place of the rate',
    { seen: 500, total: 1000 },
    { elapsedMs: 1000, waitMs: 58_200 },
    '[=====>    ] 500 of 1,000  waits 59s for the limit',
  ],
  [
    'a full bar at the end, also when rows came twice',
    { seen: 1003, total: 1000 },
    { elapsedMs: 1000 },
    '[==========] 1,000 of 1,000  1,003/s',
  ],
  ['nothing yet', { seen: 0 }, { elapsedMs: 0 }, '0'],
  ['a table that is empty', { seen: 0, total: 0 }, { elapsedMs: 10 }, '0'],
])('progress shows %s', (_, rows, pace, shown) => {
  expect(stateOf(rows, pace, 60)).toBe(shown);
});

test.each([
  [50, '999,999 of 1,000,000  10,000/s  1s left'],
  [35, '999,999 of 1,000,000  1s left'],
  [20, '999,999 of 1,000,000'],
])('progress leaves out what does not fit into %i characters', (room, shown) => {
  expect(stateOf({ seen: 999_999, total: 1_000_000 }, { elapsedMs: 100_000 }, room)).toBe(shown);
});
