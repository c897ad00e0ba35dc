import { asInstant } from '../json-value.ts';
import type { Stream } from '../stream.ts';
import { carrierRecord } from './carrier-record.ts';
import { nextPage, operationRequest } from './paging.ts';
import { listedRows, readRows } from './rows.ts';

/** The default; 5000 is the largest. */
const PAGE_SIZE = '2500';

/** Every carrier that is monitored now. */
export const monitoredCarriers = carrierList('monitored-carriers', 'MonitoredCarriers');

/** Every carrier that this customer has blocked. */
export const blockedCarriers = carrierList('blocked-carriers', 'BlockedCarriers');

/**
 * One of the two lists that say which carriers are on them, and who put them there when; always a full list, paged by the header. What has left it is
 * just absent. Source: Swagger "v1" (MonitoredCarrierDTO, CustomerBlockedCarrierDTO).
 */
function carrierList(name: string, operation: string): Stream {
  return {
    name,
    overlapMs: 0,
    resumable: true,
    minIntervalMs: 0,
    absence: 'list',
    columns: {
      dot_number: 'dot',
      docket_number: 'DocketNumber',
      intrastate_number: 'IntrastateNumber',
      created_date: 'CreatedDate',
      created_by: 'CreatedBy',
      last_modified_date: 'LastModifiedDate',
      last_modified_by: 'LastModifiedBy',
    },
    start: () => ({ request: operationRequest(operation, { pageNumber: '1', pageSize: PAGE_SIZE }), coverage: [] }),
    parse(page) {
      const rows = listedRows(page.body);
      const read = (row: Readonly<Record<string, unknown>>) =>
        carrierRecord(row, asInstant(row['LastModifiedDate']) ?? asInstant(row['CreatedDate']));
      return { ...readRows(rows, 'a carrier has no number', read), ...nextPage(page, rows.length) };
    },
  };
}
