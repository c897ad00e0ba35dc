import type { Clock } from '../clock.ts';
import { isLwiError } from '../errors.ts';
import type { CallMeter, HttpResponse, Send } from '../http/http.ts';
import { httpDate } from '../http/retry-after.ts';
import type { PageRequest, Provider, Stream } from '../providers/provider.ts';
import type { Cursor, SyncTables, SyncTarget } from '../store/sync-tables.ts';
import { fetchPage } from './fetch-page.ts';
import { circleGuard } from './page-circle.ts';
import { readPage } from './read-page.ts';
import { type Begun, beginWindow, progressOf, tooEarly } from './window.ts';

export interface EntityReport {
  readonly entity: string;
  upserted: number;
  unchanged: number;
  deleted: number;
  pages: number;
  requests: number;
  throttledMs: number;
  retries: number;
  /** Rows that could not be read; they are kept aside in the store. */
  rejected: number;
  /** ISO time that the mirror reaches up to; null while there is none. */
  cursor: string | null;
  /** What this source could not see. */
  coverage: string[];
}

export interface SyncDeps {
  readonly send: Send;
  readonly store: Pick<SyncTables, 'cursor' | 'commitPage'>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly provider: Provider;
  readonly baseUrl: string;
  readonly target: SyncTarget;
  readonly run: number;
  /** Called after each committed page. */
  readonly onPage: (report: EntityReport) => void;
}

/**
 * Pulls one entity: page, validate, one transaction with records and progress. The cursor comes from the provider's clock at the start of the
 * window and moves with the last page only; an interrupted window goes on at its page. At least once, idempotent by id.
 */
export async function syncEntity(
  deps: SyncDeps,
  stream: Stream,
  since: number | undefined,
  report: EntityReport,
): Promise<void> {
  const { store, target, clock, run } = deps;
  const cursor = await store.cursor(target, stream.name);
  report.cursor = isoOrNull(cursor?.watermark);
  const wait = tooEarly(stream, cursor, clock.now());
  if (wait > 0) {
    report.coverage.push(`asked again too early: the provider allows this poll in ${Math.ceil(wait / 1000)} s`);
    return;
  }
  const begin = (stored: Cursor | undefined): Begun => {
    const begun = beginWindow(stream, stored, { since, now: clock.now(), externalId: target.externalId });
    report.coverage.push(...begun.coverage);
    return begun;
  };
  let { window, request, until, resumed } = begin(cursor);
  let refuseCircle = circleGuard(stream.name, request);
  for (;;) {
    let response: HttpResponse;
    try {
      response = await read(deps, request, report);
    } catch (error) {
      if (!resumed || !isLwiError(error) || error.category !== 'refused') throw error;
      // The stored page is no longer known to the provider (a page token that ran out): the window starts anew.
      ({ window, request, until, resumed } = begin({ ...cursor, resume: undefined, updatedAt: clock.now() }));
      refuseCircle = circleGuard(stream.name, request);
      continue;
    }
    resumed = false;
    until ??= httpDate(response.headers['date']) ?? clock.now();
    const page = readPage(deps, stream, response, { request, window, until });
    const { next } = page;
    if (next) refuseCircle(next);
    const progress = progressOf(stream, cursor, { window, until, next, since });
    const counts = await store.commitPage({
      ...{ target, entity: stream.name, run, records: page.records, rejected: page.rejected },
      ...{ progress, at: clock.now() },
    });
    report.upserted += counts.upserted;
    report.unchanged += counts.unchanged;
    report.deleted += counts.deleted;
    report.rejected += page.rejected.length;
    report.pages += 1;
    for (const sentence of page.coverage ?? []) if (!report.coverage.includes(sentence)) report.coverage.push(sentence);
    if ('watermark' in progress) report.cursor = isoOrNull(progress.watermark);
    deps.onPage(report);
    if (!next) return;
    request = next;
    deps.signal.throwIfAborted();
  }
}

/** An empty report to be filled in. */
export function newReport(entity: string): EntityReport {
  const rows = { upserted: 0, unchanged: 0, deleted: 0, rejected: 0 };
  return { entity, ...rows, pages: 0, requests: 0, throttledMs: 0, retries: 0, cursor: null, coverage: [] };
}

async function read(deps: SyncDeps, request: PageRequest, report: EntityReport): Promise<HttpResponse> {
  const meter: CallMeter = { requests: 0, retries: 0, throttledMs: 0 };
  try {
    return await fetchPage({ ...deps, priority: 'sync' }, request, { purpose: `sync ${report.entity}`, meter });
  } finally {
    report.requests += meter.requests;
    report.retries += meter.retries;
    report.throttledMs += Math.round(meter.throttledMs);
  }
}

function isoOrNull(ms: number | undefined): string | null {
  return ms === undefined ? null : new Date(ms).toISOString();
}
