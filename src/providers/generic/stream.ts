import { dottedValue } from '../../dotted-path.ts';
import { LwiError } from '../../errors.ts';
import type { Page, PageAnswer, PageRequest, Stream, StreamRecord, SyncWindow } from '../stream.ts';
import type { StreamDefinition } from './definition.ts';
import { noteLoop } from './loop.ts';
import { type NextPage, pagerOf } from './paging.ts';
import { readRow } from './row.ts';
import { TIME_WRITERS } from './times.ts';

/** How far a window reaches back behind the last one: the provider's clocks and indexes may lag, and times may be equal. */
const OVERLAP_MS = 300_000;

/**
 * A stream of a definition. `baseUrl` is without a slash at its end, and is that of answers which do not name theirs; Link targets elsewhere are refused. Pages by number or
 * offset are not taken up again by a later run: rows that went meanwhile would shift others past it unseen.
 */
export function streamFromDefinition(provider: string, baseUrl: string, definition: StreamDefinition): Stream {
  const pager = pagerOf(definition.page);
  const type = definition.page?.type;
  const broken = (what: string) =>
    new LwiError('BAD_RESPONSE', `${provider} ${definition.name}: ${what}`, {
      provider,
      retryable: false,
      hint: `Compare the answer (lwi api ${provider} '${definition.path}') with the stream's definition.`,
    });
  return {
    name: definition.name,
    overlapMs: OVERLAP_MS,
    resumable: type === 'cursor' || type === 'link',
    minIntervalMs: 0,
    absence: 'full',
    columns: definition.columns ?? {},
    start: (window) => ({
      request: firstRequest(definition, window, pager.first),
      coverage: coverage(definition, window),
    }),
    parse: (answer) => {
      const rows = dottedValue(answer.body, definition.items);
      // Some servers write an empty list as null.
      if (!Array.isArray(rows) && rows !== null) throw broken(`no list ${place(definition)}`);
      const read = readRows(rows ?? [], definition);
      const next = pager.next({ answer, rows: rows?.length ?? 0 });
      if (next === undefined) return read;
      if ('problem' in next) throw broken(next.problem);
      const target = nextTarget(next, answer.request, answer.baseUrl ?? baseUrl, broken);
      const ids = read.records.map(({ id }) => id);
      const mark = JSON.stringify(pager.numbered && ids.length > 0 ? ids : target);
      return { ...read, next: nextRequest(answer, { ...target, mark }, broken) };
    },
  };
}

type Broken = (what: string) => LwiError;

function place({ items }: StreamDefinition): string {
  return items === undefined || items === '' ? 'in the answer' : `at ${items}`;
}

function firstRequest(
  definition: StreamDefinition,
  window: SyncWindow,
  first: Readonly<Record<string, string>>,
): PageRequest {
  const [path = '/', search = ''] = definition.path.split('?');
  const { since } = definition;
  const from =
    since === undefined || window.since === undefined
      ? {}
      : { [since.parameter]: TIME_WRITERS[since.format ?? 'iso'](window.since) };
  return {
    method: 'GET',
    path: path.replaceAll('{externalId}', encodeURIComponent(window.externalId)),
    query: { ...Object.fromEntries(new URLSearchParams(search)), ...from, ...first },
  };
}

function coverage(definition: StreamDefinition, window: SyncWindow): string[] {
  const told: string[] = [];
  if (window.since !== undefined && definition.since === undefined) {
    told.push(`${definition.name} has no \`since\`: every run reads all of it`);
  }
  if (definition.deleted === undefined) told.push(`${definition.name} has no \`deleted\`: rows that went stay here`);
  return told;
}

function readRows(rows: readonly unknown[], definition: StreamDefinition): Page {
  const records: StreamRecord[] = [];
  const rejected: { reason: string; row: unknown }[] = [];
  for (const row of rows) {
    const read = readRow(row, definition);
    if ('reason' in read) rejected.push(read);
    else records.push(read);
  }
  return { records, rejected };
}

interface NextTarget extends Pick<PageRequest, 'path' | 'query'> {
  /** What must not come twice in a window. */
  readonly mark: string;
}

function nextRequest({ request }: PageAnswer, { mark, ...target }: NextTarget, broken: Broken): PageRequest {
  if (JSON.stringify(target) === JSON.stringify({ path: request.path, query: request.query })) {
    throw broken('the next page is this page again');
  }
  const state = noteLoop(request.state, mark);
  if (state === undefined) throw broken('the same page came twice: the pages go round in a circle');
  return { method: request.method, ...target, state };
}

function nextTarget(
  next: NonNullable<NextPage>,
  request: PageRequest,
  baseUrl: string,
  broken: Broken,
): Pick<PageRequest, 'path' | 'query'> {
  if ('query' in next) return { path: request.path, query: { ...request.query, ...next.query } };
  return linkTarget(next.url, request, baseUrl, broken);
}

/** Relative to the request (RFC 8288, 3.1; RFC 3986, 5), and never away from the base URL: the token goes with it. */
function linkTarget(
  url: string,
  request: PageRequest,
  baseUrl: string,
  broken: Broken,
): Pick<PageRequest, 'path' | 'query'> {
  const base = new URL(`${baseUrl}/`);
  const target = URL.parse(url, `${baseUrl}${request.path}`);
  if (target === null) throw broken('the next link is no URL');
  if (target.origin !== base.origin || !target.pathname.startsWith(base.pathname)) {
    throw broken(`the next link leads away from ${baseUrl}`);
  }
  const path = target.pathname.slice(base.pathname.length - 1);
  const names = [...target.searchParams.keys()];
  // A record holds each name once; a query that repeats one stays in the path.
  if (new Set(names).size < names.length) return { path: `${path}${target.search}`, query: {} };
  return { path, query: Object.fromEntries(target.searchParams) };
}
