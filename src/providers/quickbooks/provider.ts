import type { Provider } from '../provider.ts';
import { api } from './api.ts';
import { bundle } from './bundle.ts';
import { classify } from './classify.ts';
import { faultCodes } from './fault-codes.ts';
import { limits, limitsFor } from './limits.ts';
import { environments, oauth } from './oauth.ts';
import { streams } from './streams.ts';
import { webhook } from './webhook.ts';

/** QuickBooks Online: accounting data of one company (a `realm`) for each connection. */
export const quickbooks: Provider = {
  id: 'quickbooks',
  title: 'QuickBooks Online',
  environments,
  oauth,
  api,
  limits,
  limitsFor,
  classify,
  faultCodes,
  streams,
  bundle,
  // Reads that the free entry tier of the App Partner Program includes (developer.intuit.com limits page).
  monthlyQuota: { calls: 500_000, plan: 'Builder' },
  webhook,
  // Refresh tokens were seen as RT1-… and AB11…, access tokens as JWE (eyJ…); no documentation fixes these prefixes.
  redact: [/\bRT1-[\w-]{4,}/g, /\bAB11[A-Za-z0-9]{16,}/g, /\beyJ[\w-]{8,}(?:\.[\w-]*){1,4}/g],
};
