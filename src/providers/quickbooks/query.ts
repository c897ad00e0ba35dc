import { LwiError } from '../../errors.ts';
import { asNumber, asObject, isObject } from '../json-value.ts';
import type { Page, PageAnswer, PageRequest, SyncWindow } from '../stream.ts';
import { companyPath } from './api.ts';
import type { Entity } from './entities.ts';
import { readRows } from './rows.ts';

/** Most rows that one query gives; the default would be 100 (ruckus/quickbooks-ruby fixtures, mcohen01/node-quickbooks README). */
export const PAGE_SIZE = 1000;

/** Where a page begins: the time of change of its first row, and the 1-based position among the rows from there on. */
interface PageStart {
  /** ms since the epoch; absent: from the oldest on. */
  readonly from?: number;
  /** ms since the epoch; the end of the window, as soon as the provider's clock is known. */
  readonly until?: number;
  readonly position: number;
}

/**
 * The statement for one page, oldest change first. Source of the form: singer-io/tap-quickbooks `tap_quickbooks/query_builder.py`; inactive
 * rows of name lists are hidden unless asked for (`streams.py` there); ordering by Id is no longer allowed (sahat/hackathon-starter #1510).
 */
export function queryRequest(entity: Entity, window: SyncWindow, page: PageStart): PageRequest {
  const { from, until, position } = page;
  const where = conditions(entity, from, until);
  const order = `orderby MetaData.LastUpdatedTime asc startposition ${position} maxresults ${PAGE_SIZE}`;
  return {
    method: 'GET',
    path: `${companyPath(window.externalId)}/query`,
    query: { query: `select * from ${entity.name}${where} ${order}` },
    state: { feed: 'query', from: from ?? null, position },
  };
}

function conditions(entity: Entity, from: number | undefined, until: number | undefined): string {
  const all = [
    from !== undefined && `MetaData.LastUpdatedTime >= '${secondOf(from)}'`,
    until !== undefined && `MetaData.LastUpdatedTime <= '${secondOf(until + 999)}'`,
    entity.hidesInactive && 'Active IN (true, false)',
  ].filter((condition) => condition !== false);
  return all.length > 0 ? ` where ${all.join(' and ')}` : '';
}

/** How many rows a window has, by the same conditions. */
export function countRequest(entity: Entity, window: SyncWindow, from?: number): PageRequest {
  const where = conditions(entity, from, undefined);
  return {
    method: 'GET',
    path: `${companyPath(window.externalId)}/query`,
    query: { query: `select count(*) from ${entity.name}${where}` },
    state: { feed: 'count' },
  };
}

/** `{"QueryResponse":{"totalCount":145}}`. */
export function parseCount({ body }: PageAnswer): Page {
  const total = asNumber(asObject(asObject(body)['QueryResponse'])['totalCount']);
  return { records: [], rejected: [], ...(total === undefined ? {} : { total }) };
}

/** One row by its id; a query, so that `parseQuery` reads it and a row that is gone is an empty answer. */
export function lookupRequest(entity: Entity, id: string, window: SyncWindow): PageRequest {
  const quoted = id.replace(/['\\]/g, '\\$&');
  const active = entity.hidesInactive ? ' and Active IN (true, false)' : '';
  return {
    method: 'GET',
    path: `${companyPath(window.externalId)}/query`,
    query: { query: `select * from ${entity.name} where Id = '${quoted}'${active}` },
    state: { feed: 'query', from: null, position: 1 },
  };
}

/**
 * Reads a page of rows. An empty answer has no array at all: `{"QueryResponse":{}}`.
 *
 * The next page begins at the time of the last row, not behind its position: a row that is changed during the run moves to the end, and
 * every position behind it would slip by one row, unseen. Rows of that same second are read twice, which an upsert by id makes
 * harmless. Only where a whole page carries one time does the position go on.
 */
export function parseQuery(entity: Entity, page: PageAnswer): Page {
  const response = asObject(page.body)['QueryResponse'];
  const rows = asObject(response)[entity.name] ?? [];
  if (!isObject(response) || !Array.isArray(rows)) {
    throw new LwiError('BAD_RESPONSE', `the answer holds no QueryResponse with a list of ${entity.name}`);
  }
  const read = readRows(entity, rows);
  if (rows.length < PAGE_SIZE) return read;
  const { from, position } = startOf(page.request);
  const last = read.records.at(-1)?.updatedAt;
  const moved = last !== undefined && (from === undefined || secondOf(last) > secondOf(from));
  const next = moved
    ? { from: last, position: 1 }
    : { ...(from === undefined ? {} : { from }), position: position + rows.length };
  return { ...read, next: queryRequest(entity, page.window, { ...next, until: page.until }) };
}

function startOf(request: PageRequest): PageStart {
  const state = asObject(request.state);
  const from = state['from'];
  const position = state['position'];
  return {
    ...(typeof from === 'number' ? { from } : {}),
    position: typeof position === 'number' ? position : 1,
  };
}

/** ISO 8601 in whole seconds, rounded down; ms since the epoch in. */
export function secondOf(instant: number): string {
  return `${new Date(instant).toISOString().slice(0, 19)}Z`;
}
