import { jsonAnswer, tokenAnswer } from '../answer.ts';
import { createGrantStore } from '../grant-store.ts';
import type { ProviderFake } from '../provider-fake.ts';
import { createMint } from '../seeded-random.ts';
import type { MockSettings } from '../settings.ts';
import { createApi } from './api.ts';
import { createAuthorization, quickbooksRotation } from './authorization.ts';
import { COMPANIES, createCompany } from './company.ts';
import { entitiesOf } from './entities-of.ts';
import { gatewayFault, systemFault, throttleFault } from './faults.ts';
import { quickbooksEvent } from './webhook.ts';

const HOSTS = [
  'appcenter.intuit.com',
  'oauth.platform.intuit.com',
  'developer.api.intuit.com',
  'quickbooks.api.intuit.com',
  'sandbox-quickbooks.api.intuit.com',
];

/** QuickBooks Online as `/quickbooks/…`: Intuit's paths, hosts left out. */
export function makeQuickbooks(settings: MockSettings): ProviderFake {
  const { clock } = settings;
  const mint = createMint(settings.seed, 'quickbooks');
  const tokens = (label: string) =>
    label.startsWith('access') ? `eyJ-mock.${mint(label)}.${mint(label)}` : `RT1-mock-${mint(label)}`;
  const grants = createGrantStore(clock, tokens, quickbooksRotation(settings.rotateAlways));
  const companies = COMPANIES.map(({ id, name }) => createCompany(settings, id, name));
  const { authorize, token, revoke } = createAuthorization(settings, grants, mint);
  const api = createApi(settings, grants, companies);
  const pathOf = (request: Request) => new URL(request.url).pathname.slice('/quickbooks'.length);
  const API = /^\/v3\/company\/([^/]+)\/([^/]+)(?:\/([^/]+))?$/;

  return {
    id: 'quickbooks',
    hosts: HOSTS,
    grants,
    handle(request) {
      const path = pathOf(request);
      if (path === '/connect/oauth2') return authorize(request);
      if (path === '/oauth2/v1/tokens/bearer') return token(request);
      if (path === '/v2/oauth2/tokens/revoke') return revoke(request);
      const found = API.exec(path);
      if (found !== null) return api.answer(request, found[1] ?? '', found[2] ?? '', found[3] ?? '');
      return jsonAnswer({ error: 'not found' }, 404);
    },
    windows(request) {
      const found = API.exec(pathOf(request));
      return found === null ? [] : api.windows(found[1] ?? '', found[2] ?? '');
    },
    failure(status, path) {
      if (status === 429) return throttleFault(clock.now());
      // Errors of the OAuth endpoints are OAuth JSON, not Faults.
      if (path.includes('/oauth2/'))
        return tokenAnswer({ error: status < 500 ? 'invalid_request' : 'server_error' }, status);
      if (status === 401 || status === 403) return gatewayFault(clock.now(), status, 'Token expired');
      return systemFault(clock.now(), status);
    },
    stamp(headers) {
      const id = mint('tid')
        .replace(/[^a-z0-9]/gi, '0')
        .toLowerCase();
      headers.set('intuit_tid', `1-${id.slice(0, 8)}-${id.slice(8, 32)}`);
    },
    stream: (name, tenant) => companies.find(({ realm }) => realm === (tenant ?? COMPANIES[0].id))?.stream(name),
    reading(request) {
      const [, tenant, operation = ''] = API.exec(pathOf(request)) ?? [];
      const streams = entitiesOf(operation, new URL(request.url).searchParams);
      return tenant === undefined ? undefined : { tenant, streams };
    },
    event: (parameters) => quickbooksEvent(settings, mint, parameters),
  };
}
