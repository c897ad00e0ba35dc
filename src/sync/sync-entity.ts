import type { Clock } from '../clock.ts';
import { LwiError } from '../errors.ts';
import { apiRequest } from '../http/api-request.ts';
import { bodyJson, type Call, type CallMeter, type HttpResponse, type Send } from '../http/http.ts';
import { httpDate } from '../http/retry-after.ts';
import type { Page, PageRequest, Provider, Stream, SyncWindow } from '../providers/provider.ts';
import type { Cursor, Resume, Store, SyncTarget } from '../store/store.ts';

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
  readonly store: Pick<Store, 'cursor' | 'commitPage'>;
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
export async function syncEntity(deps: SyncDeps, stream: Stream, since: number | undefined, report: EntityReport): Promise<void> {
  const { store, target, clock, run } = deps;
  const cursor = await store.cursor(target, stream.name);
  report.cursor = isoOrNull(cursor?.watermark);
  const wait = tooEarly(stream, cursor, clock.now());
  if (wait > 0) {
    report.coverage.push(`asked again too early: the provider allows this poll in ${Math.ceil(wait / 1000)} s`);
    return;
  }
  const begun = begin(deps, stream, cursor, since, report);
  const { window } = begun;
  let { request, until } = begun;
  for (;;) {
    const response = await fetchPage(deps, request, report);
    until ??= httpDate(response.headers['date']) ?? clock.now();
    const page = stream.parse({ request, window, body: jsonOf(response, deps), headers: response.headers, until });
    const next = continued(page, request, stream);
    const watermark = reaches(cursor, window, stream, until);
    const counts = await store.commitPage({
      target,
      entity: stream.name,
      run,
      records: page.records,
      rejected: page.rejected,
      progress: next ? { resume: { request: next, window, until } } : { watermark },
      at: clock.now(),
    });
    report.upserted += counts.upserted;
    report.unchanged += counts.unchanged;
    report.deleted += counts.deleted;
    report.rejected += page.rejected.length;
    report.pages += 1;
    for (const sentence of page.coverage ?? []) if (!report.coverage.includes(sentence)) report.coverage.push(sentence);
    if (!next) report.cursor = isoOrNull(watermark);
    deps.onPage(report);
    if (!next) return;
    request = next;
    deps.signal.throwIfAborted();
  }
}

/** An empty report to be filled in. */
export function newReport(entity: string): EntityReport {
  const counts = { upserted: 0, unchanged: 0, deleted: 0, pages: 0, requests: 0, throttledMs: 0, retries: 0, rejected: 0 };
  return { entity, ...counts, cursor: null, coverage: [] };
}

interface Begun {
  readonly window: SyncWindow;
  readonly request: PageRequest;
  readonly until: number | undefined;
}

function begin(deps: SyncDeps, stream: Stream, cursor: Cursor | undefined, since: number | undefined, report: EntityReport): Begun {
  const resume: Resume | undefined = since === undefined && stream.resumable ? cursor?.resume : undefined;
  if (resume) return resume;
  const from = since ?? (cursor?.watermark === undefined ? undefined : cursor.watermark - stream.overlapMs);
  const window: SyncWindow = {
    now: deps.clock.now(),
    externalId: deps.target.externalId,
    ...(from === undefined ? {} : { since: from }),
  };
  const { request, coverage } = stream.start(window);
  report.coverage.push(...coverage);
  return { window, request, until: undefined };
}

/** A window that starts behind the cursor would leave a gap: then the cursor stays where it was. */
function reaches(cursor: Cursor | undefined, window: SyncWindow, stream: Stream, until: number): number {
  const before = cursor?.watermark;
  if (before === undefined) return until;
  const gap = window.since !== undefined && window.since > before;
  return gap ? before : Math.max(before, until - clockStep(stream));
}

/** The provider's `Date` has whole seconds; what changed within that second belongs to the next window, which overlaps anyway. */
function clockStep(stream: Stream): number {
  return stream.overlapMs > 0 ? 0 : 1000;
}

async function fetchPage(deps: SyncDeps, request: PageRequest, report: EntityReport): Promise<HttpResponse> {
  const { provider, target, signal } = deps;
  const meter: CallMeter = { requests: 0, retries: 0, throttledMs: 0 };
  const call: Call = {
    provider: provider.id,
    connection: { account: target.account, provider: target.provider },
    limits: provider.limitsFor(request.method, request.path),
    priority: 'sync',
    // Streams only read, whatever the method (MyCarrierPackets reads by POST).
    repeatable: true,
    signal,
    purpose: `sync ${report.entity}`,
    meter,
  };
  try {
    return await deps.send(apiRequest(provider, deps.baseUrl, target.externalId, request), call);
  } finally {
    report.requests += meter.requests;
    report.retries += meter.retries;
    report.throttledMs += Math.round(meter.throttledMs);
  }
}

function jsonOf(response: HttpResponse, { provider, target }: SyncDeps): unknown {
  const body = bodyJson(response);
  if (body !== undefined) return body;
  throw new LwiError('BAD_RESPONSE', `${provider.title} answered ${response.status} without JSON.`, {
    provider: provider.id,
    account: target.account,
    statusCode: response.status,
  });
}

/** The next request. One that repeats the last would never end (a page token that points at itself). */
function continued(page: Page, request: PageRequest, stream: Stream): PageRequest | undefined {
  const { next } = page;
  if (next && JSON.stringify(next) === JSON.stringify(request)) {
    throw new LwiError('BAD_RESPONSE', `The provider gave the same page of ${stream.name} as the next one.`);
  }
  return next;
}

function tooEarly(stream: Stream, cursor: Cursor | undefined, now: number): number {
  if (stream.minIntervalMs === 0 || !cursor || cursor.resume) return 0;
  const wait = cursor.updatedAt + stream.minIntervalMs - now;
  return wait <= stream.minIntervalMs ? wait : 0;
}

function isoOrNull(ms: number | undefined): string | null {
  return ms === undefined ? null : new Date(ms).toISOString();
}
