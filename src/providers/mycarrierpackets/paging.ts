import { LwiError } from '../../errors.ts';
import { asNumber } from '../json-value.ts';
import type { Page, PageAnswer, PageRequest } from '../stream.ts';
import { operationPath } from './api.ts';
import { pagination } from './pagination.ts';

/** A request of this API: POST, everything in the query, no body. */
export function operationRequest(operation: string, query: Readonly<Record<string, string>>): PageRequest {
  return { method: 'POST', path: operationPath(operation), query };
}

/**
 * The next page of a paged operation, and how many rows all of them have. Where the pages stand is JSON in the header `X-Pagination`, for some
 * operations in the body, under the same names (Swagger "v1"). Throws BAD_RESPONSE when a full page comes without either: rows would be lost unseen.
 */
export function nextPage(page: PageAnswer, rows: number): Pick<Page, 'next' | 'total'> {
  const { query } = page.request;
  const asked = asNumber(query['pageNumber']) ?? 1;
  const { pageNumber, totalPages, totalCount } = pagination(page.body, page.headers['x-pagination']);
  if (totalPages === undefined && rows === asNumber(query['pageSize'])) {
    throw new LwiError('BAD_RESPONSE', 'the answer holds a full page but does not say how many there are');
  }
  const total = totalCount === undefined ? {} : { total: totalCount };
  // The page that was asked for counts, so that an answer with a wrong number cannot lead in a circle.
  const current = Math.max(asked, pageNumber ?? asked);
  if (totalPages === undefined || current >= totalPages) return total;
  return { ...total, next: { ...page.request, query: { ...query, pageNumber: String(asked + 1) } } };
}
