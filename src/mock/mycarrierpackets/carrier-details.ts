import { carrierName, load, personName, phone, place } from '../freight.ts';
import { hashOf, pick } from '../seeded-random.ts';
import { docketOf, dotOf } from './carriers.ts';

/** What there is to say of one carrier beside what its number tells. */
export interface CarrierState {
  readonly carrier: number;
  /** How often it changed. */
  readonly version: number;
  readonly isMonitored: boolean;
  readonly isBlocked: boolean;
}

const RISKS = ['Acceptable', 'Acceptable', 'Review Required', 'Unacceptable'];
const SAFETY = ['Satisfactory', 'Satisfactory', 'Conditional', 'None'];

/** `CarrierDetails` of the Swagger models: the DOT number is an object here and a number elsewhere, and numbers are text. */
export function renderDetails(seed: number, state: CarrierState): Record<string, unknown> {
  const { carrier, version, isMonitored, isBlocked } = state;
  const hash = hashOf(seed, 12, carrier);
  const { given, family } = personName(seed, carrier);
  return {
    docketNumber: docketOf(carrier),
    dotNumber: { status: 'ACTIVE', Value: String(dotOf(carrier)) },
    carrierType: 'Interstate',
    isMonitored,
    isBlocked,
    Identity: {
      ...identityOf(seed, carrier),
      emailAddress: `dispatch${carrier}@example.com`,
      companyRep1: `${given} ${family}`,
    },
    Authority: { commonAuthority: 'ACTIVE', contractAuthority: 'ACTIVE', brokerAuthority: 'NONE', freight: 'Y' },
    CertData: { status: 'Active', noncoop: false, Certificate: [certificateOf(hash)] },
    Safety: { rating: pick(SAFETY, hash >>> 3), ratingDate: '' },
    Operation: { outOfService: 'N', operatingStatus: 'AUTHORIZED FOR Property' },
    Equipment: { trucksTotal: String(1 + (hash % 60)), fleetsize: pick(['A', 'B', 'C'], hash >>> 6) },
    Other: { carbTru: load(seed, carrier).equipment === 'Reefer' ? 'Y' : 'N', smartway: 'N' },
    RiskAssessment: { Overall: riskOf(hash), Authority: 'Acceptable', Insurance: 'Acceptable', Safety: riskOf(hash) },
    RiskAssessmentDetails: renderRisk(seed, carrier, version),
    IncidentReports: { TotalIncidentReports: hash % 3, TotalIncidentReportsWithFraud: 0 },
  };
}

/** `RiskAssessmentDetails` of the Swagger models; each change costs a point. */
export function renderRisk(seed: number, carrier: number, version: number): Record<string, unknown> {
  const hash = hashOf(seed, 12, carrier);
  const points = ((hash >>> 12) % 400) + version;
  const part = (TotalPoints: number, OverallRating: string) => ({
    ...{ TotalPoints, OverallRating, HasRuleOverride: false },
    Infractions:
      TotalPoints === 0 ? [] : [{ Points: TotalPoints, RuleName: 'Out of service rate', RiskLevel: 'Moderate' }],
  });
  return {
    IsIntrastateCarrier: false,
    TotalPoints: points,
    OverallRating: riskOf(hash),
    ReviewState: version > 0 ? 'Reviewed' : 'NotReviewed',
    Authority: part(0, 'Acceptable'),
    Insurance: part(0, 'Acceptable'),
    Safety: part(points, riskOf(hash)),
    Operation: part(0, 'Acceptable'),
    Other: part(0, 'Acceptable'),
  };
}

/** Name and address in the words of `Identity`. */
function identityOf(seed: number, carrier: number): Record<string, unknown> {
  const { city, state, zip } = place(seed, carrier);
  return {
    legalName: carrierName(seed, carrier),
    dbaName: '',
    businessStreet: `${1 + (hashOf(seed, 12, carrier) % 9000)} Depot Street`,
    businessCity: city,
    businessState: state,
    businessZipCode: zip,
    businessCountry: 'US',
    businessPhone: phone(seed, carrier),
  };
}

function certificateOf(hash: number): Record<string, unknown> {
  const coverage = {
    insurerName: 'Example Mutual',
    policyNumber: `P-${hash % 1_000_000}`,
    expirationDate: '12/31/2026',
  };
  return {
    certificateID: String(hash % 100_000),
    producerName: 'Example Brokerage of Insurance',
    Coverage: [
      { ...coverage, type: 'Auto', coverageLimit: '1000000', deductable: '1000' },
      { ...coverage, type: 'Cargo', coverageLimit: '100000', deductable: '1000' },
    ],
  };
}

function riskOf(hash: number): string {
  return pick(RISKS, hash >>> 9);
}
