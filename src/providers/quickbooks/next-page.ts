import type { HttpRequest, HttpResponse } from '../../http/http.ts';
import type { NextApiPage } from '../api-settings.ts';
import { asObject, parseBytes } from '../json-value.ts';
import { statementPage } from './statement-page.ts';

/**
 * The same query from the position behind the last row on; a page that is not full is the last. The statement is in `query=`, or the body of a
 * POST as `application/text` (developer.intuit.com, data queries). Change data capture has no pages: it ignores both clauses.
 */
export function nextPage(request: HttpRequest, { body }: HttpResponse): NextApiPage {
  const url = new URL(request.url);
  const statement = url.searchParams.get('query') ?? posted(request);
  if (!/\/query$/.test(url.pathname) || statement === undefined) return { end: 'unpaged' };
  const page = statementPage(statement);
  const rows = rowsIn(asObject(asObject(parseBytes(body))['QueryResponse']));
  if (rows === 0 || rows < page.size) return { end: 'last' };
  const next = page.from(page.start + rows);
  if (!url.searchParams.has('query')) return { next: { ...request, body: next } };
  url.searchParams.set('query', next);
  return { next: { ...request, url: url.href } };
}

function posted({ body }: HttpRequest): string | undefined {
  return body === undefined || typeof body === 'string' ? body : new TextDecoder().decode(body);
}

/** A response holds one list, under the name of the entity; none when nothing was found or only counted. */
function rowsIn(response: Readonly<Record<string, unknown>>): number {
  return Object.values(response).find(Array.isArray)?.length ?? 0;
}
