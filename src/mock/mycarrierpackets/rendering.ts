import { carrierName, load, personName, phone, place } from '../freight.ts';
import { hashOf, pick } from '../seeded-random.ts';
import { BLOCKED_EVERY, docketOf, dotOf, zoneless } from './carriers.ts';

/** A row of CompletedPackets. */
export function renderPacket(seed: number, carrier: number, completedAt: number): Record<string, unknown> {
  const names = { LegalName: carrierName(seed, carrier), DBAName: null };
  return { DOTNumber: dotOf(carrier), DocketNumber: docketOf(carrier), ...names, CompletedDate: zoneless(completedAt) };
}

/** A row of MonitoredCarriers and BlockedCarriers. */
export function renderListed(seed: number, carrier: number): Record<string, unknown> {
  return {
    DOTNumber: dotOf(carrier),
    DocketNumber: docketOf(carrier),
    IntrastateNumber: null,
    LegalName: carrierName(seed, carrier),
  };
}

const RISKS = ['Acceptable', 'Acceptable', 'Review Required', 'Unacceptable'];

/** All about one carrier. The DOT number is an object here and a number elsewhere (Swagger models). */
export function renderCarrier(seed: number, carrier: number): Record<string, unknown> {
  const { city, state, zip } = place(seed, carrier);
  const { given, family } = personName(seed, carrier);
  const hash = hashOf(seed, 12, carrier);
  const coverage = {
    Carrier: 'Example Mutual',
    PolicyNumber: `P-${hash % 1_000_000}`,
    CoverageLimit: 1_000_000,
    Deductible: 1000,
  };
  return {
    DotNumber: { status: 'ACTIVE', Value: String(dotOf(carrier)) },
    DocketNumber: docketOf(carrier),
    LegalName: carrierName(seed, carrier),
    DBAName: null,
    Address1: `${1 + (hash % 9000)} Depot Street`,
    City: city,
    State: state,
    Zipcode: zip,
    Phone: phone(seed, carrier),
    Email: `dispatch${carrier}@example.com`,
    Contacts: [{ FirstName: given, LastName: family, Role: 'Dispatch' }],
    Equipment: [load(seed, carrier).equipment],
    FleetSize: 1 + (hash % 60),
    Insurance: [
      { Type: 'AUTO', ...coverage },
      { Type: 'CARGO', ...coverage, CoverageLimit: 100_000 },
    ],
    RiskAssessment: { Overall: pick(RISKS, hash >>> 9), TotalPoints: (hash >>> 12) % 400 },
    IsMonitored: true,
    IsBlocked: carrier % BLOCKED_EVERY === 0,
  };
}

const CATEGORIES = ['Insurance', 'Authority', 'RiskAssessment', 'Contacts', 'Equipment', 'FactoringCompany'];

/** A row of CarriersChanges. */
export function renderChange(
  seed: number,
  carrier: number,
  changedAt: number,
  version: number,
): Record<string, unknown> {
  return {
    ChangeDateTime: zoneless(changedAt),
    ChangeCategories: [pick(CATEGORIES, hashOf(seed, 13, carrier, version))],
    CarrierDetails: renderCarrier(seed, carrier),
    ResponseDO: { status: 'SUCCESS', action: 'OK', code: 0, displayMsg: '', techMsg: '' },
  };
}
