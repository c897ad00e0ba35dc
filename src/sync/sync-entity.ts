import { isLwiError } from '../errors.ts';
import { httpDate } from '../http/retry-after.ts';
import type { Page } from '../providers/stream.ts';
import { formatSpan } from '../span.ts';
import type { PageCommit } from '../store/sync-tables.ts';
import { fetchPage } from './fetch-page.ts';
import { circleGuard } from './page-circle.ts';
import type { EntityPlan } from './plan.ts';
import { countRows } from './prefetch.ts';
import { type JsonAnswer, readPage } from './read-page.ts';
import { addCoverage, metered } from './report.ts';
import { settle } from './settle.ts';
import type { SyncDeps } from './sync-deps.ts';
import { afterPage, beginWalk, goesWhole, notesSeen, progressOf, reached } from './walk.ts';

export type EntityDeps = SyncDeps & { readonly run: number; readonly limit?: number | undefined };

/**
 * Pulls one entity: page, validate, one transaction with records and progress. The cursor comes from the provider's clock at the start of the
 * window and moves with the last page only; an interrupted window goes on at its page. At least once, idempotent by id.
 */
export async function syncEntity(deps: EntityDeps, plan: EntityPlan): Promise<void> {
  const { store, target, clock, observer } = deps;
  const { stream, report, cursor } = plan;
  if (plan.waitMs > 0) {
    const span = formatSpan(Math.ceil(plan.waitMs / 1000) * 1000);
    addCoverage(report, [`asked again too early: the provider allows this poll in ${span}`]);
    return;
  }
  addCoverage(report, plan.walk.coverage);
  if (notesSeen(stream, plan.walk, cursor) && !plan.walk.resumed) await store.forgetSeen(target, stream.name);
  if (stream.minIntervalMs > 0) await store.notePoll(target, stream.name, clock.now());
  let refuseCircle = circleGuard(stream.name, plan.walk.request ?? '');
  let until = plan.walk.until;
  while (plan.walk.request) {
    const answer = await firstOrNext(deps, plan);
    if (!answer) {
      refuseCircle = circleGuard(stream.name, plan.walk.request);
      continue;
    }
    const { walk } = plan;
    until =
      walk.until ?? Math.min(httpDate(answer.headers['date']) ?? clock.now(), walk.bound ?? Number.POSITIVE_INFINITY);
    const page = readPage(deps, stream, answer, {
      request: walk.request ?? plan.walk.request,
      window: walk.window,
      until,
    });
    if (page.next) refuseCircle(page.next);
    if (!(await commit(deps, plan, page, until))) return;
    // Another step of a full read may ask what the one before has asked.
    if (plan.walk.window !== walk.window) refuseCircle = circleGuard(stream.name, plan.walk.request ?? '');
    deps.signal.throwIfAborted();
  }
  const { walk } = plan;
  until ??= clock.now();
  if (walk.whole) {
    await settle(deps, { stream, walk, range: {} }, report);
    const progress = { watermark: reached(stream, cursor, walk, until) };
    await store.commitPage({
      target,
      entity: stream.name,
      run: deps.run,
      records: [],
      rejected: [],
      progress,
      at: clock.now(),
    });
    report.cursor = new Date(Math.floor(progress.watermark)).toISOString();
  }
  if (notesSeen(stream, walk, cursor)) await store.forgetSeen(target, stream.name);
  if (report.cursor) observer.reached?.(stream.name, Date.parse(report.cursor));
}

/** The answer to the request that is next; undefined when the window had to begin anew. */
async function firstOrNext(deps: EntityDeps, plan: EntityPlan): Promise<JsonAnswer | undefined> {
  const { stream, report, first, walk } = plan;
  if (!walk.request) return undefined;
  if (first) {
    plan.first = undefined;
    plan.walk = { ...walk, request: first.request };
    return first.answer;
  }
  const { request } = walk;
  try {
    return await metered(report, (meter) =>
      fetchPage(source(deps), request, { purpose: `sync ${report.entity}`, meter }),
    );
  } catch (error) {
    if (!walk.resumed || !isLwiError(error) || error.category !== 'refused') throw error;
    // The stored page is no longer known to the provider (a page token that ran out): the window starts anew.
    const cursor = plan.cursor && { ...plan.cursor, resume: undefined };
    plan.walk = beginWalk(stream, cursor, { ...plan.order, full: plan.order.full || walk.whole !== undefined });
    addCoverage(report, plan.walk.coverage);
    if (walk.whole) await deps.store.forgetSeen(deps.target, stream.name);
    return undefined;
  }
}

function source({ observer, ...deps }: EntityDeps) {
  return { ...deps, priority: 'sync', onWait: (waitMs: number) => observer.waits?.(waitMs) } as const;
}

/** One page in one transaction. False when no more is wanted. */
async function commit(deps: EntityDeps, plan: EntityPlan, page: Page, until: number): Promise<boolean> {
  const { store, target, run, clock, observer, limit = Number.POSITIVE_INFINITY } = deps;
  const { stream, report, cursor, order, walk } = plan;
  const room = limit - (report.upserted + report.unchanged + report.deleted);
  const cut = page.records.length > room;
  const records = cut ? page.records.slice(0, room) : page.records;
  const noting = notesSeen(stream, walk, cursor);
  const whole = goesWhole(stream, walk, page);
  const began = whole ? await store.forgetSeen(target, stream.name) : undefined;
  const after = afterPage(stream, walk, page, { until, now: began ?? clock.now() });
  // What is cut off comes again with the next run: the page is not done.
  const progress = cut ? undefined : progressOf(stream, cursor, { after, until, order });
  const commitOf: PageCommit = {
    ...{ target, entity: stream.name, run, records, rejected: page.rejected, request: walk.request, progress },
    ...{ seen: noting, at: clock.now() },
  };
  observer.records?.(stream.name, records);
  const counts = await store.commitPage(commitOf);
  report.upserted += counts.upserted;
  report.unchanged += counts.unchanged;
  report.deleted += counts.deleted;
  report.rejected += page.rejected.length;
  report.pages += 1;
  // What a tail cannot see, the read before it has seen; and a read of everything that follows will see it.
  if (walk.whole !== 'tail' && !whole) addCoverage(report, page.coverage ?? []);
  if (progress && 'watermark' in progress) report.cursor = new Date(Math.floor(progress.watermark)).toISOString();
  if (!cut && noting) {
    for (const range of page.complete ?? []) await settle(deps, { stream, walk: after, range }, report);
  }
  plan.walk = after;
  // Only what is longer than a page is worth a question more.
  if (after.request && walk.count && after.total === undefined) await countRows(source(deps), plan, walk.count);
  observer.page?.(report, { seen: after.seen, total: plan.walk.total });
  if (!cut && (records.length < room || !after.request)) return true;
  addCoverage(report, [`Stopped after ${limit} records, as --limit asked: the next run reads the rest.`]);
  return false;
}
