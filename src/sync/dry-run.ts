import { LwiError } from '../errors.ts';
import type { LimitRule, Provider } from '../providers/provider.ts';
import { ruleName } from '../providers/rule-name.ts';
import type { Stream } from '../providers/stream.ts';
import { fetchPage } from './fetch-page.ts';
import { type EntityPlan, planEntity } from './plan.ts';
import { countRows, prefetch } from './prefetch.ts';
import { readPage } from './read-page.ts';
import { metered } from './report.ts';
import type { RunOrder, SyncDeps } from './sync-deps.ts';

/** What the sync of an entity would cost. */
export interface EntityCost {
  readonly entity: string;
  /** Rows of the window; null: nobody knows. */
  readonly records: number | null;
  /** Requests, the one of the dry run not among them. */
  readonly requests: number;
  /** More pages follow, and nobody knows how many: the requests are the fewest possible. */
  readonly atLeast: boolean;
  /** How long they take at the provider's limits, ms. */
  readonly durationMs: number;
  readonly coverage: readonly string[];
  readonly error?: LwiError;
}

type Deps = Pick<SyncDeps, 'send' | 'store' | 'clock' | 'signal' | 'provider' | 'baseUrl' | 'target'>;

/** Reads one page of each entity and reckons what the whole would cost. Nothing is stored, and no cursor moves. */
export async function costOfSync(deps: Deps, streams: readonly Stream[], order: RunOrder): Promise<EntityCost[]> {
  const plans = [];
  for (const stream of streams) plans.push(await planEntity(deps, stream, order));
  await prefetch(deps, plans.filter(isAsked));
  const costs: EntityCost[] = [];
  for (const plan of plans) costs.push(await costOf(deps, plan));
  return costs;
}

/** A poll that may be sent every few minutes only is kept for the sync itself. */
function isAsked({ stream, walk }: EntityPlan): boolean {
  return stream.minIntervalMs === 0 && walk.request !== undefined;
}

async function costOf(deps: Deps, plan: EntityPlan): Promise<EntityCost> {
  const { stream, walk } = plan;
  const { request } = walk;
  const unknown = {
    entity: stream.name,
    records: null,
    requests: 1,
    atLeast: true,
    durationMs: 0,
    coverage: walk.coverage,
  };
  if (!isAsked(plan) || !request) {
    const why = request
      ? 'it may be asked every few minutes only, so this run did not'
      : 'only what is gone is left to be found';
    return { ...unknown, coverage: [...walk.coverage, `Not reckoned: ${why}.`] };
  }
  try {
    const asked = plan.first?.request ?? request;
    const answer =
      plan.first?.answer ??
      (await metered(plan.report, (meter) =>
        fetchPage({ ...deps, priority: 'sync' }, request, { purpose: `dry run ${stream.name}`, meter }),
      ));
    const page = readPage(deps, stream, answer, { request: asked, window: walk.window, until: deps.clock.now() });
    if (page.next && page.total === undefined && walk.count && plan.walk.total === undefined)
      await countRows(deps, plan, walk.count);
    const rows = page.records.length + page.rejected.length;
    const total = page.total ?? plan.walk.total ?? (page.next ? undefined : rows);
    const requests = total === undefined || rows === 0 ? (page.next ? 2 : 1) : Math.max(1, Math.ceil(total / rows));
    const coverage = [...walk.coverage, ...(page.coverage ?? [])];
    const durationMs = durationOf(deps.provider, plan, requests);
    return {
      entity: stream.name,
      records: total ?? null,
      requests,
      atLeast: total === undefined,
      durationMs,
      coverage,
    };
  } catch (error) {
    if (deps.signal.aborted || !(error instanceof LwiError) || error.category === 'storage') throw error;
    return { ...unknown, error };
  }
}

/** The slowest of the limits that the requests count against decides. */
function durationOf({ limits, limitsFor }: Provider, { walk }: EntityPlan, requests: number): number {
  if (!walk.request) return 0;
  const names = limitsFor(walk.request.method, walk.request.path).map(ruleName);
  const rules = limits.filter(({ name }) => names.includes(name));
  return Math.round(Math.max(0, ...rules.map((rule) => timeFor(rule, requests))));
}

/** The first `burst` go at once. */
function timeFor({ permits, perMs, burst }: LimitRule, requests: number): number {
  return (Math.max(0, requests - burst) * perMs) / permits;
}
