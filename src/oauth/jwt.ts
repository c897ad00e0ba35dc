import type { Secret } from '../secret.ts';

/**
 * Claims of a JWT, or {} for anything else. The signature is not checked: an ID token came straight from the token endpoint over TLS
 * (OpenID Connect Core 3.1.3.7), and an access token is only shown to its owner.
 */
export function claimsOf(token: Secret): Record<string, unknown> {
  const [, payload] = token.reveal().split('.');
  return payload ? jsonObject(Buffer.from(payload, 'base64url').toString('utf8')) : {};
}

/** The text as a JSON object, or {}. */
export function jsonObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
  } catch {
    return {};
  }
}
