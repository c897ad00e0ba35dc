import type { PageRequest, Stream } from '../providers/stream.ts';
import type { Cursor } from '../store/sync-tables.ts';
import type { JsonAnswer } from './read-page.ts';
import { type EntityReport, newReport } from './report.ts';
import type { RunOrder, SyncDeps } from './sync-deps.ts';
import { beginWalk, tooEarly, type Walk, type WalkOrder } from './walk.ts';

/** What a run is about to do with one entity. */
export interface EntityPlan {
  readonly stream: Stream;
  readonly cursor: Cursor | undefined;
  readonly order: WalkOrder;
  walk: Walk;
  /** The provider wants to hear no poll for so long, ms; 0 or less: it may go. */
  readonly waitMs: number;
  readonly report: EntityReport;
  /** The answer to the first request, where it came together with those of other entities; and the request that it answers. */
  first?: { readonly request: PageRequest; readonly answer: JsonAnswer } | undefined;
}

/** Looks up where an entity stands and decides on its window. */
export async function planEntity(
  { store, clock, target }: Pick<SyncDeps, 'store' | 'clock' | 'target'>,
  stream: Stream,
  { since, bookmarks, full = false }: RunOrder,
): Promise<EntityPlan> {
  const cursor = await store.cursor(target, stream.name);
  const from = bookmarks ? (bookmarks.get(stream.name) ?? 'beginning') : since;
  const order: WalkOrder = { from, full, now: clock.now(), externalId: target.externalId };
  const report = newReport(stream.name);
  report.cursor = cursor?.watermark === undefined ? null : new Date(cursor.watermark).toISOString();
  return {
    ...{ stream, cursor, order, report, walk: beginWalk(stream, cursor, order) },
    waitMs: tooEarly(stream, cursor, order.now),
  };
}
