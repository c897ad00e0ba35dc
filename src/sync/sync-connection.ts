import { type ErrorCode, LwiError } from '../errors.ts';
import { viewsOf } from '../providers/record-view.ts';
import type { Stream } from '../providers/stream.ts';
import { planEntity } from './plan.ts';
import { prefetch } from './prefetch.ts';
import type { EntityReport } from './report.ts';
import type { RunOrder, SyncDeps } from './sync-deps.ts';
import { syncEntity } from './sync-entity.ts';

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

/**
 * Syncs the entities of one connection, one after the other; the failure of one does not stop the others. Throws LEASE_BUSY when the connection is being synced
 * already, and what ends the whole run.
 */
export async function syncConnection(deps: SyncDeps, streams: readonly Stream[], order: RunOrder): Promise<SyncReport> {
  const { store, clock, target } = deps;
  const held = await store.holdSync(target, order.owner, clock.now());
  if (!('release' in held)) {
    throw new LwiError(
      'LEASE_BUSY',
      `${held.owner} has been syncing ${target.provider} of account ${target.account} since ${new Date(held.since).toISOString()}.`,
      {
        provider: target.provider,
        account: target.account,
        hint: 'Wait until it has ended, or stop it; what it has stored stays.',
      },
    );
  }
  try {
    return await run(deps, streams, order);
  } finally {
    await held.release();
  }
}

async function run(deps: SyncDeps, streams: readonly Stream[], order: RunOrder): Promise<SyncReport> {
  const { store, clock, target, signal, provider } = deps;
  const withoutViews = await store.keepViews(provider.id, viewsOf(provider));
  if (withoutViews !== undefined) deps.observer.noted?.(withoutViews);
  const startedAt = clock.now();
  const number = await store.startRun(target, { kind: order.kind, owner: order.owner, startedAt });
  try {
    const entities = await entitiesOf({ ...deps, run: number, limit: order.limit }, streams, order);
    const finishedAt = clock.now();
    await store.finishRun(number, finishedAt, entities.some(({ error }) => error) ? 'failed' : 'done');
    const iso = (ms: number) => new Date(ms).toISOString();
    return {
      provider: target.provider,
      account: target.account,
      entities,
      startedAt: iso(startedAt),
      finishedAt: iso(finishedAt),
    };
  } catch (error) {
    // The run is over all the same. A store that is in trouble need not take the note.
    await store.finishRun(number, clock.now(), signal.aborted ? 'stopped' : 'failed').catch(() => {});
    throw error;
  }
}

async function entitiesOf(
  deps: Parameters<typeof syncEntity>[0],
  streams: readonly Stream[],
  order: RunOrder,
): Promise<EntityOutcome[]> {
  const { observer, signal } = deps;
  const plans = [];
  for (const stream of streams) plans.push(await planEntity(deps, stream, order));
  await prefetch(
    { ...deps, onWait: (ms) => observer.waits?.(ms) },
    plans.filter(({ waitMs }) => waitMs <= 0),
  );
  const entities: EntityOutcome[] = [];
  let end: LwiError | undefined;
  for (const plan of plans) {
    const outcome: EntityOutcome = plan.report;
    entities.push(outcome);
    if (end) {
      outcome.error = end;
      continue;
    }
    observer.begun?.(plan.stream.name);
    try {
      await syncEntity(deps, plan);
    } catch (error) {
      if (signal.aborted || !(error instanceof LwiError) || error.category === 'storage') throw error;
      outcome.error = error;
      if (ENDS_THE_RUN.includes(error.code)) end = error;
    }
    observer.ended?.(outcome);
  }
  return entities;
}
