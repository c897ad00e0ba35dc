import { randomText, randomUuid, type SampleFacts, type WebhookSamples } from '../webhook-samples.ts';

/** The carrier that the vendor keeps for tests. */
const CARRIER = { dotNumber: 9999997, docketNumber: 'MC9999997', legalName: 'MCP TEST CARRIER 9999997', dbaName: null };
const CUSTOMER = { customerID: 6, companyName: 'Example Brokerage' };
const IP_ADDRESS = { address: '192.0.2.1', city: 'Arlington', region: 'Virginia', country: 'United States of America' };
const PLACE = { latitude: 38.88, longitude: -77.1, error: null, method: 'IPAddress' };

/** .NET writes seven digits of a second; times inside have no zone. */
const local = (now: number) => new Date(now).toISOString().replace('Z', '0000');
const utc = (now: number) => `${local(now)}Z`;

function agreement({ now, random }: SampleFacts) {
  return {
    agreement: {
      signatureDate: local(now - 20_000),
      signaturePerson: 'Pat Example',
      signaturePersonTitle: 'President',
      signaturePersonEmail: 'pat@example.com',
      signaturePersonPhoneNumber: '5550100000',
      agreementImageBlobName: `company-agreement/${CUSTOMER.customerID}/${randomUuid(random)}`,
      ipAddress: IP_ADDRESS,
      geolocation: PLACE,
    },
  };
}

/** No id: which report it is, nothing says. */
function incident({ now }: SampleFacts) {
  const [year, month, day] = new Date(now).toISOString().slice(0, 10).split('-');
  return {
    incidentReport: {
      incidentDate: `${month}/${day}/${year}`,
      ...{ originCity: 'Salt Lake City', originStateProvinceName: 'UT', originCountryName: 'United States' },
      ...{ destinationCity: 'Lincoln', destinationStateProvinceName: 'NE', destinationCountryName: 'United States' },
      reportedByCompany: CUSTOMER.companyName,
      carrierEmails: 'pat@example.com',
      ...{ createdBy: 'Sam Example', createdDate: local(now - 20_000) },
      ...{ modifiedBy: 'Sam Example', modifiedDate: local(now - 20_000) },
      incidentTypes: ['No Show without Notification', 'Pickup or Delivery Service Failure'],
      comments: [
        {
          ...{ commenterType: 'ReportingParty', commentBy: 'Sam Example', commentDate: local(now - 20_000) },
          comment: 'The truck did not come.',
        },
      ],
    },
  };
}

function vin({ now, random }: SampleFacts) {
  return {
    vinVerificationDetail: {
      ...{
        imageUploadedByFirstName: 'Pat',
        imageUploadedByLastName: 'Example',
        imageUploadedDateTime: utc(now - 7000),
      },
      ...{ imageUploadedIPAddress: IP_ADDRESS, imageUploadedGeolocation: PLACE },
      ...{ vin: '1EXAMPLE000000001', vinVerificationStatus: 'VINBelongsToCarrier', otherDOTNumber: null },
      vinVerificationRequestID: 100 + Number(randomText(random, 3, '0123456789')),
      requesteePhoneNumber: '5550100000',
      vinImageUrl: 'https://example.com/vin-image',
    },
  };
}

function user({ now }: SampleFacts) {
  return {
    userVerificationDetail: {
      ...{ firstName: 'Pat', lastName: 'Example', phoneNumber: '(555) 010-0000', role: 'Driver', otherRole: null },
      ...{ verificationStatus: 'Verified', verificationDatetime: utc(now - 400) },
    },
  };
}

const EVENTS: Readonly<Record<string, readonly [about: string, make: (facts: SampleFacts) => object]>> = {
  'carrier.packet.completed': ['a carrier finished and signed its packet', agreement],
  'carrier.incident_report.created': ['an incident report was filed', incident],
  'carrier.incident_report.updated': ['an incident report was changed', incident],
  'carrier.incident_report.retracted': ['an incident report was taken back', incident],
  'carrier.vin_verification.completed': ['a carrier sent the picture of a VIN', vin],
  'carrier.user_verification.completed': ["a carrier's user was verified", user],
};

/**
 * The events of the vendor's webhook page, as a receiver in use has its bodies (freightCognition/mcp-alerts, event payloads). No event names the tenant: the
 * customer's number is the same in all of them.
 */
export const samples: WebhookSamples = {
  events: Object.entries(EVENTS).map(([event, [about]]) => ({ event, about })),
  make(event, facts) {
    const [, make] = (Object.hasOwn(EVENTS, event) ? EVENTS[event] : undefined) ?? [];
    if (!make) return undefined;
    const eventData = { ...make(facts), carrier: CARRIER, customer: CUSTOMER };
    return {
      headers: { 'content-type': 'application/json', 'mcp-event': event },
      body: { eventType: event, eventDateTime: utc(facts.now), eventData },
    };
  },
};
