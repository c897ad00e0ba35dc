import type { ProviderFile } from '../../providers/generic/definition.ts';
import { MOCK_PATHS, mockApiPath } from '../../providers/generic/mock-endpoints.ts';
import { jsonAnswer, tokenAnswer } from '../answer.ts';
import { createGrantStore, type Rotation } from '../grant-store.ts';
import type { MakeFake, ProviderFake } from '../provider-fake.ts';
import { createMint, hashOf } from '../seeded-random.ts';
import type { MockSettings } from '../settings.ts';
import { createApi } from './api.ts';
import { createAuthorization } from './authorization.ts';
import { createCompanies } from './companies.ts';
import { deniedAnswer, refusal } from './error-answer.ts';
import { createIdTokens } from './id-token.ts';
import { KEYS_PATH, serverMetadata } from './metadata.ts';
import { tenantsOf } from './tenants.ts';
import { demoSecret, signedEvent } from './webhook.ts';

/** What a person brings along where a definition has no `oauth`: valid at every mock, for the first company, without end. */
export const BROUGHT_TOKEN = 'lwi-mock-token';

const DEVICE_PAGE = '/oauth/device';
/** Single use, and reuse ends the grant: what RFC 9700 (4.14.2) asks of servers. How long a token may lie unused is unknown. */
const ROTATION: Rotation = { changeAfterMs: 0, graceMs: 0, onReuse: 'revoke', idleMs: Infinity, hardMs: Infinity };

/**
 * The fake of a provider of the user's own, made of what its definition says and, where that is silent, of what the RFCs say. Below `/<id>`: the
 * authorization server at `/oauth/…`, the API at `/api` and the path of the real base URL.
 */
export function genericFake(definition: ProviderFile): MakeFake {
  return (settings) => makeGeneric(settings, definition);
}

function makeGeneric(settings: MockSettings, definition: ProviderFile): ProviderFake {
  const { id, title = id, oauth, webhook } = definition;
  const seed = hashOf(settings.seed, ...Buffer.from(id));
  const mint = createMint(settings.seed, id);
  const grants = createGrantStore(settings.clock, mint, ROTATION);
  const tenants = tenantsOf(seed);
  const companies = createCompanies(settings, definition, tenants, seed);
  const api = createApi({ settings, definition, grants, tenants, companies });
  const idTokens = createIdTokens();
  const server = createAuthorization({ settings, title, oauth: oauth ?? {}, grants, tenants, idTokens, mint });
  const apiPath = mockApiPath(definition);
  if (oauth === undefined) {
    const brought = { clientId: 'brought', tenant: tenants[0].id, scope: '', withRefresh: false };
    grants.access(grants.open(brought), undefined, BROUGHT_TOKEN);
  }
  const pathOf = (request: Request) => new URL(request.url).pathname.slice(id.length + 1);
  /** The path below the API's base URL; undefined for what is none of its. */
  const callOf = (request: Request) => {
    const path = pathOf(request);
    return path === apiPath || path.startsWith(`${apiPath}/`) ? path.slice(apiPath.length) || '/' : undefined;
  };

  function answerServer(request: Request, path: string): Response | Promise<Response> | undefined {
    const base = `${new URL(request.url).origin}/${id}`;
    const issuer = `${base}${MOCK_PATHS.issuer}`;
    switch (path) {
      case MOCK_PATHS.authorizationEndpoint:
        return server.authorize(request, issuer);
      case MOCK_PATHS.tokenEndpoint:
        return server.token(request, issuer);
      case MOCK_PATHS.revocationEndpoint:
        return server.revoke(request);
      case MOCK_PATHS.deviceAuthorizationEndpoint:
        return server.deviceAuthorization(request, `${base}${DEVICE_PAGE}`);
      case DEVICE_PAGE:
        return server.devicePage(request);
      case KEYS_PATH:
        return jsonAnswer(idTokens.keys());
      default:
        return oauth?.issuer && isMetadata(id, request) ? jsonAnswer(serverMetadata(base, oauth)) : undefined;
    }
  }

  return {
    id,
    hosts: [],
    grants,
    handle(request) {
      const call = callOf(request);
      if (call !== undefined) return api.answer(request, call);
      const path = pathOf(request);
      return (oauth && answerServer(request, path)) ?? refusal(404, 'There is nothing here.');
    },
    failure(status, path) {
      if (path.startsWith(`/${id}/oauth/`))
        return tokenAnswer({ error: status < 500 ? 'invalid_request' : 'server_error' }, status);
      return status === 401 ? deniedAnswer('expired') : refusal(status, `The mock was asked to answer ${status}.`);
    },
    windows: (request) => (callOf(request) === undefined ? [] : api.windows(request)),
    stamp(headers) {
      if (definition.api.requestIdHeader) headers.set(definition.api.requestIdHeader, mint('request').slice(0, 22));
    },
    stream: (name, tenant) => companies.named(name, tenant),
    reading(request) {
      const call = callOf(request);
      return call === undefined ? undefined : api.reading(request, call);
    },
    event(parameters) {
      if (webhook === undefined) return undefined;
      const secret = settings.webhookSecrets[id] ?? demoSecret(id, webhook);
      return signedEvent(webhook, { secret, now: settings.clock.now(), id: mint('event').slice(0, 22), parameters });
    },
  };
}

/** Both places where a document is looked for: RFC 8414 (3.1) puts the well-known part first, OpenID Connect Discovery (4) last. */
function isMetadata(id: string, request: Request): boolean {
  const issuer = `/${id}${MOCK_PATHS.issuer}`;
  const places = [`/.well-known/oauth-authorization-server${issuer}`, `${issuer}/.well-known/openid-configuration`];
  return places.includes(new URL(request.url).pathname);
}
