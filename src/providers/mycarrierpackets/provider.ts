import type { Provider } from '../provider.ts';
import { api, limits, limitsFor } from './api.ts';
import { carrierChanges } from './carrier-changes.ts';
import { carrierContacts } from './carrier-contacts.ts';
import { blockedCarriers, monitoredCarriers } from './carrier-lists.ts';
import { carrierRiskAssessments } from './carrier-risk-assessments.ts';
import { carriers } from './carriers.ts';
import { classify } from './classify.ts';
import { completedPackets } from './completed-packets.ts';
import { factoringCompanies } from './factoring-companies.ts';
import { faultCodes } from './fault-codes.ts';
import { environments, oauth } from './oauth.ts';
import { webhook } from './webhook.ts';

/** MyCarrierPackets: carrier onboarding and monitoring, by the integration user of one brokerage for each connection. */
export const mycarrierpackets: Provider = {
  id: 'mycarrierpackets',
  title: 'MyCarrierPackets',
  environments,
  oauth,
  api,
  limits,
  limitsFor,
  classify,
  faultCodes,
  streams: [
    completedPackets,
    carrierChanges,
    monitoredCarriers,
    blockedCarriers,
    carriers,
    carrierRiskAssessments,
    carrierContacts,
    factoringCompanies,
  ],
  webhook,
  // Tokens are opaque and have no mark of their own; what can be known is where they stand.
  redact: [/(?<=\b(?:password|refresh_token|access_token)=)[^&\s"]+/gi],
};
