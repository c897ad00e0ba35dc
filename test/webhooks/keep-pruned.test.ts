import { expect, test } from 'vitest';
import { keepPruned } from '../../commands/listen/keep-pruned.ts';
import { LwiError } from '../../src/errors.ts';
import { START, virtualClock } from '../support/virtual-clock.ts';

const MINUTE = 60_000;
const MONTH = 30 * 86_400_000;

/** Pruning on a clock that the test moves; each call of the store gives the next of `results`, then 0. */
function pruning(...results: (number | LwiError)[]) {
  const clock = virtualClock();
  const stop = new AbortController();
  const asked: { readonly at: number; readonly before: number; readonly limit: number }[] = [];
  const troubles: string[] = [];
  const pruneEvents = async (before: number, limit: number) => {
    asked.push({ at: clock.now() - START, before, limit });
    const result = results.shift() ?? 0;
    if (typeof result === 'number') return result;
    throw result;
  };
  const trouble = ({ code }: LwiError) => void troubles.push(code);
  const running = keepPruned({ store: { pruneEvents }, clock, signal: stop.signal, trouble, well: () => {} });
  running.catch(() => {});
  return { clock, stop, asked, troubles, running };
}

test('what came more than a month ago is dropped, once a minute, a few at a time', async () => {
  const { clock, asked } = pruning(3);
  await clock.advance(2 * MINUTE);
  expect(asked).toEqual([MINUTE, 2 * MINUTE].map((at) => ({ at, before: START + at - MONTH, limit: 500 })));
});

test('more than that goes in several steps, between which others have their turn', async () => {
  const { clock, asked } = pruning(500, 500, 20);
  await clock.advance(2 * MINUTE);
  expect(asked.map(({ at }) => at)).toEqual([MINUTE, MINUTE + 200, MINUTE + 400]);
});

test('trouble with the store that passes is waited out; other trouble, and a stop, ends it', async () => {
  const { clock, troubles, running } = pruning(
    new LwiError('STORE_LOCKED', 'locked'),
    new LwiError('STORE_DAMAGED', 'gone'),
  );
  await clock.advance(MINUTE);
  expect(troubles).toEqual(['STORE_LOCKED']);
  await clock.advance(MINUTE);
  await expect(running).rejects.toMatchObject({ code: 'STORE_DAMAGED' });
  const other = pruning();
  other.stop.abort(new LwiError('TERMINATED', 'stop'));
  await expect(other.running).rejects.toMatchObject({ code: 'TERMINATED' });
});
