import { asObject } from '../json-value.ts';
import type { Stream, StreamStart, SyncWindow } from '../stream.ts';
import { changesRequest, parseChanges } from './change-data.ts';
import { COLUMNS } from './columns.ts';
import { ENTITIES, type Entity } from './entities.ts';
import { countRequest, lookupRequest, parseCount, parseQuery, queryRequest } from './query.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/**
 * How far change data is asked to look back, ms. Intuit refuses more than 30 days (Wish-Org/QuickBooksSharp #19); integrators stop at 29
 * (NangoHQ/integration-templates), which leaves room for clocks and time zones.
 */
const CHANGE_DATA_MS = 29 * DAY_MS;

/** One stream for each entity: change data for a recent window, otherwise a query in the order of change. */
export const streams: readonly Stream[] = ENTITIES.map((entity) => ({
  name: entity.stream,
  // Rows become visible some time after the moment that they carry; both feeds are read again for that long.
  overlapMs: 10 * MINUTE_MS,
  // Pages are made from times and positions, not from tokens that end.
  resumable: true,
  minIntervalMs: 0,
  absence: 'full',
  columns: COLUMNS[entity.name] ?? {},
  start: (window) => start(entity, window),
  parse: (page) => {
    const { feed } = asObject(page.request.state);
    if (feed === 'count') return parseCount(page);
    return feed === 'changes' ? parseChanges(entity, page) : parseQuery(entity, page);
  },
  lookup: (id, window) => lookupRequest(entity, id, window),
}));

function start(entity: Entity, window: SyncWindow): StreamStart {
  const { since, now } = window;
  if (since !== undefined && entity.changeData && since >= now - CHANGE_DATA_MS) {
    return { request: changesRequest(entity, window, since), coverage: [] };
  }
  const from = since === undefined ? {} : { from: since };
  return {
    request: queryRequest(entity, window, { ...from, position: 1 }),
    count: countRequest(entity, window, since),
    coverage: since === undefined ? [] : [blindSpot(entity)],
  };
}

function blindSpot(entity: Entity): string {
  const why = entity.changeData
    ? `the change feed of QuickBooks reaches back 30 days and this window is longer`
    : `the change feed of QuickBooks does not carry them`;
  return `Deletions are not covered: ${why}, so changes were queried; \`lwi sync quickbooks --full\` finds them.`;
}
