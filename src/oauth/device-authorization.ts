import type { Clock } from '../clock.ts';
import { isLwiError, LwiError } from '../errors.ts';
import { bodyText, type HttpResponse } from '../http/http.ts';
import { plainText } from '../printable.ts';
import { asPositive, asText } from '../providers/json-value.ts';
import { Secret } from '../secret.ts';
import { isSecureUrl } from '../secure-url.ts';
import { authenticateClient } from './client-authentication.ts';
import { answerError, authorizationError, grantError } from './grant-error.ts';
import { jsonObject } from './jwt.ts';
import { deviceCodeGrant, type Protocol } from './protocol.ts';
import { requiredEndpoint } from './required-endpoint.ts';
import type { TokenSet } from './token-set.ts';

/** What a device authorization answer says (RFC 8628 3.2). */
export interface DeviceAuthorization {
  /** Spent for the token; never shown. */
  readonly deviceCode: Secret;
  /** What the person enters, safe to print. */
  readonly userCode: string;
  readonly verificationUri: URL;
  /** The same page with the code filled in, where the server offers it. */
  readonly verificationUriComplete?: URL | undefined;
  /** When both codes end, ms since the epoch. */
  readonly expiresAt: number;
  /** Shortest time between two questions, ms. */
  readonly intervalMs: number;
}

/** RFC 8628, 3.2: five seconds where the server names no interval. */
const DEFAULT_INTERVAL_MS = 5000;
/** Intervals are seconds (3.2); a fraction of one is no wish to be asked a thousand times. */
const SHORTEST_INTERVAL_MS = 1000;
/** RFC 8628, 3.5: what `slow_down` adds, for this and all questions that follow. */
const SLOWER_MS = 5000;
/** Longest interval that doubling comes to, ms; a server may still ask for a longer one. */
const LONGEST_BACKOFF_MS = 60_000;
/** Life of codes whose server gives none, although it must (3.2), ms. */
const DEFAULT_LIFE_MS = 1_800_000;

/**
 * Asks for a device code (RFC 8628 3.1), with the client authenticated as at the token endpoint. The definition's `authorizationParameters` go
 * along, because this is the authorization request of the grant. Throws UNSUPPORTED without an endpoint, BAD_RESPONSE for an answer without
 * codes or with a page that is neither https nor on loopback, and what the error in the answer means.
 */
export async function requestDeviceCode(protocol: Protocol, scopes: readonly string[]): Promise<DeviceAuthorization> {
  const { settings } = protocol;
  const url = requiredEndpoint(protocol, 'deviceAuthorizationEndpoint');
  const form = new URLSearchParams(settings.authorizationParameters);
  if (scopes.length > 0) form.set(settings.scopeParameter, scopes.join(settings.scopeSeparator));
  const headers = new Headers({ accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' });
  authenticateClient(protocol, form, headers);
  const request = { method: 'POST', url, headers: Object.fromEntries(headers), body: form.toString() };
  const askedAt = protocol.now();
  return readAuthorization(protocol, await protocol.send(request, protocol.call), askedAt);
}

function readAuthorization(protocol: Protocol, response: HttpResponse, askedAt: number): DeviceAuthorization {
  const body = jsonObject(bodyText(response));
  const error = asText(body['error']);
  if (error !== undefined) throw grantError(protocol, error, body, response.status);
  const deviceCode = asText(body['device_code']);
  const userCode = plainText(asText(body['user_code']) ?? '').slice(0, 64);
  // Google wrote its endpoint before the standard and still says `verification_url` (developers.google.com/identity, limited-input devices).
  const verificationUri = asText(body['verification_uri']) ?? asText(body['verification_url']) ?? '';
  if (response.status >= 300 || deviceCode === undefined || userCode === '') {
    throw answerError(protocol, new Error(`status ${response.status} without a device code and a user code`));
  }
  if (!isSecureUrl(verificationUri)) {
    throw answerError(protocol, new Error('the verification address is neither https nor on loopback'));
  }
  const complete = asText(body['verification_uri_complete']);
  const interval = asPositive(body['interval']);
  const life = asPositive(body['expires_in']);
  return {
    ...{ deviceCode: new Secret(deviceCode), userCode, verificationUri: new URL(verificationUri) },
    verificationUriComplete: complete !== undefined && isSecureUrl(complete) ? new URL(complete) : undefined,
    expiresAt: askedAt + (life === undefined ? DEFAULT_LIFE_MS : life * 1000),
    intervalMs: interval === undefined ? DEFAULT_INTERVAL_MS : Math.max(interval * 1000, SHORTEST_INTERVAL_MS),
  };
}

/** Whether a page is on a host that the definition trusts already: a browser is sent to no other one unasked, lest an answer lead it away. */
export function isOwnPage({ endpoints }: Pick<Protocol, 'endpoints'>, page: URL): boolean {
  const trusted = [endpoints.deviceAuthorizationEndpoint, endpoints.issuer];
  return trusted.some((url) => url !== undefined && new URL(url).host === page.host);
}

/** The refusals after which the wait goes on, and the interval of the next question then, ms (RFC 8628 3.5). */
const GOES_ON: ReadonlyMap<string, (intervalMs: number) => number> = new Map([
  ['authorization_pending', (intervalMs) => intervalMs],
  ['slow_down', (intervalMs) => intervalMs + SLOWER_MS],
]);

/**
 * Waits for the person's approval: asks at the server's interval, slower when told so, and half as often after each question that got no
 * answer (RFC 8628 3.5). Throws CONSENT_REFUSED, CONNECT_TIMEOUT when the codes have ended, the reason of the protocol's signal, and what
 * any other refusal means.
 */
export async function awaitApproval(protocol: Protocol, device: DeviceAuthorization, clock: Clock): Promise<TokenSet> {
  const { signal } = protocol.call;
  let { intervalMs } = device;
  let waitMs = intervalMs;
  for (;;) {
    await clock.sleep(Math.max(0, Math.min(waitMs, device.expiresAt - clock.now())), signal);
    if (clock.now() >= device.expiresAt) throw codeEnded(protocol);
    try {
      return await deviceCodeGrant(protocol, device.deviceCode);
    } catch (error) {
      if (signal.aborted || !isLwiError(error)) throw error;
      intervalMs = nextInterval(protocol, error, intervalMs);
      waitMs = Math.max(intervalMs, error.facts.retryAfterMs ?? 0);
    }
  }
}

/** The interval after a question that failed, ms. Throws what ends the wait. */
function nextInterval(protocol: Protocol, error: LwiError, intervalMs: number): number {
  const code = error.facts.providerCode ?? '';
  if (code === 'access_denied') throw authorizationError(protocol, code);
  if (code === 'expired_token') throw codeEnded(protocol);
  const next = GOES_ON.get(code);
  if (next) return next(intervalMs);
  // A page in place of an answer does not pass by itself; trouble on the way and at the server does.
  if (!error.retryable || error.code === 'BAD_RESPONSE') throw error;
  return Math.max(intervalMs, Math.min(intervalMs * 2, LONGEST_BACKOFF_MS));
}

function codeEnded({ provider, call }: Protocol): LwiError {
  return new LwiError('CONNECT_TIMEOUT', `The code of ${provider.title} ended before anybody approved.`, {
    ...{ provider: provider.id, account: call.connection?.account },
    hint: 'Run `lwi connect {provider}` again and enter the new code.',
  });
}
