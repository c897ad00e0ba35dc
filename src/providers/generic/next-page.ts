import { dottedValue } from '../../dotted-path.ts';
import type { HttpRequest, HttpResponse } from '../../http/http.ts';
import type { NextApiPage } from '../api-settings.ts';
import { parseBytes } from '../json-value.ts';
import type { StreamDefinition } from './definition.ts';
import { nextLink } from './link-header.ts';
import { type NextPage, pagerOf } from './paging.ts';

type Follow = (request: HttpRequest, answer: HttpResponse, baseUrl: string) => NextApiPage;

/**
 * Follows the pages of a definition: as the stream does whose path fits the request, otherwise by a Link header (RFC 8288).
 */
export function nextPageFromDefinition(streams: readonly StreamDefinition[]): Follow {
  const candidates = streams.map((stream) => ({ stream, pager: pagerOf(stream.page) }));
  return (request, answer, baseUrl) => {
    const url = new URL(request.url);
    const fits = candidates.map((each) => ({ ...each, fit: fitOf(baseUrl, each.stream)(url) }));
    const found = fits.filter(({ fit }) => fit > 0).sort((a, b) => b.fit - a.fit)[0];
    if (found === undefined || found.stream.page === undefined) return byLink(request, answer);
    const body = parseBytes(answer.body);
    const rows = dottedValue(body, found.stream.items);
    const asked = { method: request.method, path: url.pathname, query: Object.fromEntries(url.searchParams) };
    const page = { request: asked, body, headers: answer.headers, until: 0, window: { now: 0, externalId: '' } };
    return continued(request, found.pager.next({ answer: page, rows: Array.isArray(rows) ? rows.length : 0 }));
  };
}

function byLink(request: HttpRequest, { headers }: HttpResponse): NextApiPage {
  const { link } = headers;
  if (link === undefined) return { end: 'unpaged' };
  const url = nextLink(link);
  return continued(request, url === undefined ? undefined : { url });
}

/** The request with what the pager wants changed; a link is relative to the request (RFC 3986, 5). */
function continued(request: HttpRequest, next: NextPage | { readonly problem: string }): NextApiPage {
  if (next === undefined) return { end: 'last' };
  if ('problem' in next) return next;
  const url = 'url' in next ? URL.parse(next.url, request.url) : new URL(request.url);
  if (url === null) return { problem: 'the next link is no URL' };
  if ('query' in next) for (const [name, value] of Object.entries(next.query)) url.searchParams.set(name, value);
  url.hash = '';
  return { next: { ...request, url: url.href } };
}

/** How well a URL fits the path of a stream: 0 not at all, 1 by its path only, more by the whole fixed query of that path. */
function fitOf(baseUrl: string, { path }: StreamDefinition): (url: URL) => number {
  const [route = '', search = ''] = path.split('?', 2);
  const start = new URL(baseUrl);
  const pattern = `${start.pathname.replace(/\/$/, '')}/${route.replace(/^\//, '')}`
    .split('{externalId}')
    .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('[^/]+');
  const whole = new RegExp(`^${pattern}/?$`);
  const fixed = [...new URLSearchParams(search)];
  return (url) => {
    if (url.origin !== start.origin || !whole.test(url.pathname)) return 0;
    return fixed.every(([name, value]) => url.searchParams.getAll(name).includes(value)) ? 2 + fixed.length : 1;
  };
}
