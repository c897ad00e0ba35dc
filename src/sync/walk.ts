import type { Page, PageRequest, Stream, SyncWindow } from '../providers/stream.ts';
import type { Cursor, PageCommit, Resume } from '../store/sync-tables.ts';

/** From where on a person wants an entity: ms since the epoch, everything once more, or (absent) from the stored cursor. */
export type From = number | 'beginning' | undefined;

export interface WalkOrder {
  readonly from: From;
  /** Everything is read, and what is not in it is gone. */
  readonly full: boolean;
  readonly now: number;
  readonly externalId: string;
}

/** The reading of one window, page by page: where it stands. Each state is stored with the page that led to it, so that a killed run goes on there. */
export interface Walk extends Omit<Resume, 'until'> {
  /** Upper bound, ms by the provider's clock; undefined until the first answer tells it. */
  readonly until?: number | undefined;
  /** Upper bound that the requests themselves name, ms. */
  readonly bound?: number | undefined;
  /** ms by the clock of the store. */
  readonly startedAt: number;
  readonly seen: number;
  /** Asks how many rows there are. */
  readonly count?: PageRequest | undefined;
  /** Whether it goes on with the stored page of an interrupted window. */
  readonly resumed: boolean;
  /** What the window cannot see. */
  readonly coverage: readonly string[];
}

/** Begins a window: the rest of an interrupted one, or from the stored cursor, or from where the person wants it. */
export function beginWalk(stream: Stream, cursor: Cursor | undefined, order: WalkOrder): Walk {
  const { from, full, now, externalId } = order;
  const startedAt = storeTime(cursor, now);
  const anew = from !== undefined || (full && cursor?.watermark !== undefined && cursor.resume?.whole === undefined);
  const resume = !anew && stream.resumable ? cursor?.resume : undefined;
  if (resume) {
    return { ...resume, startedAt: resume.startedAt ?? startedAt, seen: resume.seen ?? 0, resumed: true, coverage: [] };
  }
  const since = full || from === 'beginning' ? undefined : (from ?? sinceOf(stream, cursor));
  const window: SyncWindow = { now, externalId, ...(since === undefined ? {} : { since }) };
  // Nothing can be gone from where nothing is.
  const whole = cursor && (stream.absence === 'list' || (stream.absence === 'full' && full)) ? 'read' : undefined;
  return begun(stream, window, { whole, startedAt });
}

function begun(stream: Stream, window: SyncWindow, more: Pick<Walk, 'whole' | 'startedAt'>): Walk {
  const { request, coverage, until: bound, count } = stream.start(window);
  return { ...more, request, window, bound, count, seen: 0, resumed: false, coverage };
}

function sinceOf(stream: Stream, cursor: Cursor | undefined): number | undefined {
  return cursor?.watermark === undefined ? undefined : cursor.watermark - stream.overlapMs;
}

/** The state after a page. `until`: see `Walk`, it is known by now; `now`: ms by the clock of the store. */
export function afterPage(
  stream: Stream,
  walk: Walk,
  page: Page,
  { until, now }: { until: number; now: number },
): Walk {
  if (goesWhole(stream, walk, page)) {
    const { since: _since, ...window } = walk.window;
    return begun(stream, window, { whole: 'read', startedAt: now });
  }
  const { next, records, rejected, total = walk.total } = page;
  const seen = walk.seen + records.length + rejected.length;
  // Pages of a list are counted off: one row less before the place where it is read, and another one is never seen.
  const counted = stream.absence === 'list' && page.total !== undefined;
  const changed = counted && ((walk.total !== undefined && total !== walk.total) || (!next && seen !== total));
  const doubt =
    walk.doubt ??
    (rejected.length > 0 ? 'some rows could not be read' : undefined) ??
    (changed ? 'the list changed while it was read' : undefined);
  const after: Walk = { ...walk, request: next, until, total, seen, doubt, count: undefined, resumed: false };
  if (next || walk.whole !== 'read' || stream.absence !== 'full') return after;
  // What has changed since the read began moved behind its end, or away from under it: it comes with the tail, and counts as seen.
  const window = { ...walk.window, since: until - stream.overlapMs };
  return { ...begun(stream, window, { whole: 'tail', startedAt: walk.startedAt }), count: undefined, doubt };
}

/** Whether a window of changes that cannot tell what was deleted gives way to a read of everything. */
export function goesWhole(stream: Stream, walk: Walk, page: Page): boolean {
  return page.incomplete === true && walk.whole === undefined && stream.absence === 'full';
}

/** Whether the ids of its records must be noted, so that those that are gone can be told. */
export function notesSeen(stream: Stream, walk: Walk, cursor: Cursor | undefined): boolean {
  return walk.whole !== undefined || (stream.absence === 'pages' && cursor !== undefined);
}

/** What is stored with a page: where to go on, or the time that the finished window reached. `until` is that of the page. */
export function progressOf(
  stream: Stream,
  cursor: Cursor | undefined,
  { after, until, order }: { readonly after: Walk; readonly until: number; readonly order: WalkOrder },
): NonNullable<PageCommit['progress']> {
  // The first window was interrupted: what lies before `since` is still to come, so that one must not be forgotten.
  const first = cursor?.watermark === undefined ? cursor?.resume : undefined;
  if (order.from !== undefined && first) return { resume: first };
  if (after.request || after.whole) return { resume: resumeOf(after, until) };
  return { watermark: reached(stream, cursor, after, until) };
}

function resumeOf(walk: Walk, until: number): Resume {
  const { request, window, whole, startedAt, total, seen, doubt } = walk;
  return { request, window, until, whole, startedAt, total, seen, doubt };
}

/** A window that starts behind the cursor would leave a gap: then the cursor stays where it was. */
export function reached(stream: Stream, cursor: Cursor | undefined, { window, whole }: Walk, until: number): number {
  const before = cursor?.watermark;
  if (before === undefined) return until;
  const gap = !whole && window.since !== undefined && window.since > before;
  return gap ? before : Math.max(before, until - clockStep(stream));
}

/** The provider's `Date` has whole seconds; what changed within that second belongs to the next window, which overlaps anyway. */
function clockStep(stream: Stream): number {
  return stream.overlapMs > 0 ? 0 : 1000;
}

/** How long this poll must still wait by the provider's rule, ms; 0 or less: it may go. */
export function tooEarly(stream: Stream, cursor: Cursor | undefined, now: number): number {
  if (stream.minIntervalMs === 0 || !cursor || cursor.resume) return 0;
  const wait = cursor.updatedAt + stream.minIntervalMs - storeTime(cursor, now);
  // More than the interval: the clock was set back.
  return wait <= stream.minIntervalMs ? wait : 0;
}

/** `now`, ms by the clock of this machine, unless the store has one of its own: machines that share it differ by minutes. */
function storeTime(cursor: Cursor | undefined, now: number): number {
  return cursor?.readAt ?? now;
}
