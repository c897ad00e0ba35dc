import type { PageDefinition } from '../../providers/generic/definition.ts';
import type { Timeline, TimelineFilter, TimelineRow } from '../timeline.ts';

/** One page of a list. */
export interface ServedPage {
  readonly rows: readonly TimelineRow[];
  /** Where the body says what follows, and what it says there. */
  readonly told?: readonly (readonly [path: string, value: unknown])[];
  /** Query parameters of the next page, for a Link header. */
  readonly link?: Readonly<Record<string, string>>;
}

/** Rows of a page where the request does not say. */
const USUAL_SIZE = 50;
/** Parameter that the Link headers of the mock carry; a client is to take the address as it is. */
const LINK_PARAMETER = 'page_after';

/** The page that a query asks for, or what is wrong with the query. Without paging there is no page: the whole list is one answer. */
export function servePage(
  definition: Exclude<PageDefinition, { type: 'none' }>,
  query: URLSearchParams,
  timeline: Timeline,
  filter: TimelineFilter,
): ServedPage | { readonly problem: string } {
  const size = sizeOf(definition, query);
  if (size === undefined) return { problem: `${definition.sizeParameter} must be a whole number from 1 up` };
  if (definition.type === 'cursor' || definition.type === 'link') {
    const parameter = definition.type === 'cursor' ? definition.parameter : LINK_PARAMETER;
    const asked = query.get(parameter);
    const after = asked === null ? undefined : readCursor(asked);
    if (asked !== null && after === undefined) return { problem: `${parameter} is no cursor of this list` };
    const found = rowsAfter(timeline, filter, after, size + 1);
    const rows = found.slice(0, size);
    const last = rows.at(-1);
    const more = found.length > size;
    const cursor = last === undefined ? null : writeCursor(last);
    if (definition.type === 'link')
      return more && cursor !== null ? { rows, link: { [LINK_PARAMETER]: cursor } } : { rows };
    const { next, more: flag } = definition;
    if (flag === undefined) return { rows, told: [[next, more ? cursor : null]] };
    // Who has a flag gives a cursor with the last page too, and on an empty one that which was asked for.
    return {
      rows,
      told: [
        [next, cursor ?? asked ?? ''],
        [flag, more],
      ],
    };
  }
  const { parameter, next, type, first = type === 'page' ? 1 : 0 } = definition;
  const at = wholeNumber(query.get(parameter) ?? String(first));
  if (at === undefined || at < first) return { problem: `${parameter} must be a whole number from ${first} up` };
  const offset = type === 'page' ? (at - first) * size : at - first;
  const found = timeline.select(filter, offset, size + 1);
  const rows = found.slice(0, size);
  if (next === undefined) return { rows };
  const more = found.length > size;
  const following = type === 'page' ? at + 1 : at + size;
  return { rows, told: [[next, /more/i.test(next) ? more : more ? following : null]] };
}

/** The asked size, cut to what the definition asks for: a server gives no more than it likes to. Undefined when it is no number. */
function sizeOf({ sizeParameter, size }: { sizeParameter?: string; size?: number }, query: URLSearchParams) {
  const most = size ?? USUAL_SIZE;
  const asked = sizeParameter === undefined ? null : query.get(sizeParameter);
  if (asked === null) return Math.min(most, USUAL_SIZE);
  const number = wholeNumber(asked);
  return number === undefined || number === 0 ? undefined : Math.min(number, most);
}

function wholeNumber(text: string): number | undefined {
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

interface Cursor {
  readonly at: number;
  readonly index: number;
}

/** Opaque, as cursors are: it names the last row that was given, so that rows which move meanwhile push no other one past it. */
function writeCursor({ at, index }: Cursor): string {
  return Buffer.from(`${at}:${index}`).toString('base64url');
}

function readCursor(text: string): Cursor | undefined {
  const [, at, index] = /^(\d{1,15}):(\d{1,9})$/.exec(Buffer.from(text, 'base64url').toString()) ?? [];
  return at === undefined ? undefined : { at: Number(at), index: Number(index) };
}

function rowsAfter(timeline: Timeline, filter: TimelineFilter, after: Cursor | undefined, count: number) {
  if (after === undefined) return timeline.select(filter, 0, count);
  const rows: TimelineRow[] = [];
  for (const row of timeline.walk({ ...filter, from: Math.max(after.at, filter.from ?? after.at) })) {
    // What stands before the row that was given, at the same time, was given too.
    if (row.at === after.at && row.index === after.index) rows.length = 0;
    else rows.push(row);
    if (rows.length >= count && row.at > after.at) break;
  }
  return rows.slice(0, count);
}
