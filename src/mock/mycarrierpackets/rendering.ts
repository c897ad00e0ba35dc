import { carrierName, personName, phone, place } from '../freight.ts';
import { hashOf, pick } from '../seeded-random.ts';
import type { TimelineRow } from '../timeline.ts';
import { type CarrierState, renderDetails, renderRisk } from './carrier-details.ts';
import { SUCCESS } from './carrier-profile.ts';
import { docketOf, dotOf, factoringId, zoneless } from './carriers.ts';

/** A row of CompletedPackets. */
export function renderPacket(seed: number, carrier: number, completedAt: number): Record<string, unknown> {
  return { ...numbersOf(carrier), LegalName: carrierName(seed, carrier), CompletedDate: zoneless(completedAt) };
}

/** A row of MonitoredCarriers and BlockedCarriers: who put it on the list when. */
export function renderListed(carrier: number, row: TimelineRow): Record<string, unknown> {
  const changed = row.version > 0;
  return {
    ...numbersOf(carrier),
    IntrastateNumber: null,
    CreatedDate: zoneless(row.createdAt),
    CreatedBy: 'api@example.com',
    LastModifiedDate: changed ? zoneless(row.changedAt) : null,
    LastModifiedBy: changed ? 'pat@example.com' : null,
  };
}

/** A row of GetMonitoredCarriersRiskAssessment. */
export function renderAssessment(seed: number, carrier: number, { version }: TimelineRow): Record<string, unknown> {
  return { ...numbersOf(carrier), RiskAssessmentDetails: renderRisk(seed, carrier, version) };
}

/** A row of GetMonitoredCarrierContactsData; a change verifies the contact. */
export function renderContacts(seed: number, carrier: number, { version }: TimelineRow): Record<string, unknown> {
  const { given, family } = personName(seed, carrier);
  const contact = {
    ...{ FirstName: given, LastName: family, Title: 'Dispatcher', Phone: phone(seed, carrier) },
    ...{ Email: `dispatch${carrier}@example.com`, AuthorizedForPackets: true },
    VerificationStatus: version > 0 ? 'Verified' : 'Not Verified',
  };
  const names = { LegalName: carrierName(seed, carrier), DBAName: '' };
  return { ...numbersOf(carrier), ...names, CarriersContacts: [contact], Success: true, Messages: [] };
}

const FACTORS = ['Example Factoring', 'Quick Pay Capital', 'Freight Funding', 'Dockside Finance'];

/** A row of GetUpdatedFactoringCompanies. */
export function renderFactoring(seed: number, row: TimelineRow): Record<string, unknown> {
  const { city, state, zip } = place(seed, row.index);
  const address = {
    FactoringRemitAddress: `PO Box ${1000 + (hashOf(seed, 15, row.index) % 9000)}`,
    FactoringRemitAddress2: null,
    FactoringRemitCity: city,
    FactoringRemitCountry: 'US',
    FactoringRemitStateProvince: state,
    FactoringRemitZipcode: zip,
  };
  return {
    FactoringCompanyID: factoringId(row.index),
    FactoringCompanyName: `${pick(FACTORS, row.index)} ${row.index}`,
    FactoringRemitEmail: `remit${row.index}@example.com`,
    ...address,
    FactoringPhone: phone(seed, row.index),
    CreatedDateTime: zoneless(row.createdAt),
    UpdatedDateTime: zoneless(row.changedAt),
  };
}

const CATEGORIES = ['Insurance', 'Authority', 'RiskAssessment', 'Contacts', 'Equipment', 'FactoringCompany'];

/** A row of CarriersChanges. */
export function renderChange(seed: number, state: CarrierState, changedAt: number): Record<string, unknown> {
  return {
    ChangeDateTime: zoneless(changedAt),
    ChangeCategories: [pick(CATEGORIES, hashOf(seed, 13, state.carrier, state.version))],
    CarrierDetails: renderDetails(seed, state),
    ResponseDO: SUCCESS,
  };
}

function numbersOf(carrier: number): Record<string, unknown> {
  return { DOTNumber: dotOf(carrier), DocketNumber: docketOf(carrier) };
}
