import type { Job } from './jobs.ts';

/** A run of a connection that somebody asked for, as it stands in its job. */
export interface SyncJobOrder {
  readonly by: 'hand' | 'event';
  /** Names of the entities; absent: all. */
  readonly entities?: readonly string[] | undefined;
  /** ms since the epoch. */
  readonly since?: number | undefined;
  readonly full?: boolean | undefined;
  readonly limit?: number | undefined;
  readonly lagMs?: number | undefined;
}

/** Reads jobs that are done in one run: what events asked for is put together, what a person asked for stands alone. */
export function syncOrderOf(jobs: readonly [Job, ...Job[]]): SyncJobOrder {
  const [first, ...others] = jobs.map(({ order }) => order as unknown as SyncJobOrder);
  if (!first || others.length === 0) return first ?? { by: 'hand' };
  const all = [first, ...others].map(({ entities }) => entities);
  const some = all.flatMap((entities) => entities ?? []);
  return { ...first, entities: all.includes(undefined) ? undefined : [...new Set(some)] };
}
