import { LwiError } from '../errors.ts';
import type { Provider } from '../providers/provider.ts';
import type { HttpRequest } from './http.ts';

/** An API request before it has a host: what streams, probes and `lwi api` write. */
export interface ApiRequest {
  readonly method: string;
  /** Relative to the API's base URL; `{externalId}` stands for the tenant's id at the provider. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>> | readonly (readonly [string, string])[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/**
 * Puts base URL, the provider's own headers and default query, and the tenant's id in. The result never leaves the base URL: an absolute URL
 * elsewhere, dot segments and backslashes are USAGE errors, because the token would travel with them.
 */
export function apiRequest(
  provider: Provider,
  baseUrl: string,
  externalId: string | undefined,
  request: ApiRequest,
): HttpRequest {
  const url = apiUrl(provider, baseUrl, externalId, request.path);
  const pairs = Array.isArray(request.query) ? request.query : Object.entries(request.query ?? {});
  for (const [name, value] of pairs) url.searchParams.append(name, value);
  for (const [name, value] of Object.entries(provider.api.query)) {
    if (!url.searchParams.has(name)) url.searchParams.set(name, value);
  }
  return {
    method: request.method,
    url: url.href,
    headers: { ...provider.api.headers, ...request.headers },
    ...(request.body === undefined ? {} : { body: request.body }),
  };
}

function apiUrl(provider: Provider, baseUrl: string, externalId: string | undefined, path: string): URL {
  const base = baseUrl.replace(/\/$/, '');
  const outside = () => new LwiError('USAGE', `The path must stay on ${base}.`, { provider: provider.id });
  const own = path === base || path.startsWith(`${base}/`) || path.startsWith(`${base}?`);
  // Blanks are written as people write them, in statements and names; every other white space is refused below.
  let relative = (own ? path.slice(base.length) : path).replaceAll(' ', '%20');
  if (/^[a-z][a-z0-9+.-]*:/i.test(relative) || relative.startsWith('//') || /[\\\s]/.test(relative)) throw outside();
  if (!relative.startsWith('/')) relative = `/${relative}`;
  relative = provider.api.resolvePath?.(relative, externalId) ?? relative;
  if (relative.includes('{externalId}') && !externalId) {
    throw new LwiError('USAGE', 'This connection has no external id to fill in.', { provider: provider.id });
  }
  relative = relative.replaceAll('{externalId}', encodeURIComponent(externalId ?? ''));
  const [pathOnly = ''] = relative.split(/[?#]/, 1);
  // An escaped slash is none to a URL, but some servers read it as one.
  if (pathOnly.split(/\/|%2f|%5c/i).some((segment) => /^(\.|%2e){1,2}$/i.test(segment))) throw outside();
  const url = new URL(base + relative);
  const start = new URL(base);
  if (url.origin !== start.origin || !url.pathname.startsWith(start.pathname)) throw outside();
  return url;
}
