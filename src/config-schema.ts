import * as v from 'valibot';
import type { Config, EndpointOverrides } from './config.ts';
import { describeProblem } from './config-problem.ts';
import { chosenAccount, ENVIRONMENTS } from './connection.ts';
import {
  type ApiDefinition,
  type LimitDefinition,
  type OAuthDefinition,
  type PageDefinition,
  PROVIDER_ID_PATTERN,
  type ProviderFile,
  type StreamDefinition,
  type WebhookDefinition,
} from './providers/generic/definition.ts';
import { isSecureUrl } from './secure-url.ts';
import { PRESET_NAMES } from './webhooks/presets.ts';

/**
 * The schemas of the config and of a provider of the user's own; the only file that loads valibot, and itself loaded only
 * when there is something to check. Each message completes `expected …`.
 */

type Schema<T> = v.GenericSchema<unknown, T>;

// valibot takes arrays for objects; JSON does not.
const isObject = (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value);
const anObject = v.custom<Record<string, unknown>>(isObject, 'an object');
/** Names that are members of every object in JavaScript, or that valibot drops from records. */
const reserved = new Set(['constructor', 'prototype', '__proto__']);

const object = <const Entries extends v.ObjectEntries>(entries: Entries) => v.pipe(anObject, v.strictObject(entries));
const optional = v.exactOptional;
const oneOf = <const Options extends readonly string[]>(options: Options) =>
  v.picklist(options, `one of ${options.join(', ')}`);
const text = v.pipe(v.string('text'), v.nonEmpty('text that is not empty'));
const matching = (pattern: RegExp, what: string) => v.pipe(v.string(what), v.regex(pattern, what));
const checked = (check: (value: string) => boolean, what: string) => v.pipe(v.string(what), v.check(check, what));
const count = (most: number) => {
  const what = `a whole number from 1 to ${most}`;
  return v.pipe(v.number(what), v.integer(what), v.minValue(1, what), v.maxValue(most, what));
};
const isAccount = (value: string) => {
  try {
    return value !== '' && chosenAccount(value) === value;
  } catch {
    return false;
  }
};
const flag = v.boolean('true or false');

const SECURE = 'an https URL (http on loopback hosts only), without user name, password or fragment';
const url = checked(isSecureUrl, SECURE);
const endpoint = checked((value) => value === '' || isSecureUrl(value), SECURE);
const baseUrl = checked((value) => isSecureUrl(value) && !value.includes('?'), `${SECURE}, and without a query`);
const baseUrlOverride = checked((value) => value === '' || (isSecureUrl(value) && !value.includes('?')), SECURE);
const redirectUri = v.pipe(
  url,
  v.check((value) => {
    const { hostname, port } = new URL(value);
    return hostname !== 'localhost' || port !== '' || value.startsWith('https:');
  }, 'a port with localhost (a loopback IP without a port takes any free one)'),
);
const path = matching(/^\/(?!\/)[^\s#\\]*$/, 'a path that begins with one slash');
const providerId = v.pipe(
  matching(PROVIDER_ID_PATTERN, 'a lower-case letter, then up to 31 lower-case letters, digits and hyphens'),
  v.check((id) => !reserved.has(id), 'another name: this one is reserved'),
);
const streamName = matching(/^[a-z][a-z0-9_-]{0,63}$/, 'lower-case letters, digits, hyphens and underscores');
const HEADER = 'a header name';
const header = matching(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, HEADER);
const headerValue = matching(/^[\x20-\x7e]*$/, 'printable ASCII');
/** lwi fills these itself; a credential in the config file would be one outside the vault. */
const ownHeaders = new Set(['authorization', 'cookie', 'host', 'content-length', 'transfer-encoding', 'connection']);
const apiHeader = v.pipe(
  header,
  v.check((name) => !ownHeaders.has(name.toLowerCase()), 'another header: lwi sets this one itself'),
);

/** A record whose keys are checked and where none is dropped. */
const record = <const Value extends v.GenericSchema>(key: v.GenericSchema<string, string>, value: Value) =>
  v.pipe(
    anObject,
    v.check((entries) => Object.keys(entries).every((name) => !reserved.has(name)), 'no reserved names'),
    v.record(key, value),
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
      v.strictObject({ type: v.literal('cursor'), ...pageSize, parameter: text, next: text }),
      v.strictObject({ type: v.literal('offset'), ...countedPage }),
      v.strictObject({ type: v.literal('page'), ...countedPage }),
      v.strictObject({ type: v.literal('link'), ...pageSize }),
      v.strictObject({ type: v.literal('none') }),
    ],
    'one of cursor, offset, page, link, none',
  ),
);

const stream: Schema<StreamDefinition> = object({
  name: streamName,
  path,
  items: optional(v.string('a dotted path')),
  id: optional(text),
  updatedAt: optional(text),
  deleted: optional(text),
  since: optional(object({ parameter: text, format: optional(oneOf(['iso', 'epoch', 'epochMs', 'date'])) })),
  page: optional(page),
});

const named = (all: readonly { readonly name?: string }[]) => new Set(all.map(({ name }) => name)).size === all.length;

const webhook: Schema<WebhookDefinition> = v.pipe(
  object({
    scheme: optional(oneOf(PRESET_NAMES)),
    algorithm: optional(oneOf(['sha1', 'sha256', 'sha512'])),
    encoding: optional(oneOf(['hex', 'base64', 'base64url'])),
    header: optional(header),
    prefix: optional(headerValue),
    timestampHeader: optional(header),
    signed: optional(v.string('a template')),
    idHeader: optional(header),
    toleranceMs: optional(count(31 * 24 * 3_600_000)),
  }),
  v.check(
    ({ scheme = 'hmac', idHeader: _id, toleranceMs: _tolerance, ...rest }) =>
      scheme === 'hmac' || Object.keys(rest).length === 0,
    'nothing beside scheme, idHeader and toleranceMs, because the preset settles the rest',
  ),
  v.check(({ signed = '{body}' }) => signed.split('{body}').length === 2, '`signed` to hold {body} exactly once'),
  v.check(
    ({ signed = '' }) => !/\{(?!timestamp\}|id\}|body\})/.test(signed),
    '`signed` to hold no placeholder but {timestamp}, {id} and {body}',
  ),
  v.check(
    ({ signed, timestampHeader }) =>
      signed === undefined || signed.includes('{timestamp}') === (timestampHeader !== undefined),
    '`timestampHeader` and {timestamp} in `signed` together: a time that is not signed protects from nothing',
  ),
  v.check(
    ({ signed = '', idHeader }) => idHeader !== undefined || !signed.includes('{id}'),
    '`idHeader`, because `signed` holds {id}',
  ),
);

const providerFile: Schema<ProviderFile> = object({
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

const endpoints: Schema<EndpointOverrides> = object({
  authorizationEndpoint: optional(endpoint),
  tokenEndpoint: optional(endpoint),
  revocationEndpoint: optional(endpoint),
  apiBaseUrl: optional(baseUrlOverride),
});

const providers: Schema<Readonly<Record<string, ProviderFile>>> = v.pipe(
  record(providerId, providerFile),
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed) return;
    for (const [key, value] of Object.entries(dataset.value)) {
      if (value.id === key) continue;
      const at = (input: object, of: string, to: unknown) =>
        ({ type: 'object', origin: 'value', input: input as Record<string, unknown>, key: of, value: to }) as const;
      addIssue({
        message: `"${key}", the name it stands under`,
        path: [at(dataset.value, key, value), at(value, 'id', value.id)],
      });
    }
  }),
);

const config: Schema<Config> = object({
  account: optional(checked(isAccount, 'an account id: letters, digits and ._@-')),
  env: optional(oneOf(ENVIRONMENTS)),
  endpoints: optional(record(providerId, endpoints)),
  providers: optional(providers),
  redirectUris: optional(record(providerId, redirectUri)),
  database: optional(text),
});

/** A value that fits, or what does not, one sentence each: `providers.acme.oauth.grant: expected one of …`. */
export type Checked<T> = { readonly value: T } | { readonly problems: readonly string[] };

/** Checks a whole config. */
export function checkConfig(value: unknown): Checked<Config> {
  return check(config, value);
}

/** Checks one provider definition. */
export function checkProviderFile(value: unknown): Checked<ProviderFile> {
  return check(providerFile, value);
}

function check<T>(schema: Schema<T>, value: unknown): Checked<T> {
  const result = v.safeParse(schema, value);
  return result.success ? { value: result.output } : { problems: result.issues.map(describeProblem) };
}
