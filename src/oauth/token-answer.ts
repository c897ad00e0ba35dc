import { LwiError } from '../errors.ts';
import { bodyText, type HttpResponse } from '../http/http.ts';
import { plainText } from '../printable.ts';
import { Secret } from '../secret.ts';
import { reasonOf } from './grant-error.ts';
import { claimsOf, jsonObject } from './jwt.ts';
import { plainFacts } from './plain-facts.ts';
import type { Protocol } from './protocol.ts';
import { readableMembers } from './token-members.ts';
import type { TokenSet } from './token-set.ts';

/** Member that an ID token is moved to where it must not be validated. */
const UNCHECKED_ID_TOKEN = 'lwi_id_token';

/** What RFC 6749 (5.1) says of a successful answer, as far as a token set needs it. */
interface GrantedTokens extends Readonly<Record<string, unknown>> {
  readonly access_token: string;
  readonly token_type: string;
  readonly expires_in?: number;
  readonly scope?: string;
}

/**
 * The answer of a token endpoint in the standard's form (RFC 6749 5.1, 5.2): any 2xx that holds a token is 200, and an error inside a 2xx is
 * 400 (GitHub answers 200 with `error`, also while a device code is pending). Throws BAD_RESPONSE for one without JSON (a proxy's page),
 * RATE_LIMITED and SERVER_ERROR for those that the provider dresses up as something else.
 */
export function standardAnswer({ provider, settings, endpoints }: Protocol, response: HttpResponse): Response {
  const parsed = jsonObject(bodyText(response));
  const facts = { provider: provider.id, statusCode: response.status };
  if (Object.keys(parsed).length === 0) {
    const message = `The token endpoint of ${provider.title} answered ${response.status} without JSON.`;
    throw new LwiError('BAD_RESPONSE', message, facts);
  }
  const answer = settings.adaptTokenAnswer({ status: response.status, body: parsed });
  // Some write null for what the standard leaves out.
  const given = Object.fromEntries(Object.entries(answer.body).filter(([, value]) => value !== null));
  const good = answer.status >= 200 && answer.status < 300;
  const failed = good && typeof given['error'] === 'string' && given['access_token'] === undefined;
  const body = good && !failed ? readableMembers(given) : given;
  if (answer.status === 429 || answer.status >= 500) {
    const code = answer.status === 429 ? 'RATE_LIMITED' : 'SERVER_ERROR';
    throw new LwiError(code, `The token endpoint of ${provider.title} answered: ${reasonOf(body)}`, facts);
  }
  if (!endpoints.issuer && body['id_token'] !== undefined) {
    // Without a known issuer there is nothing to validate the ID token against; its claims are still of use.
    body[UNCHECKED_ID_TOKEN] = body['id_token'];
    delete body['id_token'];
  }
  return Response.json(body, { status: failed ? 400 : good ? 200 : answer.status });
}

/**
 * Reads an answer whose tokens must not be lost for the ID token beside them: one that does not validate is left out, and the identity stays
 * what it was. For refreshes, where an answer may be the only copy of a rotated refresh token; who connects is refused instead, because there
 * the ID token says who it is (OpenID Connect Core 3.1.3.7) and nothing but an approval is lost.
 */
export async function withoutBadIdToken<T>(response: Response, read: (response: Response) => Promise<T>): Promise<T> {
  const spare = response.clone();
  try {
    return await read(response);
  } catch (error) {
    const { id_token: idToken, ...body } = jsonObject(await spare.text());
    if (idToken === undefined) throw error;
    return read(Response.json(body, { status: spare.status }));
  }
}

/** The token set of a successful answer. Lives count from `issuedAt` (ms since the epoch), when it was asked for. */
export function readTokenSet(
  { settings, provider }: Protocol,
  body: GrantedTokens,
  issuedAt: number,
  callback: Record<string, string>,
): TokenSet {
  if (!/^[\x21-\x7e]+$/.test(body.access_token)) {
    // It goes into a header (RFC 6750, 2.1), and scripts put it there unseen.
    throw new LwiError(
      'BAD_RESPONSE',
      `${provider.title} gave an access token that is none: it holds blanks or control characters.`,
      {
        provider: provider.id,
      },
    );
  }
  const later = (seconds: number | undefined) => endOf(issuedAt, seconds);
  const secret = (value: unknown) => (typeof value === 'string' && value !== '' ? new Secret(value) : undefined);
  const idToken = secret(body[UNCHECKED_ID_TOKEN] ?? body['id_token']);
  const facts = settings.readGrant({ body, callback, idToken: idToken ? claimsOf(idToken) : {} });
  return {
    accessToken: new Secret(body.access_token),
    refreshToken: secret(body['refresh_token']),
    idToken,
    tokenType: body.token_type,
    issuedAt,
    expiresAt: later(body.expires_in),
    refreshExpiresAt: later(facts.refreshExpiresIn),
    refreshHardExpiresAt: later(facts.refreshHardExpiresIn),
    scopes: (facts.scopes ?? body.scope?.split(/[\s,]+/).filter(Boolean) ?? []).map(plainText),
    facts: plainFacts(facts),
  };
}

/** Longest life that is believed, seconds: ten years. */
const LONGEST_LIFE = 315_360_000;

/** When a life ends. A nonsensical one counts as not given: a token must not be lost for its date. */
function endOf(issuedAt: number, seconds: number | undefined): number | undefined {
  if (seconds === undefined || !Number.isFinite(seconds) || seconds < 0 || seconds > LONGEST_LIFE) return undefined;
  return Math.round(issuedAt + seconds * 1000);
}
