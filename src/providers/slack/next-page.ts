import type { HttpRequest, HttpResponse } from '../../http/http.ts';
import type { NextApiPage } from '../api-settings.ts';
import { asObject, parseBytes } from '../json-value.ts';
import { nextCursor } from './cursor.ts';

/** Methods that page by cursor; without a further page some of them leave `response_metadata` out altogether. */
const PAGED = /\.(list|history|replies|members)$/;

/**
 * The same request with the cursor of the next page. Only an absent or empty cursor is the end; a short or empty page is not
 * (docs.slack.dev, pagination). Methods that count pages (`paging` in the answer, such as files.list) are not followed.
 */
export function nextPage(request: HttpRequest, { body }: HttpResponse): NextApiPage {
  const answer = asObject(parseBytes(body));
  const cursor = nextCursor(answer);
  if (cursor !== undefined) return { next: withCursor(request, cursor) };
  const told = 'next_cursor' in asObject(answer['response_metadata']);
  const paged = told || (PAGED.test(new URL(request.url).pathname) && !('paging' in answer));
  return { end: paged ? 'last' : 'unpaged' };
}

/** The cursor goes where the other arguments are: into the body if there is one, else into the query. */
function withCursor(request: HttpRequest, cursor: string): HttpRequest {
  const { body } = request;
  if (body === undefined || body.length === 0) {
    const url = new URL(request.url);
    url.searchParams.set('cursor', cursor);
    return { ...request, url: url.href };
  }
  const text = typeof body === 'string' ? body : new TextDecoder().decode(body);
  if (!request.headers['content-type']?.includes('json')) {
    const form = new URLSearchParams(text);
    form.set('cursor', cursor);
    return { ...request, body: form.toString() };
  }
  return { ...request, body: JSON.stringify({ ...asObject(parseBytes(new TextEncoder().encode(text))), cursor }) };
}
