import { carrierName, personName, phone, place } from '../freight.ts';
import { hashOf } from '../seeded-random.ts';
import { type CarrierState, renderDetails } from './carrier-details.ts';
import { docketOf, dotOf, zoneless } from './carriers.ts';

/** How every row about one carrier says that it went well. */
export const SUCCESS = { status: 'SUCCESS', action: 'OK', code: '0', displayMsg: '', techMsg: '' } as const;

/** The answer of `GetCarrierData`: the profile that the carrier filled in, its bank among it, and the details that are watched. */
export function renderProfile(seed: number, state: CarrierState, createdAt: number): Record<string, unknown> {
  const { carrier } = state;
  const { city, state: region, zip } = place(seed, carrier);
  const { given, family } = personName(seed, carrier);
  return {
    DOTNumber: dotOf(carrier),
    LegalName: carrierName(seed, carrier),
    DBAName: null,
    ...{ City: city, State: region, Zipcode: zip, Country: 'US', Phone: phone(seed, carrier) },
    Email: `dispatch${carrier}@example.com`,
    MCNumber: docketOf(carrier),
    CreatedDateTime: zoneless(createdAt),
    CarrierDispatchers: [{ FirstName: given, LastName: family }],
    CarrierBank: { CarrierBankName: 'Example Bank', CarrierBankAccountNumber: String(hashOf(seed, 14, carrier)) },
    AssureAdvantage: [{ CarrierDetails: renderDetails(seed, state), ResponseDO: SUCCESS }],
    Message: null,
  };
}
