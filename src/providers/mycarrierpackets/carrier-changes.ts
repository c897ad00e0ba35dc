import { asArray, asInstant, asObject, asText } from '../json-value.ts';
import type { Stream, StreamRecord } from '../stream.ts';
import { carrierId } from './carrier-id.ts';
import { recordOf } from './carrier-record.ts';
import { nextPage } from './paging.ts';
import { readRows, rowsUnder } from './rows.ts';
import { windowedRequest, ZONE_OVERLAP_MS } from './window.ts';

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
  columns: {
    dot_number: 'dot',
    docket_number: 'CarrierDetails.docketNumber',
    legal_name: 'CarrierDetails.Identity.legalName',
    changed_at: 'ChangeDateTime',
    categories: 'ChangeCategories',
    risk: 'CarrierDetails.RiskAssessment.Overall',
    risk_points: 'CarrierDetails.RiskAssessmentDetails.TotalPoints',
    operating_status: 'CarrierDetails.Operation.operatingStatus',
    is_monitored: 'CarrierDetails.isMonitored',
    is_blocked: 'CarrierDetails.isBlocked',
  },
  start: (window) => ({
    ...windowedRequest('CarriersChanges', window, { pageNumber: '1', pageSize: PAGE_SIZE }),
    coverage: [],
  }),
  parse(page) {
    const rows = rowsUnder(page.body, 'CarrierList');
    const reason = 'a change has no carrier number or no ChangeDateTime';
    return { ...readRows(rows, reason, readChange), ...nextPage(page, rows.length) };
  },
};

/** A change has no id: the carrier, the moment and the categories together name it. */
function readChange(change: Readonly<Record<string, unknown>>): StreamRecord | undefined {
  const details = asObject(change['CarrierDetails']);
  const source = carrierId(details) === undefined ? change : details;
  const carrier = carrierId(source);
  const changed = asText(change['ChangeDateTime']);
  if (carrier === undefined || changed === undefined) return undefined;
  const categories = asArray(change['ChangeCategories']).map(categoryText).sort().join('+');
  return recordOf(`${carrier}:${changed}:${categories}`, change, source, asInstant(changed));
}

/** Not every object of JSON can be made a text by `String`: `{"toString":1}`. */
function categoryText(category: unknown): string {
  return asText(category) ?? JSON.stringify(category);
}
