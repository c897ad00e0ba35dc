import { asNumber, asText, defined } from '../providers/json-value.ts';

/** The members of a token answer that RFC 6749 (5.1) and OpenID Connect Core (3.1.3.3) give a type. */
interface TokenMembers {
  readonly token_type: string;
  readonly expires_in: number;
  readonly refresh_token: string;
  readonly scope: string;
  readonly id_token: string;
}

/**
 * A successful token answer with its optional members in the standard's types. What cannot be read counts as not given and never throws:
 * the answer may hold the only copy of a rotated refresh token, which a strange date beside it must not cost.
 *
 * - `expires_in`: seconds from 0 up, also as text of digits (the standard's grammar of it, RFC 6749 A.14, is digits; some write them in
 *   quotes). Negative or anything else: no life is known, so the token is used until it is refused.
 * - `token_type`: any case (RFC 6749, 5.1). Missing, empty or no text: `bearer`, because nothing else was asked for. `BearerToken` is what
 *   Apigee writes. A type that is named and unknown stays, and is refused (RFC 6749, 7.1).
 * - `scope`: a list becomes text; anything else counts as not given, which means the scopes that were asked for.
 * - `refresh_token`, `id_token`: text with something in it.
 */
export function readableMembers(body: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const members = defined<Partial<TokenMembers>>({
    token_type: tokenType(body['token_type']),
    expires_in: life(body['expires_in']),
    refresh_token: asText(body['refresh_token']),
    scope: scope(body['scope']),
    id_token: asText(body['id_token']),
  });
  const rest = Object.entries(body).filter(([name]) => !TYPED.has(name));
  return { ...Object.fromEntries(rest), ...members };
}

const TYPED = new Set<string>([
  'token_type',
  'expires_in',
  'refresh_token',
  'scope',
  'id_token',
] satisfies (keyof TokenMembers)[]);

function tokenType(value: unknown): string {
  const named = asText(value)?.trim() || 'bearer';
  return named.toLowerCase() === 'bearertoken' ? 'bearer' : named;
}

function life(value: unknown): number | undefined {
  const seconds = asNumber(value);
  return seconds !== undefined && seconds >= 0 ? seconds : undefined;
}

function scope(value: unknown): string | undefined {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  const names = list.filter((name) => typeof name === 'string');
  return names.length > 0 ? names.join(' ') : undefined;
}
