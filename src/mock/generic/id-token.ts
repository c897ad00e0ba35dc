import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

const KEY_ID = 'mock-1';

/** Signs ID tokens; the key is made when it is first needed, which takes a moment. */
export interface IdTokens {
  /** A JWT signed with RS256 (OpenID Connect Core 2, 15.1). */
  issue(claims: Readonly<Record<string, unknown>>): string;
  /** The document behind `jwks_uri` (RFC 7517, 5). */
  keys(): { readonly keys: readonly object[] };
}

export function createIdTokens(): IdTokens {
  let pair: { readonly publicKey: KeyObject; readonly privateKey: KeyObject } | undefined;
  const made = () => {
    pair ??= generateKeyPairSync('rsa', { modulusLength: 2048 });
    return pair;
  };
  return {
    issue(claims) {
      const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
      const signed = `${part({ alg: 'RS256', typ: 'JWT', kid: KEY_ID })}.${part(claims)}`;
      return `${signed}.${sign('RSA-SHA256', Buffer.from(signed), made().privateKey).toString('base64url')}`;
    },
    keys: () => ({ keys: [{ ...made().publicKey.export({ format: 'jwk' }), kid: KEY_ID, use: 'sig', alg: 'RS256' }] }),
  };
}
