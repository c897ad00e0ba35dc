import type { LimitDefinition, ProviderFile, StreamDefinition } from '../../providers/generic/definition.ts';
import { jsonAnswer, streamedAnswer } from '../answer.ts';
import type { Tenant } from '../authorization-page.ts';
import { readBearer } from '../client-authentication.ts';
import type { GrantStore } from '../grant-store.ts';
import type { FakeStream, Reading } from '../provider-fake.ts';
import { createRateWindows, type WindowClaim, type WindowState } from '../rate-window.ts';
import type { MockSettings } from '../settings.ts';
import type { TimelineFilter } from '../timeline.ts';
import type { Companies } from './companies.ts';
import { deniedAnswer, refusal } from './error-answer.ts';
import { type ServedPage, servePage } from './page.ts';
import { placeValue } from './placed-value.ts';
import { createRoutes } from './routes.ts';
import { readSince } from './since.ts';

interface ApiParts {
  readonly settings: MockSettings;
  readonly definition: ProviderFile;
  readonly grants: GrantStore;
  readonly tenants: readonly Tenant[];
  readonly companies: Companies;
}

/** The API of a definition. Paths are below its base URL. */
export interface GenericApi {
  answer(request: Request, path: string): Response;
  windows(request: Request): readonly WindowState[];
  reading(request: Request, path: string): Reading | undefined;
}

/** Token, limit, then what the path asks for: a stream, the probe, or nothing. */
export function createApi({ settings, definition, grants, tenants, companies }: ApiParts): GenericApi {
  const windows = createRateWindows(settings.limitScale);
  const route = createRoutes(definition);
  const rules = (definition.limits ?? []).flatMap(ruleOf);
  const probe = definition.api.probe?.split('?', 1)[0] ?? '/';

  const claimsOf = (tenant: string): WindowClaim[] =>
    settings.rateLimits && rules.length > 0 ? [{ key: tenant, rules }] : [];
  const tenantOf = (request: Request) => grants.check(readBearer(request) ?? '').grant?.tenant;

  return {
    windows(request) {
      const tenant = tenantOf(request);
      return tenant === undefined ? [] : windows.state(claimsOf(tenant), settings.clock.now());
    },
    reading(request, path) {
      const found = route(path, new URL(request.url).searchParams);
      return found && { tenant: tenantOf(request), streams: [found.stream.name] };
    },
    answer(request, path) {
      const bearer = readBearer(request);
      const { state, grant } = grants.check(bearer ?? '');
      if (state !== 'valid' || grant === undefined) return deniedAnswer(bearer === undefined ? undefined : state);
      const wait = windows.take(claimsOf(grant.tenant), settings.clock.now());
      if (wait > 0) return refusal(429, 'Too many requests.', { 'retry-after': String(Math.ceil(wait / 1000)) });
      const found = route(path, new URL(request.url).searchParams);
      if (found === undefined && path !== probe) return refusal(404, `There is nothing at ${path}.`);
      if (request.method !== 'GET' && request.method !== 'HEAD')
        return refusal(405, `${request.method} is not allowed here.`, { allow: 'GET, HEAD' });
      if (found === undefined) return jsonAnswer(tenants.find(({ id }) => id === grant.tenant) ?? {});
      if (found.tenant !== undefined && found.tenant !== grant.tenant)
        return refusal(403, `The token gives no access to ${found.tenant}.`);
      const stream = companies.stream(found.stream, grant.tenant);
      return stream === undefined
        ? refusal(404, 'There is no such company.')
        : answerList(request, found.stream, stream);
    },
  };
}

/** Bounds that a definition does not give are unknown, and so is the whole limit where it gives neither. */
function ruleOf({ permits, perMs }: LimitDefinition): { permits: number; perMs: number }[] {
  return permits === undefined && perMs === undefined ? [] : [{ permits: permits ?? 60, perMs: perMs ?? 60_000 }];
}

function answerList(request: Request, definition: StreamDefinition, stream: FakeStream): Response {
  const url = new URL(request.url);
  const filter = filterOf(definition, url.searchParams);
  if (filter === undefined)
    return refusal(400, `${definition.since?.parameter} is no time of the form ${definition.since?.format ?? 'iso'}.`);
  const { page } = definition;
  if (page === undefined || page.type === 'none') {
    const [head = '', tail = ''] = JSON.stringify(envelope(definition, [SPLIT])).split(JSON.stringify(SPLIT));
    return streamedAnswer(head, stream.timeline.walk(filter).map(stream.render), tail);
  }
  const served = servePage(page, url.searchParams, stream.timeline, filter);
  if ('problem' in served) return refusal(400, served.problem);
  const body = envelope(definition, served.rows.map(stream.render), served.told);
  return jsonAnswer(body, 200, served.link === undefined ? {} : { link: linkTo(url, served.link) });
}

/** Where the rows go in a list that is written while it is read. */
const SPLIT = '\u0000rows\u0000';

/** Rows that went are shown where the definition knows a mark for them; otherwise they are simply not there. */
function filterOf({ since, deleted }: StreamDefinition, query: URLSearchParams): TimelineFilter | undefined {
  const shown = { deleted: deleted !== undefined };
  const text = since === undefined ? null : query.get(since.parameter);
  if (text === null) return shown;
  const from = readSince(text, since?.format);
  return from === undefined ? undefined : { ...shown, from };
}

function envelope({ items }: StreamDefinition, rows: readonly unknown[], told: ServedPage['told'] = []): unknown {
  if (items === undefined || items === '') return rows;
  const body: Record<string, unknown> = {};
  placeValue(body, items, rows);
  for (const [path, value] of told) placeValue(body, path, value);
  return body;
}

/** The next page and the first one (RFC 8288, 3), as whole addresses. */
function linkTo(url: URL, query: Readonly<Record<string, string>>): string {
  const next = new URL(url);
  const first = new URL(url);
  for (const [name, value] of Object.entries(query)) {
    next.searchParams.set(name, value);
    first.searchParams.delete(name);
  }
  return `<${next.href}>; rel="next", <${first.href}>; rel="first"`;
}
