import { LwiError } from '../../errors.ts';
import { asInstant, asObject } from '../json-value.ts';
import type { Page, Stream, StreamRecord } from '../provider.ts';
import { carrierId } from './carrier-id.ts';
import { nextPage, operationRequest } from './paging.ts';

/** The default; 5000 is the largest. */
const PAGE_SIZE = '2500';

/**
 * Every carrier that is monitored now, always as a full list. One that is no longer monitored is just absent from it.
 * Source: Swagger "v1".
 */
export const monitoredCarriers: Stream = {
  name: 'monitored-carriers',
  overlapMs: 0,
  resumable: true,
  minIntervalMs: 0,
  absence: 'list',
  columns: {},
  start: ({ since }) => ({
    request: operationRequest('MonitoredCarriers', { pageNumber: '1', pageSize: PAGE_SIZE }),
    coverage:
      since === undefined
        ? []
        : ['Carriers that are no longer monitored are not covered: MyCarrierPackets lists only those that are.'],
  }),
  parse(page): Page {
    if (!Array.isArray(page.body)) throw new LwiError('BAD_RESPONSE', 'the answer is no list of carriers');
    const records: StreamRecord[] = [];
    const rejected: { reason: string; row: unknown }[] = [];
    for (const row of page.body) {
      const carrier = asObject(row);
      const id = carrierId(carrier);
      const updatedAt = asInstant(carrier['LastModifiedDate']) ?? asInstant(carrier['CreatedDate']);
      if (id === undefined) rejected.push({ reason: 'a carrier has no number', row });
      else records.push({ id, ...(updatedAt === undefined ? {} : { updatedAt }), deleted: false, data: row });
    }
    const next = nextPage(page, page.body.length);
    return { records, rejected, ...(next ? { next } : {}) };
  },
};
