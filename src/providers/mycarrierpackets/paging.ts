import { LwiError } from '../../errors.ts';
import { asNumber } from '../json-value.ts';
import type { PageAnswer, PageRequest } from '../provider.ts';
import { operationPath } from './api.ts';
import { pagination } from './pagination.ts';

/** A request of this API: POST, everything in the query, no body. */
export function operationRequest(operation: string, query: Readonly<Record<string, string>>): PageRequest {
  return { method: 'POST', path: operationPath(operation), query };
}

/**
 * The next page of a paged operation. Where the pages stand is JSON in the header `X-Pagination`, for some operations in the body, under the
 * same names (Swagger "v1"). Throws BAD_RESPONSE when a full page comes without either: rows would be lost unseen.
 */
export function nextPage(page: PageAnswer, rows: number): PageRequest | undefined {
  const asked = asNumber(page.request.query['pageNumber']) ?? 1;
  const { pageNumber, totalPages } = pagination(page.body, page.headers['x-pagination']);
  if (totalPages === undefined) {
    if (rows === asNumber(page.request.query['pageSize'])) {
      throw new LwiError('BAD_RESPONSE', 'the answer holds a full page but does not say how many there are');
    }
    return undefined;
  }
  // The page that was asked for counts, so that an answer with a wrong number cannot lead in a circle.
  const current = Math.max(asked, pageNumber ?? asked);
  if (current >= totalPages) return undefined;
  return { ...page.request, query: { ...page.request.query, pageNumber: String(asked + 1) } };
}

/** A time as the vendor's parameters want it: no zone; UTC is sent, and a day of overlap covers the other reading. */
export function vendorTime(instant: number): string {
  return new Date(instant).toISOString().slice(0, 19);
}

/** Overlap of windows, ms: the vendor's times carry no zone and the guide names none. */
export const ZONE_OVERLAP_MS = 86_400_000;

/** Lower bound where everything is wanted, before the vendor existed: both bounds must be given. */
export const BEGINNING_MS = Date.UTC(2000, 0, 1);
