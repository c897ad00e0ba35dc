import { expect, test } from 'vitest';
import { lateProgress } from '../src/late-progress.ts';
import type { Terminal } from '../src/terminal.ts';
import { virtualClock } from './support/virtual-clock.ts';

/** Progress on a terminal that notes what it is asked to show. */
function noted(lively = true) {
  const shown: string[] = [];
  const clock = virtualClock();
  const progress = lateProgress({ lively } as Terminal, clock, async (_terminal, text) => {
    shown.push(`start ${text}`);
    return { update: (line) => void shown.push(line), stop: () => void shown.push('stop') };
  });
  return { shown, clock, progress };
}

test('nobody who waits for less than a second sees anything', async () => {
  const { shown, clock, progress } = noted();
  progress.update('one');
  await clock.advance(999);
  await progress.stop();
  await clock.advance(5000);
  expect(shown).toEqual([]);
});

test('after a second it shows what is under way, hides when asked, and comes back at once with the next text', async () => {
  const { shown, clock, progress } = noted();
  progress.update('one');
  progress.update('two');
  await clock.advance(1000);
  await progress.hide();
  progress.update('three');
  await clock.advance(1);
  progress.update('four');
  await progress.stop();
  await clock.advance(1);
  expect(shown).toEqual(['start two', 'two', 'stop', 'start three', 'three', 'four', 'stop']);
});

test('while hidden it does not appear by itself', async () => {
  const { shown, clock, progress } = noted();
  progress.update('one');
  await progress.hide();
  await clock.advance(2000);
  expect(shown).toEqual([]);
});

test('where there is no lively terminal nothing is shown and no timer runs', async () => {
  const { shown, clock, progress } = noted(false);
  progress.update('one');
  await clock.advance(5000);
  expect([shown, clock.slept]).toEqual([[], []]);
});
