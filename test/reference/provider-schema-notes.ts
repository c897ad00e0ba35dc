/** What each member of a provider definition means: shown by editors, and in the table of docs/adding-a-provider.md. Paths as jq writes them. */
export const PROVIDER_NOTES: Readonly<Record<string, string>> = {
  $schema: 'where the JSON Schema of this file is, for your editor; lwi does not read it',
  id: 'a lower-case letter, then up to 31 lower-case letters, digits and hyphens; the word on the command line and in `LWI_<ID>_…`',
  title: 'for people; default: the id',
  oauth: 'absent: the provider takes tokens that you bring, by `lwi connect <id> --with-token`',
  'oauth.grant':
    '`authorization_code` (default), `device_code`, `client_credentials` or `password`; see [grants](#grants)',
  'oauth.issuer':
    'what the definition leaves out comes from its metadata (RFC 8414, OpenID Connect). Written exactly as the issuer writes itself, slash at the end included',
  'oauth.authorizationEndpoint':
    'where the person approves; goes before that of the metadata, as the other endpoints do',
  'oauth.tokenEndpoint': 'where codes, refresh tokens and credentials are exchanged',
  'oauth.revocationEndpoint':
    'where a token is given up (RFC 7009); without one, `lwi disconnect` forgets the tokens here only',
  'oauth.deviceAuthorizationEndpoint': 'where a device asks for its code (RFC 8628)',
  'oauth.clientAuthentication':
    '`basic`, `body`, or `none` for a public client, which has no secret. Absent: `basic`, or `body` where the metadata announces that and not Basic',
  'oauth.pkce': 'default: yes with `authorization_code`',
  'oauth.scopes': 'what is asked for',
  'oauth.scopeSeparator': 'what stands between scopes; default: a blank',
  'oauth.redirectUri':
    'default `http://127.0.0.1/callback`: any free port. With a port: that one. An https one: a relay, or a page whose address is pasted',
  'oauth.authorizationParameters': 'added to the address that the person opens, or to the request for a device code',
  'oauth.externalId': 'where the provider says which company it is',
  'oauth.externalId.from':
    '`callback` (a parameter of the redirect), `token` (the token answer) or `idToken` (a claim)',
  'oauth.externalId.name': 'name of the parameter, or dotted path in the answer or the claims',
  api: 'where records are read',
  'api.baseUrl': 'what the paths of streams and of `lwi api` are appended to',
  'api.headers': 'sent with every request; none that carries a credential',
  'api.probe': 'path of a cheap read that proves the token; default: the path of the first stream, else `/`',
  'api.requestIdHeader': 'header of an answer that support asks for; default `x-request-id`',
  limits:
    'every request counts against all of them. Default: 60 a minute, 5 at once, 2 in flight. Each with another name',
  'limits[].name': 'shown by `lwi limits`',
  'limits[].permits': 'most requests in `perMs`',
  'limits[].perMs': 'length of the window, ms',
  'limits[].burst': 'most requests at once',
  'limits[].concurrency': 'most requests in flight',
  streams: 'the kinds of records that are synced. Each with another name',
  'streams[].name': 'the entity on the command line, a plural noun',
  'streams[].path': 'below the base URL; may hold a fixed query and `{externalId}`',
  'streams[].items': 'dotted path of the list of rows; absent: the answer is the list',
  'streams[].id': 'dotted path in a row; default `id`',
  'streams[].updatedAt':
    'dotted path in a row of the time of its last change: ISO 8601, or seconds or milliseconds since 1970',
  'streams[].deleted': 'dotted path in a row of what says that it is gone: `true`, or a time',
  'streams[].columns': 'columns of the database view: name -> dotted path in a row',
  'streams[].since': 'how to ask for what has changed since a time; absent: every sync reads all',
  'streams[].since.parameter': 'query parameter of the time',
  'streams[].since.format': 'how the time is written: `iso` (default), `epoch` (seconds), `epochMs`, `date`',
  'streams[].page': 'how to get from page to page; absent: there is one page',
  'streams[].page.type':
    '`cursor` (a token in the body names the next page), `offset` (rows to skip), `page` (a number), `link` (a Link header, RFC 8288), `none`',
  'streams[].page.parameter': 'query parameter of the token, offset or number',
  'streams[].page.next':
    'dotted path in the answer. With `cursor`, of the next token. With `offset` and `page`, of what says whether more follows, if anything does: null, false, empty or missing ends, a number is the next one to ask for; without it pages are read until one is empty',
  'streams[].page.more':
    'with `cursor`: dotted path of what says whether more follows, such as `pageInfo.hasNextPage`; for servers that give a token with the last page too',
  'streams[].page.first':
    'with `offset` and `page`: what the first page is called; default 0 for an offset, 1 for a number',
  'streams[].page.sizeParameter': 'query parameter of the number of rows in a page; counts only together with `size`',
  'streams[].page.size': 'rows in a page',
  webhook: 'see [how webhooks are signed](#how-webhooks-are-signed)',
};

/** The same for the members of `webhook`. */
export const WEBHOOK_NOTES: Readonly<Record<string, string>> = {
  scheme:
    '`hmac` (default), or a preset of [the reference](reference/providers.md#webhook-schemes); beside a preset only `idHeader`, `idField`, `typeHeader` and `toleranceMs` may stand',
  algorithm: '`sha256` (default), `sha1`, `sha512`',
  encoding: '`hex` (default; lower case), `base64` (with its padding), `base64url` (with or without)',
  header: 'where the signature is; default `x-signature`',
  prefix: 'what stands in front of the signature, such as `sha256=`',
  prefixOptional: '`true` takes signatures without the `prefix` too',
  separator:
    'what stands between the entries of a header with several; one signature that fits is enough, and entries without the prefix are left alone',
  timestampHeader: 'header of the time of signing',
  timestampPrefix:
    'instead: the time is an entry of the header of the signature that begins so, as in `t=1767607200,v1=…`; needs `separator`',
  timestampUnit: '`s` (default) or `ms`',
  signed:
    'what is signed: a template of `{body}` (once), `{timestamp}`, `{id}`, `{method}`, `{url}` and text; default `{timestamp}.{body}` with a time, else `{body}`. `{url}` is `https://`, the host header and the path with its query, as requested',
  secretEncoding: 'what the secret is: `utf8` (default: the text is the key), `base64`, `hex`',
  secretPrefix: 'taken off the secret before it is decoded, if it is there',
  idHeader: 'header of the event id, by which repeats are dropped',
  idField: 'the same as a dotted path in a JSON body',
  typeHeader: 'header of the kind of event',
  toleranceMs: 'how far the signed time may be from now, both ways; default five minutes',
};

/** The members of the config file beside `providers`. */
export const CONFIG_NOTES: Readonly<Record<string, string>> = {
  $schema: PROVIDER_NOTES['$schema'] ?? '',
  account: 'the tenant where neither `--account` nor `LWI_ACCOUNT` names one; default `default`',
  env: 'the environment where neither `--env` nor `LWI_ENV` names one; default `production`',
  endpoints:
    'by provider: a built-in one pointed at an emulator, a proxy or a recording. An empty endpoint counts as absent',
  'endpoints.*.authorizationEndpoint': 'in place of its own',
  'endpoints.*.tokenEndpoint': 'in place of its own',
  'endpoints.*.revocationEndpoint': 'in place of its own',
  'endpoints.*.apiBaseUrl': 'in place of its own',
  providers: 'by id: providers of your own; each says the id that it stands under',
  redirectUris: 'by provider: the redirect URI that is registered for your app',
  timeouts: 'how long lwi waits, for all providers and for single ones',
  'timeouts.connectMs': 'until a connection stands, ms',
  'timeouts.headersMs': 'until an answer begins, ms',
  'timeouts.bodyMs': 'between two pieces of an answer, ms',
  'timeouts.attemptMs': 'for one attempt in all, ms',
  'timeouts.callMs': 'for all attempts of a call together, ms',
  'timeouts.providers': 'by provider: its own',
  'timeouts.providers.*.connectMs': 'until a connection stands, ms',
  'timeouts.providers.*.headersMs': 'until an answer begins, ms',
  'timeouts.providers.*.bodyMs': 'between two pieces of an answer, ms',
  'timeouts.providers.*.attemptMs': 'for one attempt in all, ms',
  'timeouts.providers.*.callMs': 'for all attempts of a call together, ms',
  retry: 'how often and how fast a call is repeated',
  'retry.attempts': 'tries in all, the first one included',
  'retry.baseDelayMs':
    'longest wait after the first failure, ms; doubled after each further one. No more than `maxDelayMs`',
  'retry.maxDelayMs': 'no computed wait is longer, ms',
  limits: 'by provider: how much of its limits lwi may use',
  'limits.*.share': 'above 0 and up to 1; the rest is left to other programs of the same app',
  database: 'URL of the database, instead of the file in the data directory',
};
