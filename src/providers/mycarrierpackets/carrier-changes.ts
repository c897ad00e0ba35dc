import { LwiError } from '../../errors.ts';
import { asArray, asInstant, asObject, asText } from '../json-value.ts';
import type { Page, Stream, StreamRecord } from '../provider.ts';
import { carrierId } from './carrier-id.ts';
import { BEGINNING_MS, nextPage, operationRequest, vendorTime, ZONE_OVERLAP_MS } from './paging.ts';

/** The guide (3.2) forbids more frequent polls than every four minutes. */
const MIN_INTERVAL_MS = 240_000;

/** Without paging parameters everything comes in one answer; 250 is the default size, 500 the largest. */
const PAGE_SIZE = '250';

/** Changes of monitored carriers: insurance, authority, risk. Source: mycarrierpackets.com/IntegrationGuide, Swagger "v1". */
export const carrierChanges: Stream = {
  name: 'carrier-changes',
  overlapMs: ZONE_OVERLAP_MS,
  resumable: true,
  minIntervalMs: MIN_INTERVAL_MS,
  absence: 'never',
  columns: {},
  start: ({ since = BEGINNING_MS, now }) => ({
    request: operationRequest('CarriersChanges', {
      fromDate: vendorTime(since),
      toDate: vendorTime(now),
      pageNumber: '1',
      pageSize: PAGE_SIZE,
    }),
    coverage: [],
  }),
  parse(page): Page {
    const rows = asObject(page.body)['CarrierList'];
    if (!Array.isArray(rows)) throw new LwiError('BAD_RESPONSE', 'the answer holds no CarrierList');
    const records: StreamRecord[] = [];
    const rejected: { reason: string; row: unknown }[] = [];
    for (const row of rows) {
      const record = readChange(row);
      if (record) records.push(record);
      else rejected.push({ reason: 'a change has no carrier number or no ChangeDateTime', row });
    }
    const next = nextPage(page, rows.length);
    return { records, rejected, ...(next ? { next } : {}) };
  },
};

/** A change has no id: the carrier, the moment and the categories together name it. */
function readChange(row: unknown): StreamRecord | undefined {
  const change = asObject(row);
  const carrier = carrierId(asObject(change['CarrierDetails'])) ?? carrierId(change);
  const changed = asText(change['ChangeDateTime']);
  if (carrier === undefined || changed === undefined) return undefined;
  const categories = asArray(change['ChangeCategories']).map(String).sort().join('+');
  const updatedAt = asInstant(changed);
  const time = updatedAt === undefined ? {} : { updatedAt };
  return { id: `${carrier}:${changed}:${categories}`, ...time, deleted: false, data: row };
}
