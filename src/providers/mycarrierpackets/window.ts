import type { PageRequest, StreamStart, SyncWindow } from '../stream.ts';
import { operationRequest } from './paging.ts';

/** Overlap of windows, ms: the vendor's times carry no zone and the guide names none. */
export const ZONE_OVERLAP_MS = 86_400_000;

/** Lower bound where everything is wanted, before the vendor existed: both bounds must be given. */
const BEGINNING_MS = Date.UTC(2000, 0, 1);

/** A request for what happened in a window; it names both ends, so that the cursor goes no further, whatever the vendor's clock says. */
export function windowedRequest(
  operation: string,
  { since = BEGINNING_MS, now }: SyncWindow,
  query: PageRequest['query'] = {},
): Pick<StreamStart, 'request'> & { readonly until: number } {
  const bounds = { fromDate: vendorTime(since), toDate: vendorTime(now) };
  return { request: operationRequest(operation, { ...bounds, ...query }), until: Math.floor(now / 1000) * 1000 };
}

/** A time as the vendor's parameters want it: no zone; UTC is sent, and a day of overlap covers the other reading. */
function vendorTime(instant: number): string {
  return new Date(instant).toISOString().slice(0, 19);
}
