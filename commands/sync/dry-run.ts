import { formatSpan } from '../../src/span.ts';
import { costOfSync, type EntityCost } from '../../src/sync/dry-run.ts';
import { renderTable } from '../../src/table.ts';
import type { Connected, RecordableContext } from '../shared/recordable.ts';
import { syncDeps } from '../shared/sync-once.ts';
import type { SyncWish } from './options.ts';

/** What the sync of a connection would cost. */
interface Cost {
  readonly provider: string;
  readonly account: string;
  readonly dryRun: true;
  readonly entities: readonly EntityCost[];
  readonly requests: number;
  readonly durationMs: number;
  /** Part of the calls that the provider's entry plan includes each month, and that plan. */
  readonly monthlyQuota?: { readonly plan: string; readonly calls: number; readonly share: number };
}

/** `lwi sync --dry-run`: one page of each entity is read, nothing is stored. */
export async function dryRun(
  context: RecordableContext,
  rows: readonly Connected[],
  wish: SyncWish,
  single: boolean,
): Promise<void> {
  const { terminal } = context;
  const costs: Cost[] = [];
  for (const row of rows) costs.push(await costOf(context, row, wish));
  if (wish.format === 'json') return terminal.document(single ? plain(costs[0]) : costs.map(plain));
  for (const cost of costs) show(context, cost);
}

async function costOf(context: RecordableContext, row: Connected, wish: SyncWish): Promise<Cost> {
  const { deps, streams } = await syncDeps(context, row, wish);
  const { since, full } = wish;
  const entities = await costOfSync(deps, streams, { kind: 'sync', owner: context.owner, since, full });
  const sum = (of: (cost: EntityCost) => number) => entities.reduce((total, cost) => total + of(cost), 0);
  const requests = sum((cost) => cost.requests);
  const quota = deps.provider.monthlyQuota;
  return {
    ...{
      provider: row.provider,
      account: row.account,
      dryRun: true,
      entities,
      requests,
      durationMs: sum((cost) => cost.durationMs),
    },
    ...(quota ? { monthlyQuota: { ...quota, share: requests / quota.calls } } : {}),
  };
}

function plain(cost: Cost | undefined): unknown {
  return cost && { ...cost, entities: cost.entities.map((each) => ({ ...each, error: each.error?.toJSON() })) };
}

function show({ terminal }: RecordableContext, { provider, entities, requests, durationMs, monthlyQuota }: Cost): void {
  const number = (value: number) => value.toLocaleString('en-US');
  const least = (cost: EntityCost) => `${cost.atLeast ? 'at least ' : ''}${number(cost.requests)}`;
  const columns = [
    { heading: 'entity', cell: (cost: EntityCost) => cost.entity },
    {
      heading: 'records',
      cell: ({ records }: EntityCost) => (records === null ? '?' : number(records)),
      align: 'right' as const,
    },
    { heading: 'requests', cell: least, align: 'right' as const },
    {
      heading: 'at the limit',
      cell: (cost: EntityCost) => (cost.durationMs > 0 ? formatSpan(Math.ceil(cost.durationMs / 1000) * 1000) : ''),
      align: 'right' as const,
    },
    { heading: 'problem', cell: ({ error }: EntityCost) => (error ? terminal.style.bad(error.code) : '') },
  ];
  terminal.out(...renderTable(columns, entities, terminal.tableWidth));
  const open = entities.some(({ atLeast }) => atLeast) ? 'at least ' : '';
  const time = durationMs > 0 ? `, ${open}${formatSpan(Math.ceil(durationMs / 1000) * 1000)} at the limits` : '';
  const share = monthlyQuota
    ? `, ${(monthlyQuota.share * 100).toFixed(monthlyQuota.share < 0.001 ? 4 : 2)} % of the ${number(monthlyQuota.calls)} calls that the ${monthlyQuota.plan} plan includes each month`
    : '';
  terminal.out(`${provider}: ${open}${number(requests)} requests${time}${share}. Nothing was stored.`);
}
