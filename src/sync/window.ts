import type { PageRequest, Stream, SyncWindow } from '../providers/provider.ts';
import type { Cursor, PageCommit, Resume } from '../store/sync-tables.ts';

/** A window to pull: from the stored cursor, from a time that the person named, or the rest of an interrupted one. */
export interface Begun {
  readonly window: SyncWindow;
  readonly request: PageRequest;
  /** Upper bound, ms by the provider's clock; undefined until the first answer tells it. */
  readonly until: number | undefined;
  /** Whether it goes on with the stored page of an interrupted window. */
  readonly resumed: boolean;
  /** What the window cannot see. */
  readonly coverage: readonly string[];
}

/** `since`: what the person asked for, ms since the epoch; it starts a window of its own. */
export function beginWindow(
  stream: Stream,
  cursor: Cursor | undefined,
  { since, now, externalId }: { since: number | undefined; now: number; externalId: string },
): Begun {
  const resume = since === undefined && stream.resumable ? cursor?.resume : undefined;
  if (resume) return { ...resume, resumed: true, coverage: [] };
  const from = since ?? (cursor?.watermark === undefined ? undefined : cursor.watermark - stream.overlapMs);
  const window: SyncWindow = { now, externalId, ...(from === undefined ? {} : { since: from }) };
  return { ...stream.start(window), window, until: undefined, resumed: false };
}

/** What is stored with a page: the page to go on with, or the time that the finished window reached. */
export function progressOf(
  stream: Stream,
  cursor: Cursor | undefined,
  at: { window: SyncWindow; until: number; next: PageRequest | undefined; since: number | undefined },
): NonNullable<PageCommit['progress']> {
  const { window, until, next, since } = at;
  // The first window was interrupted: what lies before `since` is still to come, so that one must not be forgotten.
  const first: Resume | undefined = cursor?.watermark === undefined ? cursor?.resume : undefined;
  if (since !== undefined && first) return { resume: first };
  if (next) return { resume: { request: next, window, until } };
  return { watermark: reached(cursor, window, stream, until) };
}

/** A window that starts behind the cursor would leave a gap: then the cursor stays where it was. */
function reached(cursor: Cursor | undefined, window: SyncWindow, stream: Stream, until: number): number {
  const before = cursor?.watermark;
  if (before === undefined) return until;
  const gap = window.since !== undefined && window.since > before;
  return gap ? before : Math.max(before, until - clockStep(stream));
}

/** The provider's `Date` has whole seconds; what changed within that second belongs to the next window, which overlaps anyway. */
function clockStep(stream: Stream): number {
  return stream.overlapMs > 0 ? 0 : 1000;
}

/** How long this poll must still wait by the provider's rule, ms; 0 or less: it may go. */
export function tooEarly(stream: Stream, cursor: Cursor | undefined, now: number): number {
  if (stream.minIntervalMs === 0 || !cursor || cursor.resume) return 0;
  const wait = cursor.updatedAt + stream.minIntervalMs - now;
  // More than the interval: the clock was set back.
  return wait <= stream.minIntervalMs ? wait : 0;
}
