import type { HttpRequest, HttpResponse } from '../../http/http.ts';
import type { NextApiPage } from '../api-settings.ts';
import { asNumber, parseBytes } from '../json-value.ts';
import { pagination } from './pagination.ts';

/**
 * The same request with the next page number, up to the number of pages that the answer tells. How many rows came says nothing: some operations
 * replace a page size that is too large in silence, and without paging parameters some give everything at once (Swagger "v1").
 */
export function nextPage(request: HttpRequest, answer: HttpResponse): NextApiPage {
  const { pageNumber, totalPages } = pagination(parseBytes(answer.body), answer.headers['x-pagination']);
  if (totalPages === undefined) return { end: 'unpaged' };
  const url = new URL(request.url);
  // Names of parameters are read without regard to case (.NET), so the person's spelling is kept.
  const name = [...url.searchParams.keys()].find((key) => key.toLowerCase() === 'pagenumber') ?? 'pageNumber';
  const asked = asNumber(url.searchParams.get(name)) ?? pageNumber ?? 1;
  // The page that was asked for counts, so that an answer with a wrong number cannot lead in a circle.
  if (Math.max(asked, pageNumber ?? asked) >= totalPages) return { end: 'last' };
  url.searchParams.set(name, String(asked + 1));
  return { next: { ...request, url: url.href } };
}
