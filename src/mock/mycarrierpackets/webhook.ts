import { createHmac } from 'node:crypto';
import { carrierName } from '../freight.ts';
import type { SignedEvent } from '../provider-fake.ts';
import type { MockSettings } from '../settings.ts';
import { docketOf, dotOf, zoneless } from './carriers.ts';

const INCIDENT = {
  incidentDate: '01/05/2026',
  type: 'Late delivery',
  comments: 'Receiver reported a four-hour delay.',
};

/** The particulars of each event (the vendor's webhook page); packets are made below, since they carry times. */
const PARTICULARS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'carrier.packet.completed': {},
  'carrier.incident_report.created': { incidentReport: INCIDENT },
  'carrier.incident_report.updated': { incidentReport: INCIDENT },
  'carrier.incident_report.retracted': { incidentReport: INCIDENT },
  'carrier.vin_verification.completed': {
    vinVerification: { vinVerificationRequestID: 77, status: 'VINBelongsToCarrier' },
  },
  'carrier.user_verification.completed': { userVerification: { method: 'DeviceOrBrowser', result: 'Verified' } },
};

/**
 * `event` is one of the above (default `carrier.packet.completed`), `id` a DOT number. Signed as lower-case hex of HMAC-SHA256 of the
 * body (the page's C# sample); there is no id and no time in the signature.
 */
export function carrierEvent(settings: MockSettings, parameters: URLSearchParams): SignedEvent | undefined {
  const eventType = parameters.get('event') ?? 'carrier.packet.completed';
  const particulars = Object.hasOwn(PARTICULARS, eventType) ? PARTICULARS[eventType] : undefined;
  if (particulars === undefined) return undefined;
  const now = settings.clock.now();
  const carrier = Number(parameters.get('id') ?? dotOf(0)) - dotOf(0);
  const signed = {
    signatureDate: zoneless(now),
    signaturePerson: 'Pat Example',
    agreementImageBlobName: `agreement-${dotOf(carrier)}.pdf`,
  };
  const names = {
    dotNumber: dotOf(carrier),
    docketNumber: docketOf(carrier),
    legalName: carrierName(settings.seed, carrier),
    dbaName: null,
  };
  const body = JSON.stringify({
    eventType,
    // Seven fractional digits, as .NET writes them.
    eventDateTime: new Date(now).toISOString().replace('Z', '0000Z'),
    eventData: {
      ...(eventType === 'carrier.packet.completed' ? { agreement: signed } : particulars),
      carrier: names,
      customer: { customerID: 42, companyName: 'Example Brokerage' },
    },
  });
  const signature = createHmac('sha256', settings.webhookSecrets['mycarrierpackets'] ?? '')
    .update(body)
    .digest('hex');
  return { body, headers: { 'content-type': 'application/json', 'mcp-event': eventType, 'mcp-signature': signature } };
}
