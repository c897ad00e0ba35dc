import { asInstant, asText } from '../json-value.ts';
import type { Stream } from '../stream.ts';
import { carrierId } from './carrier-id.ts';
import { recordOf } from './carrier-record.ts';
import { listedRows, readRows } from './rows.ts';
import { windowedRequest, ZONE_OVERLAP_MS } from './window.ts';

/** Packets that carriers have completed in a window; one answer, no pages. Source: mycarrierpackets.com/IntegrationGuide, Swagger "v1". */
export const completedPackets: Stream = {
  name: 'completed-packets',
  overlapMs: ZONE_OVERLAP_MS,
  resumable: true,
  minIntervalMs: 0,
  absence: 'never',
  columns: {
    dot_number: 'dot',
    docket_number: 'DocketNumber',
    legal_name: 'LegalName',
    completed_date: 'CompletedDate',
  },
  start: (window) => ({ ...windowedRequest('CompletedPackets', window), coverage: [] }),
  parse: ({ body }) =>
    readRows(listedRows(body), 'a packet has no carrier number or no CompletedDate', (packet) => {
      const carrier = carrierId(packet);
      const completed = asText(packet['CompletedDate']);
      if (carrier === undefined || completed === undefined) return undefined;
      return recordOf(`${carrier}:${completed}`, packet, packet, asInstant(completed));
    }),
};
