import type { Alarm } from '../../src/alarm.ts';
import { systemRandom } from '../../src/clock.ts';
import { LwiError } from '../../src/errors.ts';
import { formatSpan, parseSpan } from '../../src/span.ts';
import type { ConnectionRow } from '../../src/store/store.ts';
import type { PollEnd, Watch } from '../../src/sync/watch.ts';
import type { Connected, RecordableContext } from './recordable.ts';
import { syncOnce } from './sync-once.ts';

/** A connection; with the id of its row it is noticed that it was made anew, and is then polled at once. */
type Watchable = Connected & Partial<Pick<ConnectionRow, 'id'>>;

/** What is to be polled, and how often. */
export interface WatchOrder {
  readonly intervalMs: number;
  /** Names of the entities; absent: all. */
  readonly entities?: readonly string[] | undefined;
  readonly alarm: Alarm;
  /** Ends the polling; absent: the signal of the command. */
  readonly signal?: AbortSignal;
  connections(): Promise<readonly Watchable[]>;
  told(end: PollEnd<Connected>): void;
}

/** More often would be a burden to every provider, ms. */
export const LEAST_INTERVAL_MS = 10_000;

/** Reads `--interval`; throws USAGE for less than 10 seconds. */
export function parseInterval(text: string): number {
  const interval = parseSpan(text, '--interval');
  if (interval >= LEAST_INTERVAL_MS) return interval;
  throw new LwiError('USAGE', `--interval takes at least ${formatSpan(LEAST_INTERVAL_MS)}, not ${text}.`);
}

/** Polls on an interval; each poll is a run of kind `poll`. */
export async function connectionWatch(context: RecordableContext, order: WatchOrder): Promise<Watch> {
  const { watch } = await import('../../src/sync/watch.ts');
  const { signal = context.signal, intervalMs, alarm, connections, told } = order;
  const own = { ...context, signal };
  return watch<Watchable>({
    ...{ clock: context.clock, random: systemRandom, signal, alarm, intervalMs, connections, told },
    same: (before, now) => before.id === now.id,
    poll: (row, entities) => syncOnce(own, row, { kind: 'poll', entities: entities ?? order.entities }),
  });
}
