import { LwiError } from '../../src/errors.ts';
import { didYouMean } from '../../src/providers/nearest-name.ts';
import type { Provider } from '../../src/providers/provider.ts';
import type { Stream } from '../../src/providers/stream.ts';
import type { SyncReport } from '../../src/sync/sync-connection.ts';
import type { RunOrder, SyncDeps, SyncObserver } from '../../src/sync/sync-deps.ts';
import type { Connected, RecordableContext } from './recordable.ts';

/** What of a connection is to be synced, and how. */
export interface SyncOrder extends Omit<RunOrder, 'owner'> {
  /** Names of the entities; absent: all. */
  readonly entities?: readonly string[] | undefined;
  /** How far windows reach back behind the cursor, ms; absent: as each entity needs. */
  readonly lagMs?: number | undefined;
  readonly observer?: SyncObserver | undefined;
}

/** One run of a connection: its entities, one after the other. Throws what ends the whole run; failures of entities are in the report. */
export async function syncOnce(context: RecordableContext, row: Connected, order: SyncOrder): Promise<SyncReport> {
  const { syncConnection } = await import('../../src/sync/sync-connection.ts');
  const { steadyHeap } = await import('../../src/sync/steady-heap.ts');
  steadyHeap();
  const { entities, lagMs, observer = {}, ...how } = order;
  const { deps, streams } = await syncDeps(context, row, { entities, lagMs });
  const noted = (text: string) => context.terminal.warn(text);
  return syncConnection({ ...deps, observer: { noted, ...observer } }, streams, { ...how, owner: context.owner });
}

/** What a run of a connection works with, and the streams that it is about. Throws USAGE, and what is wrong with the connection. */
export async function syncDeps(
  context: RecordableContext,
  row: Connected,
  { entities, lagMs }: Pick<SyncOrder, 'entities' | 'lagMs'>,
): Promise<{ readonly deps: Omit<SyncDeps, 'observer'>; readonly streams: readonly Stream[] }> {
  const { clock, signal } = context;
  const provider = await context.provider(row.provider);
  const streams = chosenStreams(provider, entities).map((stream) =>
    lagMs === undefined ? stream : { ...stream, overlapMs: lagMs },
  );
  const baseUrl = await context.baseUrl(provider, row.env);
  // A connection that cannot be used is one clear error, not one for each entity.
  await context.usable({ account: row.account, provider: row.provider });
  const target = { account: row.account, provider: row.provider, externalId: row.externalId ?? '' };
  const io = { send: await context.api(provider), store: await context.syncStore(), clock, signal };
  return { deps: { ...io, provider, baseUrl, target }, streams };
}

/** The streams of these names, in their order; all without names. Throws USAGE. */
export function chosenStreams({ id, streams }: Provider, names: readonly string[] | undefined): readonly Stream[] {
  if (!names) return streams;
  return [...new Set(names)].map((name) => {
    const stream = streams.find((candidate) => candidate.name === name);
    if (stream) return stream;
    const known = streams.map((each) => each.name);
    const message = `${id} has no entity "${name}": ${known.join(', ') || 'it has none'}.`;
    const hint = `Run \`lwi provider show ${id}\` to see what it has.`;
    throw new LwiError('USAGE', `${message}${didYouMean(name, known)}`, { provider: id, hint });
  });
}
