import { LwiError } from '../../errors.ts';
import { asArray, asObject, asText } from '../json-value.ts';
import type { PageAnswer, PageRequest } from '../stream.ts';

/** Rows asked for in one page; Slack recommends at most 200 (docs.slack.dev, pagination). */
const PAGE_SIZE = '200';

/** A first page of a method that pages by cursor. */
export function listRequest(method: string, query: Readonly<Record<string, string>>): PageRequest {
  return { method: 'GET', path: `/${method}`, query: { ...query, limit: PAGE_SIZE } };
}

/**
 * Cursor of the next page: empty or absent at the end, and only there. A page may be shorter than asked for, even empty, with a cursor
 * still present (docs.slack.dev, pagination).
 */
export function nextCursor(body: unknown): string | undefined {
  return asText(asObject(asObject(body)['response_metadata'])['next_cursor']);
}

/** The same request with the cursor of the next page; undefined at the end. */
export function nextPage(page: PageAnswer): PageRequest | undefined {
  const cursor = nextCursor(page.body);
  return cursor === undefined ? undefined : { ...page.request, query: { ...page.request.query, cursor } };
}

/** The rows of an answer. Throws BAD_RESPONSE when the list is missing. */
export function rowsOf(body: unknown, member: string): readonly unknown[] {
  const rows = asObject(body)[member];
  if (!Array.isArray(rows)) throw new LwiError('BAD_RESPONSE', `the answer holds no list of ${member}`);
  return asArray(rows);
}

/** The rows of a list, or the one row of a lookup: `{"members":[…]}` and `{"user":{…}}`. */
export function rowsOrOne(body: unknown, list: string, one: string): readonly unknown[] {
  const row = asObject(body)[one];
  return row === undefined ? rowsOf(body, list) : [row];
}
