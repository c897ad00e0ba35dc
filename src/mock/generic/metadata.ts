import type { OAuthDefinition } from '../../providers/generic/definition.ts';
import { MOCK_PATHS } from '../../providers/generic/mock-endpoints.ts';
import { authenticationMethods } from './client-rule.ts';
import { GRANT_TYPES } from './token-endpoint.ts';

/** Below the provider's place at the mock. */
export const KEYS_PATH = `${MOCK_PATHS.issuer}/keys`;

/** The document of an issuer (RFC 8414, 2; OpenID Connect Discovery, 3). `base` is the provider's place at the mock, as a whole address. */
export function serverMetadata(base: string, oauth: OAuthDefinition): Record<string, unknown> {
  const grant = oauth.grant ?? 'authorization_code';
  const withCode = grant === 'authorization_code';
  const methods = authenticationMethods(oauth.clientAuthentication);
  return {
    issuer: `${base}${MOCK_PATHS.issuer}`,
    ...(withCode ? { authorization_endpoint: `${base}${MOCK_PATHS.authorizationEndpoint}` } : {}),
    token_endpoint: `${base}${MOCK_PATHS.tokenEndpoint}`,
    revocation_endpoint: `${base}${MOCK_PATHS.revocationEndpoint}`,
    ...(grant === 'device_code'
      ? { device_authorization_endpoint: `${base}${MOCK_PATHS.deviceAuthorizationEndpoint}` }
      : {}),
    jwks_uri: `${base}${KEYS_PATH}`,
    response_types_supported: withCode ? ['code'] : [],
    grant_types_supported: [GRANT_TYPES[grant], ...(grant === 'client_credentials' ? [] : ['refresh_token'])],
    ...(withCode ? { code_challenge_methods_supported: ['S256'] } : {}),
    token_endpoint_auth_methods_supported: methods,
    revocation_endpoint_auth_methods_supported: methods,
    authorization_response_iss_parameter_supported: withCode,
    scopes_supported: oauth.scopes ?? [],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
  };
}
