import type { RecordRange, Stream } from '../providers/stream.ts';
import type { CommitRecord } from '../store/sync-tables.ts';
import { addCoverage, type EntityReport } from './report.ts';
import type { SyncDeps } from './sync-deps.ts';
import type { Walk } from './walk.ts';

/** Records that are buried in one transaction. */
const CHUNK = 500;

/**
 * Stored records of a range that has been read to its end, and that were not in it, are gone: they become tombstones. Where something speaks against it, it is
 * said and left to the next run. A kill in between is harmless: the rest is still unseen.
 */
export async function settle(
  { store, target, clock, signal, observer, run }: SyncDeps & { readonly run: number },
  { stream, walk, range }: { readonly stream: Stream; readonly walk: Walk; readonly range: RecordRange },
  report: EntityReport,
): Promise<void> {
  if (walk.doubt) {
    addCoverage(report, [`What is gone from ${stream.name} was not looked for, because ${walk.doubt}.`]);
    return;
  }
  const entity = stream.name;
  for (let after: string | undefined; ; ) {
    const ids = await store.unseen(target, entity, { range, before: walk.startedAt, after, limit: CHUNK });
    if (ids.length === 0) return;
    const records = ids.map((id): CommitRecord => ({ id, deleted: 'absent', data: null }));
    observer.records?.(entity, records);
    const counts = await store.commitPage({ target, entity, run, records, rejected: [], at: clock.now() });
    report.deleted += counts.deleted;
    after = ids.at(-1);
    signal.throwIfAborted();
  }
}
