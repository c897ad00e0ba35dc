import { type ErrorCode, LwiError } from '../errors.ts';
import type { Stream } from '../providers/provider.ts';
import type { RunKind, SyncTables } from '../store/sync-tables.ts';
import { type EntityReport, newReport, type SyncDeps, syncEntity } from './sync-entity.ts';

export interface EntityOutcome extends EntityReport {
  /** Why this entity stopped; its cursor stayed where the last committed page left it. */
  error?: LwiError;
}

export interface SyncReport {
  readonly provider: string;
  readonly account: string;
  readonly entities: readonly EntityOutcome[];
  readonly startedAt: string;
  readonly finishedAt: string;
}

/** When these happen there is no sense in asking for the next entity. */
const ENDS_THE_RUN: readonly ErrorCode[] = ['RECONNECT_REQUIRED', 'NOT_CONNECTED', 'LEASE_BUSY', 'CIRCUIT_OPEN'];

/** The slice of the store that a run needs. */
export type SyncStore = Pick<
  SyncTables,
  'cursor' | 'notePoll' | 'commitPage' | 'unseen' | 'forgetSeen' | 'startRun' | 'finishRun' | 'holdSync'
>;

/** Syncs the entities of one connection, one after the other; the failure of one does not stop the others. */
export async function syncConnection(
  deps: Omit<SyncDeps, 'run' | 'store'> & { store: SyncStore; kind: RunKind; owner: string },
  streams: readonly Stream[],
  since: number | undefined,
): Promise<SyncReport> {
  const { store, clock, target, signal } = deps;
  const startedAt = clock.now();
  const run = await store.startRun(target, { kind: deps.kind, owner: deps.owner, startedAt });
  const entities: EntityOutcome[] = [];
  let end: LwiError | undefined;
  for (const stream of streams) {
    const report: EntityOutcome = newReport(stream.name);
    entities.push(report);
    if (end) {
      report.error = end;
      continue;
    }
    try {
      await syncEntity({ ...deps, run }, stream, since, report);
    } catch (error) {
      if (signal.aborted || !(error instanceof LwiError) || error.category === 'storage') {
        // The run is over all the same. A store that is in trouble need not take the note.
        await store.finishRun(run, clock.now(), signal.aborted ? 'stopped' : 'failed').catch(() => {});
        throw error;
      }
      report.error = error;
      if (ENDS_THE_RUN.includes(error.code)) end = error;
    }
  }
  const finishedAt = clock.now();
  await store.finishRun(run, finishedAt, entities.some(({ error }) => error) ? 'failed' : 'done');
  const iso = (ms: number) => new Date(ms).toISOString();
  return {
    provider: target.provider,
    account: target.account,
    entities,
    startedAt: iso(startedAt),
    finishedAt: iso(finishedAt),
  };
}
