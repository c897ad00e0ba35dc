import { readBearer } from '../client-authentication.ts';
import type { GrantStore } from '../grant-store.ts';
import { createRateWindows, type WindowClaim, type WindowState } from '../rate-window.ts';
import type { MockSettings } from '../settings.ts';
import type { Carriers } from './carriers.ts';
import { message } from './message.ts';
import { createOperations } from './operations.ts';
import { type Parameters, readParameters } from './parameters.ts';

/** No limit is published; a generous one stands in (assumption), for each account. */
const PER_MINUTE = { permits: 120, perMs: 60_000 };
/** CarriersChanges is not to be polled more often than every four minutes (IntegrationGuide, 3.2). */
const POLL_INTERVAL = { permits: 1, perMs: 240_000 };

/** `answer` answers `/api/v1/Carrier/<operation>`: POST, all parameters in the query, the body ignored. `windows` are those it counts against. */
export function createApi(settings: MockSettings, grants: GrantStore, carriers: Carriers) {
  const { seed, clock } = settings;
  const windows = createRateWindows(settings.limitScale);
  const operations = createOperations(seed, carriers);

  return { answer: answerOperation, windows: windowsOf };

  /** For each account; polls apart, of which the further pages are none. */
  function claimsOf(account: string, operation: string, parameters: Parameters): WindowClaim[] {
    const polls =
      settings.enforcePollInterval && operation === 'carrierschanges' && Number(parameters.get('pagenumber') ?? 1) <= 1;
    const claims = [{ key: account, rules: [PER_MINUTE] }];
    return polls ? [...claims, { key: `poll ${account}`, rules: [POLL_INTERVAL] }] : claims;
  }

  function windowsOf(request: Request, operation: string): WindowState[] {
    const account = grants.check(readBearer(request) ?? '').grant?.tenant;
    if (account === undefined || !settings.rateLimits) return [];
    return windows.state(claimsOf(account, operation.toLowerCase(), readParameters(request.url)), clock.now());
  }

  function answerOperation(request: Request, operation: string): Response {
    const { state, grant } = grants.check(readBearer(request) ?? '');
    if (state !== 'valid' || grant === undefined)
      return message(401, 'Authorization has been denied for this request.');
    if (request.method !== 'POST')
      return message(405, `The requested resource does not support http method '${request.method}'.`);
    const parameters = readParameters(request.url);
    const now = clock.now();
    const name = operation.toLowerCase();
    if (settings.rateLimits && windows.take(claimsOf(grant.tenant, name, parameters), now) > 0) return tooMany();
    return (
      operations.get(name)?.(parameters, now) ??
      message(404, 'No HTTP resource was found that matches the request URI.')
    );
  }
}

/** The answer to too many requests is not documented; no Retry-After is known. */
export function tooMany(): Response {
  return message(429, 'Too many requests.');
}
