import type { Endpoints } from '../provider.ts';
import type { ProviderFile } from './definition.ts';

/** Where the mock of a definition answers, below `<mockUrl>/<id>`. */
export const MOCK_PATHS = {
  issuer: '/oauth',
  authorizationEndpoint: '/oauth/authorize',
  tokenEndpoint: '/oauth/token',
  revocationEndpoint: '/oauth/revoke',
  deviceAuthorizationEndpoint: '/oauth/device_authorization',
} as const satisfies Partial<Record<keyof Endpoints, string>>;

/** The path of the mock's API below `<mockUrl>/<id>`: that of the real one behind `/api`, so that no endpoint stands in its way. */
export function mockApiPath({ api }: ProviderFile): string {
  return `/api${new URL(api.baseUrl).pathname}`.replace(/\/+$/, '');
}

/** The endpoints of a definition at the mock: those that it names, and no others, so that what it forgot is missing there too. */
export function mockEndpoints(definition: ProviderFile, mockUrl: string): Endpoints {
  const base = `${mockUrl}/${definition.id}`;
  const { oauth = {} } = definition;
  const names = (Object.keys(MOCK_PATHS) as (keyof typeof MOCK_PATHS)[]).filter((name) => oauth[name]);
  return {
    ...Object.fromEntries(names.map((name) => [name, `${base}${MOCK_PATHS[name]}`])),
    apiBaseUrl: `${base}${mockApiPath(definition)}`,
  };
}
