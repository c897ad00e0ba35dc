import { below, firstIndex, insert } from './sorted-numbers.ts';
import type { Timeline, TimelineFilter, TimelineOptions, TimelineRow } from './timeline.ts';

/** An empty change log over `count` computed rows. Selecting costs O(log count + changed rows + page). */
export function createTimeline(options: TimelineOptions): Timeline {
  const { count: base, start, end, granularityMs = 1, hiddenEvery = 0, fixed = false } = options;
  const cut = (ms: number) => Math.floor(ms / granularityMs) * granularityMs;
  const timeOf = (index: number) => cut(start + Math.floor(((index + 1) * (end - start)) / base));
  const hiddenAtStart = (index: number) => hiddenEvery > 0 && index % hiddenEvery === hiddenEvery - 1;
  const changed = new Map<number, TimelineRow>();
  // Rows of the start that are no longer at their first place, in order: one list for each side of `hiddenAtStart`.
  const gone: Record<'shown' | 'hidden', number[]> = { shown: [], hidden: [] };
  let total = base;
  let round = 0;
  let lastAdded = -Infinity;

  const baseRow = (index: number): TimelineRow => {
    const at = timeOf(index);
    return { index, at, createdAt: at, changedAt: at, version: 0, hidden: hiddenAtStart(index), deleted: false };
  };
  const inPlace = (row: TimelineRow) =>
    fixed && row.index < base && !row.deleted && row.hidden === hiddenAtStart(row.index);
  const find = (index: number) => changed.get(index) ?? (index >= 0 && index < base ? baseRow(index) : undefined);

  /** Smallest index of the start whose time is `at` or later. */
  const firstFrom = (at: number) => firstIndex(0, base, (index) => timeOf(index) >= at);

  /** How many rows of the start below `index` are still in place and wanted. */
  const placedBelow = (index: number, hidden: TimelineFilter['hidden']) => {
    const inactive = hiddenEvery > 0 ? Math.floor(index / hiddenEvery) : 0;
    const shown = index - inactive - below(gone.shown, index);
    const kept = inactive - below(gone.hidden, index);
    if (hidden === 'include') return shown + kept;
    return hidden === 'only' ? kept : shown;
  };

  const wanted = (row: TimelineRow, filter: TimelineFilter) =>
    (filter.deleted === true || !row.deleted) &&
    (filter.hidden === 'include' || row.deleted || row.hidden === (filter.hidden === 'only')) &&
    row.at >= (filter.from ?? -Infinity) &&
    row.at <= (filter.to ?? Infinity);

  /** The row of the start at this index if it is still in place and wanted. */
  const placedAt = (index: number, filter: TimelineFilter): TimelineRow | undefined => {
    const row = find(index);
    if (row === undefined || (changed.has(index) && !inPlace(row))) return undefined;
    return filter.hidden === 'include' || row.hidden === (filter.hidden === 'only') ? row : undefined;
  };

  const range = (filter: TimelineFilter) => {
    const low = filter.from === undefined ? 0 : firstFrom(filter.from);
    const high = Math.max(low, filter.to === undefined ? base : firstFrom(filter.to + 1));
    return { low, high, placed: placedBelow(high, filter.hidden) - placedBelow(low, filter.hidden) };
  };
  const later = (filter: TimelineFilter) =>
    [...changed.values()].filter((row) => !inPlace(row) && wanted(row, filter)).sort((a, b) => a.at - b.at);

  const put = (row: TimelineRow) => {
    const before = changed.get(row.index);
    // Taken out and put in again, so that the map stays in the order of the changes.
    changed.delete(row.index);
    changed.set(row.index, row);
    const wasInPlace = before === undefined ? row.index < base : inPlace(before);
    if (wasInPlace && !inPlace(row)) insert(hiddenAtStart(row.index) ? gone.hidden : gone.shown, row.index);
  };

  return {
    find,
    size: () => total,
    count: (filter) => range(filter).placed + later(filter).length,
    select(filter, offset, limit) {
      const { low, high, placed } = range(filter);
      const rows: TimelineRow[] = [];
      if (offset < placed) {
        const skipped = placedBelow(low, filter.hidden) + offset;
        let index = firstIndex(low, high, (below) => placedBelow(below + 1, filter.hidden) > skipped);
        for (; index < high && rows.length < limit; index++) {
          const row = placedAt(index, filter);
          if (row !== undefined) rows.push(row);
        }
      }
      const skip = Math.max(0, offset - placed);
      if (rows.length < limit) rows.push(...later(filter).slice(skip, skip + limit - rows.length));
      return rows;
    },
    *walk(filter) {
      const { low, high } = range(filter);
      for (let index = low; index < high; index++) {
        const row = placedAt(index, filter);
        if (row !== undefined) yield row;
      }
      yield* later(filter);
    },
    nextLive(count) {
      const indices: number[] = [];
      for (let seen = 0; seen < total && indices.length < count; seen++) {
        const index = round % total;
        round += 1;
        if (find(index)?.deleted === false) indices.push(index);
      }
      return indices;
    },
    change(indices, at, how) {
      for (const index of indices) {
        const row = find(index);
        if (row === undefined || row.deleted) continue;
        put({
          ...row,
          at: fixed ? row.at : cut(at),
          changedAt: cut(at),
          version: row.version + 1,
          hidden: how === 'hide' || (row.hidden && how !== 'show'),
          deleted: how === 'remove',
        });
      }
    },
    add(count, at, stepMs = 0) {
      const indices = Array.from({ length: count }, (_, offset) => total + offset);
      total += count;
      for (const [offset, index] of indices.entries()) {
        const time = Math.max(cut(at + offset * stepMs), lastAdded + stepMs);
        lastAdded = time;
        changed.set(index, {
          index,
          at: time,
          createdAt: time,
          changedAt: time,
          version: 0,
          hidden: false,
          deleted: false,
        });
      }
      return indices;
    },
  };
}
