import {
  type ApiDefinition,
  type LimitDefinition,
  type OAuthDefinition,
  type PageDefinition,
  PROVIDER_ID_PATTERN,
  type ProviderFile,
  type StreamDefinition,
} from './providers/generic/definition.ts';
import { VIEW_COLUMNS } from './providers/record-view.ts';
import {
  anObject,
  baseUrl,
  count,
  endpoint,
  flag,
  matching,
  object,
  oneOf,
  optional,
  published,
  record,
  reserved,
  type Schema,
  text,
  url,
  v,
} from './schema.ts';
import { header, headerValue, webhook } from './webhook-schema.ts';

/** A redirect URI that a provider can be told. */
export const redirectUri = v.pipe(
  url,
  v.check((value) => {
    // Asked of what is no URL too, of which it says nothing.
    const { hostname, port } = URL.parse(value) ?? {};
    return hostname !== 'localhost' || port !== '' || value.startsWith('https:');
  }, 'a port with localhost (a loopback IP without a port takes any free one)'),
  published({ not: { pattern: '^http://localhost(?:[/?]|$)' } }),
);
const path = matching(/^\/(?!\/)[^\s#\\]*$/, 'a path that begins with one slash');
/** The id of a provider, built in or not. */
export const providerId = v.pipe(
  matching(PROVIDER_ID_PATTERN, 'a lower-case letter, then up to 31 lower-case letters, digits and hyphens'),
  v.check((id) => !reserved.has(id), 'another name: this one is reserved'),
  published({ not: { enum: [...reserved] } }),
);
const streamName = matching(/^[a-z][a-z0-9_-]{0,63}$/, 'lower-case letters, digits, hyphens and underscores');
/** lwi fills these itself; a credential in the config file would be one outside the vault. */
const ownHeaders = new Set(['authorization', 'cookie', 'host', 'content-length', 'transfer-encoding', 'connection']);
/** A pattern for a name in any case: patterns of JSON Schema have no flags. */
const anyCase = (name: string) => name.replace(/[a-z]/g, (letter) => `[${letter}${letter.toUpperCase()}]`);
const apiHeader = v.pipe(
  header,
  v.check((name) => !ownHeaders.has(name.toLowerCase()), 'another header: lwi sets this one itself'),
  published({ not: { pattern: `^(?:${[...ownHeaders].map(anyCase).join('|')})$` } }),
);

const oauth: Schema<OAuthDefinition> = object({
  grant: optional(oneOf(['authorization_code', 'client_credentials', 'password', 'device_code'])),
  issuer: optional(endpoint),
  authorizationEndpoint: optional(endpoint),
  tokenEndpoint: optional(endpoint),
  revocationEndpoint: optional(endpoint),
  deviceAuthorizationEndpoint: optional(endpoint),
  clientAuthentication: optional(oneOf(['basic', 'body', 'none'])),
  pkce: optional(flag),
  scopes: optional(v.array(text, 'a list of scopes')),
  scopeSeparator: optional(text),
  redirectUri: optional(redirectUri),
  authorizationParameters: optional(record(text, v.string('text'))),
  externalId: optional(object({ from: oneOf(['callback', 'token', 'idToken']), name: text })),
});

const api: Schema<ApiDefinition> = object({
  baseUrl,
  headers: optional(record(apiHeader, headerValue)),
  probe: optional(path),
  requestIdHeader: optional(header),
});

const limit: Schema<LimitDefinition> = object({
  name: optional(matching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'letters, digits and ._-')),
  permits: optional(count(1_000_000_000)),
  perMs: optional(count(31 * 24 * 3_600_000)),
  burst: optional(count(1_000_000)),
  concurrency: optional(count(10_000)),
});

const pageSize = { sizeParameter: optional(text), size: optional(count(1_000_000)) };
const FIRST = 'a whole number from 0 up';
const countedPage = {
  ...pageSize,
  parameter: text,
  first: optional(v.pipe(v.number(FIRST), v.integer(FIRST), v.minValue(0, FIRST))),
  next: optional(text),
};
const page: Schema<PageDefinition> = v.pipe(
  anObject,
  v.variant(
    'type',
    [
      v.strictObject({ type: v.literal('cursor'), ...pageSize, parameter: text, next: text, more: optional(text) }),
      v.strictObject({ type: v.literal('offset'), ...countedPage }),
      v.strictObject({ type: v.literal('page'), ...countedPage }),
      v.strictObject({ type: v.literal('link'), ...pageSize }),
      v.strictObject({ type: v.literal('none') }),
    ],
    'one of cursor, offset, page, link, none',
  ),
);

const columnName = v.pipe(
  matching(/^[a-z][a-z0-9_]{0,62}$/, 'lower-case letters, digits and _'),
  v.check((name) => !VIEW_COLUMNS.includes(name), 'another name: every view has a column of this name'),
  published({ not: { enum: VIEW_COLUMNS } }),
);
/** SQLite takes no more than 2000 columns (https://www.sqlite.org/limits.html), and nobody reads so many. */
const MOST_COLUMNS = 500;
const columns = v.pipe(
  record(columnName, text),
  v.check((all) => Object.keys(all).length <= MOST_COLUMNS, `at most ${MOST_COLUMNS} columns`),
  published({ maxProperties: MOST_COLUMNS }),
);

const stream: Schema<StreamDefinition> = object({
  name: streamName,
  path,
  items: optional(v.string('a dotted path')),
  id: optional(text),
  updatedAt: optional(text),
  deleted: optional(text),
  columns: optional(columns),
  since: optional(object({ parameter: text, format: optional(oneOf(['iso', 'epoch', 'epochMs', 'date'])) })),
  page: optional(page),
});

const named = (all: readonly { readonly name?: string }[]) => new Set(all.map(({ name }) => name)).size === all.length;

/** A provider of the user's own. */
export const providerFile: Schema<ProviderFile> = object({
  $schema: optional(v.string('text')),
  id: providerId,
  title: optional(text),
  oauth: optional(oauth),
  api,
  limits: optional(
    v.pipe(
      v.array(limit, 'a list of limits'),
      v.check((all) => named(all), 'limits with different names'),
    ),
  ),
  streams: optional(
    v.pipe(
      v.array(stream, 'a list of streams'),
      v.check((all) => named(all), 'streams with different names'),
    ),
  ),
  webhook: optional(webhook),
});
