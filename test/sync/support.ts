import type { CallMeter, HttpRequest, HttpResponse, Send } from '../../src/http/http.ts';
import type { Page, PageRequest, Stream, StreamRecord } from '../../src/providers/stream.ts';
import type { Store } from '../../src/store/store.ts';
import type { SyncTarget } from '../../src/store/sync-tables.ts';
import { planEntity } from '../../src/sync/plan.ts';
import { syncConnection } from '../../src/sync/sync-connection.ts';
import type { RunOrder, SyncDeps, SyncObserver } from '../../src/sync/sync-deps.ts';
import { syncEntity } from '../../src/sync/sync-entity.ts';
import { acme, database, response } from '../http/support.ts';
import { START, type VirtualClock, virtualClock } from '../support/virtual-clock.ts';

export const TARGET: SyncTarget = { account: 'acme', provider: 'acme', externalId: 'co-1' };
export const MINUTE_MS = 60_000;
const BY_HAND = { kind: 'sync', owner: 'test' } as const;

/** What is asked of a sync, and who looks on. */
type How = Omit<RunOrder, 'kind' | 'owner'> & { signal?: AbortSignal; observer?: SyncObserver };

/** What the provider's API answers to one page: the rows, the next token, and its clock. */
export interface Answered {
  readonly rows?: readonly (string | StreamRecord)[];
  readonly next?: string;
  /** The provider's clock, ms since the epoch; absent: no Date. */
  readonly date?: number;
  readonly coverage?: readonly string[];
  readonly rejected?: readonly string[];
  readonly total?: number;
  readonly complete?: Page['complete'];
}

/** A stream of pages told apart by a token, whose window and page a test can read off each request. */
export function pagedStream(change: Partial<Stream> = {}): Stream {
  const at = (since: number | undefined, page: string): PageRequest => ({
    method: 'GET',
    path: '/items',
    query: { page, ...(since === undefined ? {} : { since: String(since - START) }) },
  });
  return {
    name: 'items',
    overlapMs: 10 * MINUTE_MS,
    resumable: true,
    minIntervalMs: 0,
    absence: 'full',
    columns: {},
    start: ({ since }) => ({ request: at(since, 'first'), coverage: [] }),
    parse({ body, window }) {
      const { rows = [], next, coverage, rejected = [], total, complete } = body as Answered;
      const record = (row: string | StreamRecord): StreamRecord =>
        typeof row === 'string' ? { id: row, updatedAt: START, deleted: false, data: { id: row } } : row;
      return {
        records: rows.map(record),
        rejected: rejected.map((reason) => ({ reason, row: { reason } })),
        ...(next === undefined ? {} : { next: at(window.since, next) }),
        ...(coverage === undefined ? {} : { coverage }),
        ...(total === undefined ? {} : { total }),
        ...(complete === undefined ? {} : { complete }),
      };
    },
    ...change,
  };
}

/** An API whose answer depends on the page; `asked` holds `page since` of each request, since in ms from the start of the clock. */
export function api(pages: (page: string, request: HttpRequest) => Answered | HttpResponse | Error) {
  const asked: string[] = [];
  const send: Send = async (request, call) => {
    if (call.meter) (call.meter as CallMeter).requests += 1;
    const query = new URL(request.url).searchParams;
    const page = query.get('page') ?? '';
    asked.push([page, query.get('since') ?? 'all'].join(' '));
    const answer = pages(page, request);
    if (answer instanceof Error) throw answer;
    if ('status' in answer) return answer;
    const { date, ...body } = answer;
    return response(200, body, date === undefined ? {} : { date: new Date(date).toUTCString() });
  };
  return { send, asked };
}

/** A database that is synced as often as a test likes; each sync is a run of its own. */
export function syncing() {
  const clock: VirtualClock = virtualClock();
  const open = database(clock.now);
  const store: Store = open();
  const deps = (send: Send, signal: AbortSignal, observer: SyncObserver = {}): SyncDeps => ({
    ...{ send, store, clock, signal, provider: acme(), baseUrl: 'https://api.acme.example/v1', target: TARGET },
    observer,
  });
  const sync = async (send: Send, stream: Stream, how: How = {}) => {
    const { signal = new AbortController().signal, observer, ...order } = how;
    const run = await store.startRun(TARGET, { ...BY_HAND, startedAt: clock.now() });
    const plan = await planEntity(deps(send, signal), stream, { ...BY_HAND, ...order });
    await syncEntity({ ...deps(send, signal, observer), run, limit: order.limit }, plan);
    return plan.report;
  };
  const syncAll = (send: Send, streams: readonly Stream[], how: How = {}) => {
    const { signal = new AbortController().signal, observer, ...order } = how;
    return syncConnection(deps(send, signal, observer), streams, { ...BY_HAND, ...order });
  };
  const cursor = async (entity = 'items') => {
    const found = await store.cursor(TARGET, entity);
    return found?.watermark === undefined ? undefined : found.watermark - START;
  };
  return { clock, open, store, sync, syncAll, cursor };
}
