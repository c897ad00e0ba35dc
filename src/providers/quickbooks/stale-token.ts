import type { HttpRequest } from '../../http/http.ts';
import type { ConflictResolution } from '../api-settings.ts';
import { asId, asObject, isObject } from '../json-value.ts';

/** The one place of a SyncToken in a body; as text, so that every other byte of the change stays as it was written. */
const SYNC_TOKEN = /"SyncToken"\s*:\s*(?:"[^"\\]*"|\d+)/g;

/** `requestid` has at most 50 characters, and under a known one the first answer comes again (blogs.intuit.com 2015/04/06/15346). */
const LONGEST_REQUEST_ID = 50;

/**
 * What to do about a stale SyncToken (code 5010). Only a sparse update that names plain fields is sent again, with the token of the record as it is
 * now: it changes those fields and no others. A full update would take back what somebody else has changed, and so would a list, which replaces
 * the whole list (`Line`) even in a sparse update. Those, deletions and whatever cannot be read stay a conflict.
 */
export function resolveStaleToken(
  request: HttpRequest,
  providerCode: string | undefined,
): ConflictResolution | undefined {
  if (providerCode !== '5010' || request.method !== 'POST' || request.body === undefined) return undefined;
  const text = typeof request.body === 'string' ? request.body : new TextDecoder().decode(request.body);
  const update = asObject(parsed(text));
  const id = asId(update['Id']);
  if (update['sparse'] !== true || !id || text.match(SYNC_TOKEN)?.length !== 1) return undefined;
  if (holdsList(update)) return undefined;
  const url = new URL(request.url);
  const operation = url.searchParams.get('operation');
  // `/v3/company/<realm>/<entity>` is where an update goes; anything longer or other is no update of one record.
  if ((operation && operation !== 'update') || !/\/v3\/company\/[^/]+\/[a-z]+$/i.test(url.pathname)) return undefined;
  return { fetch: fetchOf(request, url, id), merge: (body) => merged(request, text, url, tokenOf(body, id)) };
}

function fetchOf({ headers }: HttpRequest, url: URL, id: string): HttpRequest {
  const { 'content-type': _type, ...rest } = headers;
  const minor = url.searchParams.get('minorversion');
  const at = `${url.origin}${url.pathname}/${encodeURIComponent(id)}`;
  return { method: 'GET', url: minor === null ? at : `${at}?minorversion=${minor}`, headers: rest };
}

/** `{"Invoice":{"Id":"145","SyncToken":"4",…},"time":…}`: the token of the record with that id. */
function tokenOf(body: unknown, id: string): string | undefined {
  const record = Object.values(asObject(body)).find((value) => isObject(value) && asId(value['Id']) === id);
  return asId(asObject(record)['SyncToken']);
}

function merged(request: HttpRequest, text: string, url: URL, token: string | undefined): HttpRequest | undefined {
  if (token === undefined || !/^\d+$/.test(token)) return undefined;
  const body = text.replace(SYNC_TOKEN, `"SyncToken":"${token}"`);
  if (body === text) return undefined;
  const again = new URL(url);
  const requestId = again.searchParams.get('requestid');
  // Under the old id the old answer would come back.
  if (requestId)
    again.searchParams.set('requestid', `${requestId.slice(0, LONGEST_REQUEST_ID - token.length - 1)}-${token}`);
  return { ...request, url: again.href, body };
}

function holdsList(value: unknown): boolean {
  return Array.isArray(value) || (isObject(value) && Object.values(value).some(holdsList));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
