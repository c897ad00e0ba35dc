import type { Scenario } from './scenario.ts';
import { queryStore } from './store-file.ts';

/** A row that is live at the provider, as the mock's oracle shows it. */
interface TrueRow {
  readonly id: string;
  readonly row: Readonly<Record<string, unknown>>;
}

/** Where a mirror differs from the truth: the first ids, in order, and how many more. All empty: it is exact. */
export interface Differences {
  /** Live there, not live here. */
  readonly missing: readonly string[];
  /** Live here, gone there. */
  readonly extra: readonly string[];
  /** Live on both sides with other data. */
  readonly stale: readonly string[];
}

export const NONE: Differences = { missing: [], extra: [], stale: [] };

/**
 * Compares the live records of an entity in the store with what is live at the mock: ids and data. `stream`: the mock's name of it, with its provider;
 * `isLive`: for rows that the API still lists when they are gone; `added`: members that lwi adds to a row.
 */
export async function differences(
  lwi: Pick<Scenario, 'home' | 'mockUrl'>,
  stream: string,
  entity: string,
  { isLive = () => true, added = [] }: { isLive?: (row: TrueRow['row']) => boolean; added?: readonly string[] } = {},
): Promise<Differences> {
  const [provider = ''] = stream.split('/');
  const answer = await fetch(`${lwi.mockUrl}/_mock/${stream}/live`);
  const { rows } = (await answer.json()) as { rows: TrueRow[] };
  const truth = new Map(rows.filter(({ row }) => isLive(row)).map(({ id, row }) => [id, JSON.stringify(row)]));
  const sql = 'SELECT id, data FROM records WHERE provider = ? AND entity = ? AND deleted = 0';
  const stored = queryStore<{ id: string; data: string }>(lwi.home, sql, provider, entity);
  const here = new Map(stored.map(({ id, data }) => [id, added.length > 0 ? without(data, added) : data]));
  return {
    missing: some([...truth.keys()].filter((id) => !here.has(id))),
    extra: some([...here.keys()].filter((id) => !truth.has(id))),
    stale: some([...truth].filter(([id, row]) => here.has(id) && here.get(id) !== row).map(([id]) => id)),
  };
}

function without(data: string, members: readonly string[]): string {
  const kept = Object.entries(JSON.parse(data)).filter(([name]) => !members.includes(name));
  return JSON.stringify(Object.fromEntries(kept));
}

/** Enough to look at one. */
function some(ids: readonly string[]): readonly string[] {
  const inOrder = ids.toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  return ids.length > 5 ? [...inOrder.slice(0, 5), `and ${ids.length - 5} more`] : inOrder;
}
