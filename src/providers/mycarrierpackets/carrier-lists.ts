import { asInstant } from '../json-value.ts';
import type { Stream } from '../stream.ts';
import { carrierRecord } from './carrier-record.ts';
import { listStream } from './list-stream.ts';
import { listedRows } from './rows.ts';

/** The default; 5000 is the largest. */
const PAGE_SIZE = 2500;

/** Every carrier that is monitored now. */
export const monitoredCarriers = carrierList('monitored-carriers', 'MonitoredCarriers');

/** Every carrier that this customer has blocked. */
export const blockedCarriers = carrierList('blocked-carriers', 'BlockedCarriers');

/**
 * One of the two lists that say which carriers are on them, and who put them there when; always a full list, paged by the header. What has left it is
 * just absent. Source: Swagger "v1" (MonitoredCarrierDTO, CustomerBlockedCarrierDTO).
 */
function carrierList(name: string, operation: string): Stream {
  const columns = {
    docket_number: 'DocketNumber',
    intrastate_number: 'IntrastateNumber',
    created_date: 'CreatedDate',
    created_by: 'CreatedBy',
    last_modified_date: 'LastModifiedDate',
    last_modified_by: 'LastModifiedBy',
  };
  const read = (row: Readonly<Record<string, unknown>>) =>
    carrierRecord(row, asInstant(row['LastModifiedDate']) ?? asInstant(row['CreatedDate']));
  return listStream({ name, operation, pageSize: PAGE_SIZE, columns, rowsOf: listedRows, read });
}
