import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider, { type Exchange } from 'oidc-provider';
import MemoryAdapter from 'oidc-provider/lib/adapters/memory_adapter.js';
import { onTestFinished } from 'vitest';

/** An exchange at the token endpoint. */
export interface TokenExchange {
  readonly grant: unknown;
  readonly form: Readonly<Record<string, unknown>>;
  /** Whether the client was named by the Authorization header. */
  readonly basic: boolean;
  readonly status: number;
  readonly answer: Readonly<Record<string, unknown>>;
}

/** A running `oidc-provider`, a certified authorization server from npm that knows nothing of this project. */
export interface OidcServer {
  readonly issuer: string;
  /** Every exchange at the token endpoint, oldest first. */
  readonly exchanges: readonly TokenExchange[];
  /** Whether the server still honours a refresh token, or an opaque access token. */
  honours(kind: 'RefreshToken' | 'AccessToken', token: string): Promise<boolean>;
}

/** Full of signs that Basic authentication must encode (RFC 6749, 2.3.1); the server takes visible ASCII only. */
export const SECRET = 'a:b+c%/ d&e=f~%2F"';

/** Client ids, by what the client is. */
export const CLIENTS = {
  ...{ native: 'native app', confidential: 'a:confidential+app', device: 'device-app', service: 'service%app' },
};

const LOOPBACK = ['http://127.0.0.1/callback'];
const DEVICE = 'urn:ietf:params:oauth:grant-type:device_code';
const SCOPE = 'openid offline_access read write';

const clientsOf = (method: string | undefined) => [
  {
    ...{ client_id: CLIENTS.native, application_type: 'native', token_endpoint_auth_method: 'none' },
    ...{ redirect_uris: LOOPBACK, grant_types: ['authorization_code', 'refresh_token'], scope: SCOPE },
  },
  {
    ...{
      client_id: CLIENTS.confidential,
      application_type: 'native',
      client_secret: SECRET,
      token_endpoint_auth_method: method,
    },
    ...{ redirect_uris: LOOPBACK, grant_types: ['authorization_code', 'refresh_token'] },
  },
  {
    ...{ client_id: CLIENTS.device, application_type: 'native', token_endpoint_auth_method: 'none' },
    ...{ redirect_uris: [], response_types: [], grant_types: [DEVICE, 'refresh_token'] },
  },
  {
    ...{ client_id: CLIENTS.service, client_secret: SECRET, token_endpoint_auth_method: method },
    ...{ redirect_uris: [], response_types: [], grant_types: ['client_credentials'], scope: 'read write' },
  },
];

interface Options {
  /** Life of an access token, seconds. */
  readonly life?: number;
  /** Life of a device code, seconds. */
  readonly deviceLife?: number;
  /** How confidential clients may authenticate, as announced; both by default. */
  readonly methods?: readonly ('client_secret_basic' | 'client_secret_post')[];
  /** Access tokens for this API are JWTs. Absent: they are opaque. */
  readonly jwtFor?: string;
  /** Has the last word on every answer. */
  readonly change?: (exchange: Exchange) => void;
}

/**
 * Starts the server for one test: PKCE S256 for everybody, refresh tokens that rotate and end the grant when an old one comes back, `iss` in
 * redirects, discovery, revocation, device flow, client credentials; its own pages for login and consent.
 */
export async function startOidcServer(options: Options = {}): Promise<OidcServer> {
  const {
    life = 3600,
    deviceLife = 600,
    methods = ['client_secret_basic', 'client_secret_post'],
    jwtFor,
    change,
  } = options;
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const provider = new Provider(issuer, {
    ...{
      adapter: class extends MemoryAdapter {},
      clients: clientsOf(methods[0]),
      scopes: ['openid', 'offline_access', 'read', 'write'],
    },
    ...{ cookies: { keys: ['a key of this test'] }, jwks: { keys: [privateKey.export({ format: 'jwk' })] } },
    clientAuthMethods: [...methods, 'none'],
    pkce: { required: () => true },
    rotateRefreshToken: true,
    issueRefreshToken: (_exchange: unknown, client: { grantTypeAllowed(grant: string): boolean }) =>
      client.grantTypeAllowed('refresh_token'),
    expiresWithSession: () => false,
    findAccount: (_exchange: unknown, accountId: string) => ({ accountId, claims: () => ({ sub: accountId }) }),
    ttl: {
      ...{ AccessToken: life, ClientCredentials: life, DeviceCode: deviceLife, AuthorizationCode: 60, IdToken: 3600 },
      ...{ RefreshToken: 86_400, Grant: 86_400, Session: 86_400, Interaction: 3600 },
    },
    features: {
      ...{
        deviceFlow: { enabled: true },
        clientCredentials: { enabled: true },
        revocation: { enabled: true, allowedPolicy: () => true },
      },
      resourceIndicators: {
        enabled: jwtFor !== undefined,
        defaultResource: () => jwtFor,
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({
          scope: 'read write',
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: 'RS256' } },
        }),
      },
    },
  });
  const exchanges: TokenExchange[] = [];
  provider.use(async (exchange, next) => {
    await next();
    change?.(exchange);
    if (exchange.oidc?.route !== 'token') return;
    const form = exchange.oidc.params ?? {};
    const { status, body, headers } = exchange;
    const answer = body as TokenExchange['answer'];
    exchanges.push({ grant: form['grant_type'], form, basic: headers['authorization'] !== undefined, status, answer });
  });
  server.on('request', provider.callback());
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  return { issuer, exchanges, honours: async (kind, token) => (await provider[kind].find(token)) !== undefined };
}
