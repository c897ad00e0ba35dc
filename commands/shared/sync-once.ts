import { LwiError } from '../../src/errors.ts';
import type { Provider, Stream } from '../../src/providers/provider.ts';
import type { RunKind } from '../../src/store/sync-tables.ts';
import type { SyncReport } from '../../src/sync/sync-connection.ts';
import type { EntityReport } from '../../src/sync/sync-entity.ts';
import type { Connected, RecordableContext } from './recordable.ts';

/** What of a connection is to be synced, and how. */
export interface SyncOrder {
  readonly kind: RunKind;
  /** Names of the entities; absent: all. */
  readonly entities?: readonly string[] | undefined;
  /** ms since the epoch; absent: from the stored cursor. */
  readonly since?: number | undefined;
  /** Called after each committed page. */
  readonly onPage?: (report: EntityReport) => void;
}

/** One run of a connection: its entities, one after the other. Throws what ends the whole run; failures of entities are in the report. */
export async function syncOnce(context: RecordableContext, row: Connected, order: SyncOrder): Promise<SyncReport> {
  const { clock, signal, owner } = context;
  const { syncConnection } = await import('../../src/sync/sync-connection.ts');
  const provider = await context.provider(row.provider);
  const streams = chosenStreams(provider, order.entities);
  const baseUrl = await context.baseUrl(provider, row.env);
  // A connection that cannot be used is one clear error, not one for each entity.
  await context.usable({ account: row.account, provider: row.provider });
  return syncConnection(
    {
      ...{ send: await context.api(provider), store: await context.syncStore(), clock, signal, provider, baseUrl },
      ...{ kind: order.kind, owner, onPage: order.onPage ?? (() => {}) },
      target: { account: row.account, provider: row.provider, externalId: row.externalId ?? '' },
    },
    streams,
    order.since,
  );
}

/** The streams of these names, in their order; all without names. Throws USAGE. */
export function chosenStreams({ id, streams }: Provider, names: readonly string[] | undefined): readonly Stream[] {
  if (!names) return streams;
  return [...new Set(names)].map((name) => {
    const stream = streams.find((candidate) => candidate.name === name);
    if (stream) return stream;
    const known = streams.map((each) => each.name).join(', ') || 'it has none';
    throw new LwiError('USAGE', `${id} has no entity "${name}": ${known}.`, { provider: id });
  });
}
