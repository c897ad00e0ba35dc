import type { Clock } from '../clock.ts';
import { isLwiError, type LwiError } from '../errors.ts';
import type { CallMeter } from '../http/http.ts';
import { httpDate } from '../http/retry-after.ts';
import type { Page, PageRequest, Stream } from '../providers/stream.ts';
import type { WebhookEvent } from '../providers/webhook-settings.ts';
import type { CommitRecord, PageCommit, PageCounts, SyncTables } from '../store/sync-tables.ts';
import { asFailure } from './event-retry.ts';
import { fetchPage, type PageSource } from './fetch-page.ts';
import { readPage } from './read-page.ts';

export interface ApplyDeps extends Omit<PageSource, 'priority'> {
  readonly store: Pick<SyncTables, 'commitPage' | 'startRun' | 'finishRun'>;
  readonly clock: Clock;
  readonly owner: string;
  /** Asks for a poll of the entity (absent: of all) that starts at once. */
  readonly pollSoon: (entity?: string) => void;
}

/** What came of the deliveries that were applied together. */
export interface ApplyReport {
  /** For each of them, why it could not be applied; undefined: it was. */
  readonly errors: readonly (LwiError | undefined)[];
  /** Absent: nothing had to be fetched. */
  readonly run?: number;
  readonly changes: readonly AppliedChange[];
  readonly meter: Readonly<CallMeter>;
}

/** A record that was fetched, or was said to be gone. */
export interface AppliedChange extends PageCounts {
  readonly entity: string;
  readonly entityId: string;
}

/** What several events together say of one record. */
interface Wanted {
  readonly stream: Stream & Required<Pick<Stream, 'lookup'>>;
  readonly id: string;
  /** All of its events say that it is gone; if only some do, the provider is asked. */
  gone: boolean;
  /** Of the latest event, ms since the epoch. */
  occurredAt: number | undefined;
}

/** Requests of one batch at once; the limits of the provider hold all the same. */
const AT_ONCE = 4;

/** An id that is longer is none; the poll finds the record. */
const LONGEST_ID = 500;

/**
 * Applies deliveries of one connection, given as what each says: the records that they name are fetched, each once, and stored without moving any cursor. What
 * cannot be fetched one by one makes its entity due for a poll. What is about another company is left alone. Throws when stopped, and for trouble of the
 * store; whatever was applied by then stays, and may be applied again.
 */
export async function applyEvents(
  deps: ApplyDeps,
  deliveries: readonly (readonly WebhookEvent[])[],
): Promise<ApplyReport> {
  const { store, clock, target, owner, signal } = deps;
  const wanted = new Map<string, Wanted>();
  const names = deliveries.map((events) => events.flatMap((event) => want(deps, event, wanted)));
  const meter: CallMeter = { requests: 0, retries: 0, throttledMs: 0 };
  if (wanted.size === 0) return { errors: names.map(() => undefined), changes: [], meter };

  const run = await store.startRun(target, { kind: 'event', owner, startedAt: clock.now() });
  const failed = new Map<string, LwiError>();
  const changes: AppliedChange[] = [];
  const left = wanted.entries();
  let end: LwiError | undefined;
  const work = async () => {
    for (const [name, each] of left) {
      try {
        if (end) throw end;
        const counts = await applyOne(deps, each, run, meter);
        changes.push({ entity: each.stream.name, entityId: each.id, ...counts });
      } catch (error) {
        const known = asFailure(error);
        if (signal.aborted || known.category === 'storage' || endsAll(known)) end ??= known;
        failed.set(name, known);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, wanted.size) }, work));
  if (end && (signal.aborted || end.category === 'storage')) {
    await store.finishRun(run, clock.now(), signal.aborted ? 'stopped' : 'failed').catch(() => {});
    throw signal.aborted ? signal.reason : end;
  }
  await store.finishRun(run, clock.now(), failed.size > 0 ? 'failed' : 'done');
  const errors = names.map((of) => of.map((name) => failed.get(name)).find((error) => error));
  return { errors, run, changes, meter };
}

/** Notes what an event wants fetched and gives its name; asks for a poll where it is not known what. */
function want(deps: ApplyDeps, event: WebhookEvent, wanted: Map<string, Wanted>): string[] {
  const { provider, target, pollSoon } = deps;
  const { externalId, entity, entityId, occurredAt, deleted = false } = event;
  if (externalId !== undefined && externalId !== target.externalId) return [];
  if (event.gap) pollSoon();
  const stream = provider.streams.find(({ name }) => name === entity);
  if (!stream) return [];
  if (!canLookUp(stream) || entityId === undefined || entityId.length > LONGEST_ID) {
    pollSoon(stream.name);
    return [];
  }
  const name = `${stream.name}\0${entityId}`;
  const before = wanted.get(name);
  if (!before) wanted.set(name, { stream, id: entityId, gone: deleted, occurredAt });
  else {
    before.gone &&= deleted;
    before.occurredAt = Math.max(before.occurredAt ?? 0, occurredAt ?? 0) || undefined;
  }
  return [name];
}

function canLookUp(stream: Stream): stream is Wanted['stream'] {
  return stream.lookup !== undefined;
}

async function applyOne(deps: ApplyDeps, wanted: Wanted, run: number, meter: CallMeter): Promise<PageCounts> {
  const { store, target, clock } = deps;
  const { stream, id, occurredAt } = wanted;
  const commit = (page: Pick<PageCommit, 'records' | 'rejected' | 'request'>) =>
    store.commitPage({ target, entity: stream.name, run, at: clock.now(), ...page });
  const buried = (deleted: CommitRecord['deleted'], updatedAt?: number) =>
    commit({ records: [{ id, ...(updatedAt === undefined ? {} : { updatedAt }), deleted, data: {} }], rejected: [] });
  if (wanted.gone) return buried(true, occurredAt);
  const request = stream.lookup(id, { now: clock.now(), externalId: target.externalId });
  const page = await lookUp(deps, stream, request, meter);
  const records = page?.records.filter((record) => record.id === id) ?? [];
  const rejected = page?.rejected ?? [];
  // Not found may also mean: not yet visible, or no longer ours to see. Any sight of it undoes this.
  return records.length > 0 || rejected.length > 0 ? commit({ records, rejected, request }) : buried('absent');
}

/** What the provider answers; undefined: it knows no such record. */
async function lookUp(
  deps: ApplyDeps,
  stream: Stream,
  request: PageRequest,
  meter: CallMeter,
): Promise<Page | undefined> {
  const { target, clock } = deps;
  const window = { now: clock.now(), externalId: target.externalId };
  try {
    const how = { purpose: `event ${stream.name}`, meter };
    const response = await fetchPage({ ...deps, priority: 'webhook' }, request, how);
    const until = httpDate(response.headers['date']) ?? clock.now();
    return readPage(deps, stream, response, { request, window, until });
  } catch (error) {
    if (isLwiError(error, 'NOT_FOUND')) return undefined;
    throw error;
  }
}

/** There is no sense in asking for the next record. */
function endsAll({ code, category }: LwiError): boolean {
  return category === 'auth' || code === 'CIRCUIT_OPEN';
}
