import { asId, asInstant, asNumber, asObject } from '../json-value.ts';
import type { Page, Stream, StreamRecord } from '../stream.ts';
import { readRows, rowsUnder } from './rows.ts';
import { windowedRequest, ZONE_OVERLAP_MS } from './window.ts';

/**
 * Factoring companies that were made or changed in a window, in one answer; their numbers are those that carriers are paid through. Nothing tells of
 * one that was removed, so that only a read of everything shows it. Source: Swagger "v1" (UpdatedFactoringCompaniesDTO).
 */
export const factoringCompanies: Stream = {
  name: 'factoring-companies',
  overlapMs: ZONE_OVERLAP_MS,
  resumable: true,
  minIntervalMs: 0,
  absence: 'full',
  columns: {
    name: 'FactoringCompanyName',
    email: 'FactoringRemitEmail',
    phone: 'FactoringPhone',
    address: 'FactoringRemitAddress',
    city: 'FactoringRemitCity',
    state: 'FactoringRemitStateProvince',
    zip: 'FactoringRemitZipcode',
    country: 'FactoringRemitCountry',
    created: 'CreatedDateTime',
    updated: 'UpdatedDateTime',
  },
  start: (window) => ({
    ...windowedRequest('GetUpdatedFactoringCompanies', window),
    coverage:
      window.since === undefined
        ? []
        : ['Factoring companies that were removed are not covered: MyCarrierPackets lists only those made or changed.'],
  }),
  parse({ body }): Page {
    const total = asNumber(asObject(body)['FactoringCompaniesCount']);
    const rows = rowsUnder(body, 'FactoringCompanies');
    return {
      ...readRows(rows, 'a factoring company has no FactoringCompanyID', readCompany),
      ...(total === undefined ? {} : { total }),
    };
  },
};

function readCompany(company: Readonly<Record<string, unknown>>): StreamRecord | undefined {
  const id = asId(company['FactoringCompanyID']);
  const updatedAt = asInstant(company['UpdatedDateTime']) ?? asInstant(company['CreatedDateTime']);
  if (id === undefined) return undefined;
  return { id, ...(updatedAt === undefined ? {} : { updatedAt }), deleted: false, data: company };
}
