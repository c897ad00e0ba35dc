import type { ApiSettings } from '../api-settings.ts';
import { asObject, asText } from '../json-value.ts';
import { nextPage } from './next-page.ts';
import { resolveStaleToken } from './stale-token.ts';

/**
 * Below 75 or absent, the minor version silently counts as 75 since 2025-08-01 (blogs.intuit.com 2025/01/21): pinned, so that a later
 * default changes nothing here.
 */
const MINOR_VERSION = '75';

/** The JSON API of QuickBooks Online, version 3. Without `accept` XML may come back. */
export const api: ApiSettings = {
  headers: { accept: 'application/json' },
  query: { minorversion: MINOR_VERSION },
  probe: { method: 'GET', path: '/v3/company/{externalId}/companyinfo/{externalId}' },
  requestIdHeader: 'intuit_tid',

  nameFromProbe: (body) => ({ externalName: asText(asObject(asObject(body)['CompanyInfo'])['CompanyName']) }),

  /** `invoice/145` becomes `/v3/company/<realm>/invoice/145`; a path that begins with `/v3/` is complete. */
  resolvePath(path, externalId) {
    const absolute = path.startsWith('/') ? path : `/${path}`;
    return absolute.startsWith('/v3/') ? absolute : `${companyPath(externalId ?? '{externalId}')}${absolute}`;
  },

  /** `requestid` makes a write idempotent; POST to `query` only reads (developer.intuit.com, data queries). */
  repeatable(method, path) {
    const [route = '', query = ''] = path.split('?', 2);
    return method === 'POST' && (/\/query$/.test(route) || /(^|&)requestid=[^&]/.test(query));
  },

  resolveConflict: resolveStaleToken,
  /**
   * `requestid` on writes of an entity. Not on `batch` and `upload`, where nothing says that it is heeded, and not on what has a deeper path
   * (`invoice/145/send`).
   */
  idempotency(method, path, id) {
    const [route = '', query = ''] = path.split('?', 2);
    const entity = /^\/v3\/company\/[^/]+\/([^/]+)$/.exec(route)?.[1]?.toLowerCase();
    if (method !== 'POST' || entity === undefined || NO_ENTITY.has(entity)) return undefined;
    return new URLSearchParams(query).has('requestid') ? undefined : { requestid: id };
  },

  nextPage,
};

/** Operations beside the entities. */
const NO_ENTITY: ReadonlySet<string> = new Set(['query', 'cdc', 'batch', 'upload', 'reports', 'graphql']);

/** Path in front of everything that belongs to one company; `{externalId}` is left for the caller to fill in. */
export function companyPath(externalId: string): string {
  return `/v3/company/${externalId === '{externalId}' ? externalId : encodeURIComponent(externalId)}`;
}
