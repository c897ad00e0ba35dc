import { isLwiError } from '../../errors.ts';
import type { Stream } from '../../providers/stream.ts';
import type { ConnectionRow } from '../../store/store.ts';
import { syncConnection } from '../../sync/sync-connection.ts';
import type { Bench } from './bench.ts';
import { demand } from './demand.ts';
import { connect } from './grants.ts';
import { goodReads } from './reads.ts';

/** Two tenants, of different companies where the provider offers several. */
export async function twoTenants(bench: Bench): Promise<readonly [ConnectionRow, ConnectionRow]> {
  const north = await connect(bench, { account: 'north' });
  const south = await connect(bench, { account: 'south', company: 1 }).catch((error: unknown) => {
    // A page that offers one company only.
    if (isLwiError(error, 'BAD_RESPONSE')) return connect(bench, { account: 'south' });
    throw error;
  });
  return [north, south];
}

/** Pulls one entity for both, and looks whether each has its own. */
export async function recordsOfBoth(bench: Bench, ...rows: readonly [ConnectionRow, ConnectionRow]): Promise<string> {
  const { provider, store } = bench;
  const names = (await goodReads(bench)).map(({ name }) => name);
  const stream = provider.streams.find(({ name }) => names.includes(name));
  if (!stream) return 'no entity to pull';
  const counts: string[] = [];
  for (const row of rows) {
    const target = { account: row.account, provider: row.provider, externalId: row.externalId ?? '' };
    const stored = await pull(bench, row, stream);
    const { live } = await store.recordCounts({ ...target, entity: stream.name });
    demand(live === stored, `${row.account} has ${live} ${stream.name}, ${stored} were pulled for it`);
    counts.push(`${stored} of ${row.account}`);
  }
  const lists = await store.recordLists({ provider: provider.id });
  demand(
    lists.every(({ account }) => rows.some((row) => row.account === account)),
    'records belong to nobody',
  );
  const crossed = await store.recordCounts({
    account: 'west',
    provider: provider.id,
    externalId: rows[0].externalId ?? '',
    entity: stream.name,
  });
  demand(crossed.live === 0, 'an account that pulled nothing sees records');
  return `${stream.name} apart (${counts.join(', ')}, none of a third)`;
}

async function pull(bench: Bench, row: ConnectionRow, stream: Stream): Promise<number> {
  const { provider, store, clock, signal, endpoints, owner } = bench;
  const target = { account: row.account, provider: row.provider, externalId: row.externalId ?? '' };
  const deps = {
    send: bench.api(),
    store,
    clock,
    signal,
    provider,
    baseUrl: endpoints.apiBaseUrl,
    target,
    observer: {},
  };
  const report = await syncConnection(deps, [stream], { kind: 'sync', owner, limit: 20 });
  const [entity] = report.entities;
  if (entity?.error) throw entity.error;
  return entity?.upserted ?? 0;
}
