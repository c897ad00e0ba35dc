import { LwiError } from '../../errors.ts';
import { asInstant, asObject, asText } from '../json-value.ts';
import type { Page, Stream, StreamRecord } from '../provider.ts';
import { carrierId } from './carrier-id.ts';
import { BEGINNING_MS, operationRequest, vendorTime, ZONE_OVERLAP_MS } from './paging.ts';

/** Packets that carriers have completed in a window; one answer, no pages. Source: mycarrierpackets.com/IntegrationGuide, Swagger "v1". */
export const completedPackets: Stream = {
  name: 'completed-packets',
  overlapMs: ZONE_OVERLAP_MS,
  resumable: true,
  minIntervalMs: 0,
  absence: 'never',
  columns: {},
  start: ({ since = BEGINNING_MS, now }) => ({
    request: operationRequest('CompletedPackets', { fromDate: vendorTime(since), toDate: vendorTime(now) }),
    coverage: [],
  }),
  parse(page): Page {
    if (!Array.isArray(page.body)) throw new LwiError('BAD_RESPONSE', 'the answer is no list of packets');
    const records: StreamRecord[] = [];
    const rejected: { reason: string; row: unknown }[] = [];
    for (const row of page.body) {
      const packet = asObject(row);
      const carrier = carrierId(packet);
      const completed = asText(packet['CompletedDate']);
      const updatedAt = asInstant(completed);
      if (carrier === undefined || completed === undefined) {
        rejected.push({ reason: 'a packet has no carrier number or no CompletedDate', row });
      } else {
        const time = updatedAt === undefined ? {} : { updatedAt };
        records.push({ id: `${carrier}:${completed}`, ...time, deleted: false, data: row });
      }
    }
    return { records, rejected };
  },
};
