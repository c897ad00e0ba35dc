import { LwiError } from '../../errors.ts';
import { asObject, isObject } from '../json-value.ts';
import type { Page, PageAnswer, PageRequest, Stream } from '../stream.ts';
import { bulkStream } from './bulk-stream.ts';
import { carrierRecord } from './carrier-record.ts';
import { operationRequest } from './paging.ts';
import { readRows } from './rows.ts';

const bulk = bulkStream('carriers', 'MonitoredCarrierData', {
  docket_number: 'docketNumber',
  legal_name: 'Identity.legalName',
  dba_name: 'Identity.dbaName',
  city: 'Identity.businessCity',
  state: 'Identity.businessState',
  phone: 'Identity.businessPhone',
  email: 'Identity.emailAddress',
  is_monitored: 'isMonitored',
  is_blocked: 'isBlocked',
  risk: 'RiskAssessment.Overall',
  risk_points: 'RiskAssessmentDetails.TotalPoints',
  safety_rating: 'Safety.rating',
  operating_status: 'Operation.operatingStatus',
  incident_reports: 'IncidentReports.TotalIncidentReports',
});

/** All that is known of every monitored carrier: identity, authority, insurance, safety, risk. Source: Swagger "v1" (CarrierDetails). */
export const carriers: Stream = {
  ...bulk,
  lookup: lookupRequest,
  parse: (page) => (asObject(page.request.state)['step'] === 'lookup' ? parseLookup(page) : bulk.parse(page)),
};

/** By the number that is the id: a DOT number has digits only, a docket number letters in front. */
function lookupRequest(id: string): PageRequest {
  const query = /^\d+$/.test(id) ? { DOTNumber: id } : { DocketNumber: id };
  return { ...operationRequest('GetCarrierData', query), state: { step: 'lookup' } };
}

/**
 * `GetCarrierData` answers with the carrier's whole profile, bank accounts and tax numbers among it. Only what the bulk list has too is taken: the
 * `CarrierDetails` under `AssureAdvantage`. A carrier that is no longer monitored is not in that list, so it is gone. Throws BAD_RESPONSE when the
 * details are not where they should be: that says nothing about the carrier. Source: Swagger "v1" (CarrierAADTO).
 */
function parseLookup({ body }: PageAnswer): Page {
  // Other operations answer about one carrier with a list of one.
  const profiles = Array.isArray(body) ? body : [body];
  const monitored = profiles.flatMap(detailsOf).filter((details) => details['isMonitored'] !== false);
  return readRows(monitored, 'a carrier has no number', carrierRecord);
}

function detailsOf(profile: unknown): readonly Readonly<Record<string, unknown>>[] {
  const found = asObject(profile)['AssureAdvantage'];
  if (found === null) return [];
  if (!Array.isArray(found)) throw new LwiError('BAD_RESPONSE', 'the answer holds no AssureAdvantage');
  return found.map((one) => {
    const details = asObject(one)['CarrierDetails'];
    if (!isObject(details)) throw new LwiError('BAD_RESPONSE', 'the answer holds no CarrierDetails');
    return details;
  });
}
